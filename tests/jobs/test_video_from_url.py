"""A job on a video from the web: fetched by the worker, kept like an upload, refused like one."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest
from job_places import opened

from ergo.errors import VideoTooLarge, VideoUnreachable
from ergo.jobs.ledger import Ledger
from ergo.jobs.pulse import PulseSettings
from ergo.jobs.segments import Patience
from ergo.jobs.wire import Claim
from ergo.jobs.worker import Worker
from ergo.types import AnalysisSettings
from ergo.video.web import PUBLIC, Reach

CLIP = Path(__file__).parents[2] / "assets" / "examples" / "lift_squat.mp4"
NEAR = Reach(allows=lambda address: address.is_loopback)


@contextmanager
def serving_clip():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CLIP.read_bytes())

        def log_message(self, format, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/Halle%203.mp4?sig=1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def look(footage, plan, number, folder, options, report):
    video = footage.whole()
    (folder / "0.npz").write_text(json.dumps({"bytes": video.stat().st_size, "name": video.name}))


def finish(plan, folder, out_dir, settings, options, clock):
    out_dir.mkdir()
    (out_dir / "result.json").write_bytes((folder / "0.npz").read_bytes())


SEEN_SIZE = SimpleNamespace(plan=lambda *_: b"one", pieces=lambda _: 1, look=look, finish=finish)


def run(services, job_id, reach):
    ledger = Ledger(services.store)
    assert ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))
    worker = Worker(
        ledger=ledger,
        work=SEEN_SIZE,
        settings=services.settings,
        pulse=PulseSettings(),
        patience=Patience(),
        reach=reach,
    )
    return worker.run_attempt(job_id, 1)


def test_the_worker_fetches_the_video_and_keeps_it(tmp_path):
    services = opened(tmp_path)
    with serving_clip() as url:
        job_id = services.jobs.submit_url(url, AnalysisSettings(), owner="ann")
        assert run(services, job_id, NEAR)
    assert services.jobs.result(job_id) == {"bytes": CLIP.stat().st_size, "name": "Halle 3.mp4"}
    status = services.jobs.status(job_id)
    assert status.title == "Halle 3.mp4"
    assert services.store.head(status.video_key).size_bytes == CLIP.stat().st_size
    assert services.uploads.used_bytes("ann") == CLIP.stat().st_size
    services.jobs.delete(job_id)
    assert list(services.store.list("")) == []


def test_a_worker_asks_no_private_address(tmp_path):
    services = opened(tmp_path)
    with serving_clip() as url:
        job_id = services.jobs.submit_url(url, AnalysisSettings())
        assert not run(services, job_id, PUBLIC)
    with pytest.raises(VideoUnreachable, match="private network"):
        services.jobs.result(job_id)


def test_a_video_beyond_the_limit_fails_the_job(tmp_path):
    services = opened(tmp_path, max_upload_gb=0.0001)
    with serving_clip() as url:
        job_id = services.jobs.submit_url(url, AnalysisSettings())
        assert not run(services, job_id, NEAR)
    with pytest.raises(VideoTooLarge):
        services.jobs.result(job_id)
    assert services.store.head(services.jobs.status(job_id).video_key) is None


def test_what_cannot_be_an_address_is_told_at_once(tmp_path):
    services = opened(tmp_path)
    with pytest.raises(VideoUnreachable):
        services.jobs.submit_url("file:///etc/passwd", AnalysisSettings())
    assert list(services.store.list("")) == []
