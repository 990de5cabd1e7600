"""Lines of the log: readable, parsable, and without secrets."""

import json
import logging

import pytest

from ergo.config import Settings
from ergo.logs import REMOVED, set_up_logs

JOB = "ab" * 16
CANARY = "canary-4711"


@pytest.fixture
def lines(capsys, tmp_path):
    """Sets the logs up with canaries for secrets, and gives what was written since."""
    before = logging.root.handlers[:], logging.root.level, logging.getLogger("ergo").level

    def set_up(log_format="json", job_id=""):
        (tmp_path / "secret.key").write_text(f"{CANARY}-key\n")
        settings = Settings(
            data_dir=tmp_path, log_format=log_format, runpod_api_key=f"{CANARY}-runpod",
            s3_secret_access_key=f"{CANARY}-s3", _env_file=None,
        )  # fmt: skip
        set_up_logs(settings, job_id)

        def read():
            return capsys.readouterr().err.splitlines()

        return read

    yield set_up
    logging.root.handlers[:], level, own = before[0], before[1], before[2]
    logging.root.setLevel(level)
    logging.getLogger("ergo").setLevel(own)


def test_json_lines_name_the_job(lines):
    read = lines()
    logging.getLogger("ergo.jobs").warning("attempt %d of job %s ended", 2, JOB)
    (line,) = read()
    said = json.loads(line)
    assert said["job"] == JOB and said["level"] == "warning" and said["logger"] == "ergo.jobs"
    assert said["message"] == f"attempt 2 of job {JOB} ended"


def test_lines_of_a_worker_name_its_job(lines):
    read = lines(job_id=JOB)
    logging.getLogger("ergo.video").info("opened")
    assert json.loads(read()[0])["job"] == JOB


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_is_written(lines, log_format):
    read = lines(log_format)
    log = logging.getLogger("ergo.storage")
    log.error("key %s refused", f"{CANARY}-s3")
    log.error("GET /a?X-Amz-Credential=%s/2026&X-Amz-Signature=%s&part=3", CANARY, CANARY)
    log.error("Authorization: Bearer %s", CANARY)
    try:
        raise RuntimeError(f"signed with {CANARY}-key, sent {CANARY}-runpod")
    except RuntimeError:
        log.exception("broke")
    text = "\n".join(read())
    assert CANARY not in text
    assert text.count(REMOVED) == 6
    assert "part=3" in text and "RuntimeError" in text


def test_a_line_stays_a_line(lines):
    read = lines()
    logging.getLogger("ergo").warning("a name with a\nline break and %s", "\u202eleft")
    assert len(read()) == 1
