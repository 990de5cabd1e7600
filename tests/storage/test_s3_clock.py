"""A machine whose clock is wrong, in front of a real S3 server, which refuses signatures of another time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from wrong_clock import clock_off_by, needs_faketime

USE = """
import json, logging, sys, time
from pathlib import Path
import httpx
from ergo.config import Settings
from ergo.storage.check import check_bucket
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner

logging.basicConfig(level="WARNING", stream=sys.stdout)
store = open_store(Settings(**json.loads(sys.argv[1]), _env_file=None), UrlSigner(b"s"))

def use():
    assert store.head("nothing") is None  # an answer without a body, which does not say what is wrong
    store.put("k", b"mine")
    upload = store.create_multipart("film.mp4", part_size_bytes=5 << 20)
    httpx.put(store.part_url("film.mp4", upload, 1, 3, ttl_s=60), content=b"abc").raise_for_status()
    assert store.complete_multipart("film.mp4", upload).size_bytes == 3
    assert httpx.get(store.get_url("film.mp4", ttl_s=60)).content == b"abc"
    return [store.get(info.key) for info in store.list("")]

print(use())
print(next(finding for finding in check_bucket(store, ()) if finding.name == "clock"))
Path(sys.argv[2]).write_text("+0m")  # somebody sets the clock
print(use())
"""


@needs_faketime
@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_wrong_clock_is_told_and_signatures_are_right_all_the_same(s3, tmp_path: Path, minutes: int) -> None:
    wrong = os.environ | clock_off_by(tmp_path, minutes)
    command = [sys.executable, "-c", USE, json.dumps(s3.settings()), str(tmp_path / "clock")]
    done = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told, used, found, told_again, used_again = done.stdout.splitlines()
    assert "clock is" in told and "set it" in told and "clock is" in told_again
    assert used == used_again == "[b'abc', b'mine']"
    assert "passed=False" in found and f"{'ahead' if minutes > 0 else 'behind'}" in found
