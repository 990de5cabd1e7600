"""Who is told what: real servers of webhooks, Slack and mail on this machine, jobs in a real ledger."""

import socket
from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from job_places import QUICK, ended, eventually, opened, submit, upload
from webhook_server import listening

from ergo.config import Settings
from ergo.errors import SettingsError, VideoUnreachable
from ergo.jobs import channels
from ergo.jobs.ledger import Ledger, entry_of
from ergo.jobs.notices import Notices
from ergo.jobs.wire import JobErrorInfo, ProgressRecord
from ergo.types import AnalysisSettings, Progress
from ergo.video.web import Reach

NEAR = Reach(allows=lambda address: address.is_loopback)
BROKE = JobErrorInfo(code="JobFailed", message="It broke; token=abcdef123456.", hint="Again.")


@pytest.fixture
def mailbox():
    mails = []

    class Inbox(Message):
        def handle_message(self, message):
            mails.append(message)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Inbox(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", mails
    controller.stop()


@pytest.fixture
def place(tmp_path):
    services = opened(tmp_path / "data")
    ledger = Ledger(services.store)

    def notices(**options):
        settings = Settings(data_dir=tmp_path / "data", _env_file=None, **options)
        return Notices(ledger, settings, reach=NEAR, pause_s=0.01)

    return services, ledger, notices


def failed(services, ledger, error=BROKE):
    job_id = submit(services)
    ledger.end_failed(job_id, error)
    return job_id


def test_the_operator_hears_of_a_failure_by_slack_and_mail_without_secrets(place, mailbox):
    services, ledger, notices = place
    server, mails = mailbox
    with listening(fail=1) as (address, posts):
        told = notices(
            alert_slack=f"{address}/services/T/B/hush-hush",
            alert_email="me@site.example, you@site.example",
            smtp=server,
        )
        job_id = failed(services, ledger)
        told.ended(job_id)
        told.ended(job_id)
        eventually(lambda: len(posts) == 2 and mails)  # the first post was refused and sent again
    for text in (posts[1][1]["text"], mails[0].get_payload()):
        assert job_id in text and "It broke" in text
        assert "abcdef123456" not in text and "hush-hush" not in text
    assert mails[0]["To"] == "me@site.example, you@site.example" and mails[0]["From"] == "me@site.example"
    assert len(mails) == 1


def test_many_failures_become_one_message_and_a_count(place):
    services, ledger, notices = place
    with listening() as (address, posts):
        told = notices(alert_slack=address)
        for _ in range(5):
            told.ended(failed(services, ledger))
        eventually(lambda: posts)
        told._every_s = 0.0
        told.ended(failed(services, ledger))
        eventually(lambda: len(posts) == 2)
    assert "4 more times" in posts[1][1]["text"]


def test_what_the_user_can_put_right_alone_is_no_alert(place):
    services, ledger, notices = place
    with listening() as (address, posts):
        told = notices(alert_slack=address)
        told.ended(failed(services, ledger, JobErrorInfo(code="NoPersonFound", message="Nobody.", hint="")))
        told.alert("cost", "j", "last")
        eventually(lambda: posts)
    assert [post["text"] for _, post in posts] == ["Ergo: an analysis costs more than the limit. last"]


def test_a_job_that_stands_still_and_one_that_is_dear_are_told_once(place):
    services, ledger, notices = place
    job_id = submit(services)
    entry = entry_of(ledger.manifest(job_id))
    with listening() as (address, posts):
        told = notices(alert_slack=address, alert_stuck_min=0.001, alert_usd=1.0)
        for seq in (1, 2):
            record = ProgressRecord(
                progress=Progress(seq=seq, stage="people", fraction=0.1), attempt=1, written_s=0.0
            )  # fmt: skip
            ledger.write_progress(job_id, record)
            told.watch([entry])
        assert not posts
        eventually(lambda: told.watch([entry]) or posts)
        told.watch([entry])
        for usd in (0.5, 1.5, 2.5):
            told.spent(job_id, usd)
        eventually(lambda: len(posts) == 2)
    assert "has not come on" in posts[0][1]["text"] and "$1.50" in posts[1][1]["text"]


def test_whoever_asked_for_it_is_told_of_the_end_by_the_runner(place, monkeypatch, tmp_path):
    services, _, _ = place
    monkeypatch.setenv("PYTHONPATH", str(__file__.rpartition("/")[0]))
    monkeypatch.setattr("ergo.jobs.services.Notices", lambda ledger, s: Notices(ledger, s, reach=NEAR, pause_s=0.01))
    services = opened(tmp_path / "data", runner_settings=replace(QUICK))
    with listening() as (address, posts):
        settings = AnalysisSettings(quality="low")
        job_id = services.jobs.submit(upload(services), settings, notify_url=f"{address}/done?me=1")
        services.jobs.start()
        assert ended(services, job_id)[-1].state == "completed"
        eventually(lambda: posts)
        services.jobs.stop()
    said = {"job_id": job_id, "state": "completed", "text": f"Ergo: analysis {job_id} completed."}
    assert posts == [("/done?me=1", said)]


def test_a_users_webhook_reaches_no_private_address_and_is_not_led_on(place):
    said = {"text": "x"}
    for url in ("http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://[::1]/", "http://localhost/"):
        with pytest.raises(VideoUnreachable, match="private"):
            channels.post_to_stranger(url, said)
    with listening() as (address, posts), pytest.raises(OSError, match="302"):
        channels.post_to_stranger(f"{address}/elsewhere", said, NEAR)
    assert len(posts) == 1
    services, _, _ = place
    for url in ("file:///etc/passwd", "x", "http://user:pass@host/"):
        with pytest.raises(SettingsError, match="notify_url"):
            services.jobs.submit(upload(services), AnalysisSettings(), notify_url=url)


def test_a_deleted_job_leaves_nothing_behind(place):
    services, _, notices = place
    told = notices(alert_slack="http://127.0.0.1:1/")
    job_id = submit(services)
    services.jobs.delete(job_id)
    told.ended(job_id)
    assert list(services.store.list("")) == []
