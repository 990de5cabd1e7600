import os
import time

import pytest
from job_places import opened, submit, upload

from ergo.errors import JobNotFound, KeyNotFound
from ergo.jobs.ledger import Ledger, result_key
from ergo.jobs.retention import Sweeper, expired_on
from ergo.types import AnalysisSettings

HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture
def services(tmp_path):
    return opened(tmp_path / "data", video_hours=48, result_days=90)


def finish(services, job_id, ago_s):
    for name in ("result.json", "keypoints.npz"):
        services.store.put(result_key(job_id, name), b"{}")
    age(services, f"jobs/{job_id}", ago_s)


def age(services, prefix, ago_s):
    for path in (services.store.root / "objects" / prefix).rglob("*"):
        os.utime(path, (time.time() - ago_s,) * 2)


def age_video(services, key, ago_s):
    age(services, key.rpartition("/")[0], ago_s)


def test_a_video_goes_when_the_last_analysis_of_it_ended_long_ago(services):
    key = upload(services, "ann")
    first, second = (services.jobs.submit(key, AnalysisSettings(), owner="ann") for _ in range(2))
    age_video(services, key, 60 * HOUR)
    finish(services, first, 60 * HOUR)
    assert services.sweep().videos == []  # the second still needs it
    finish(services, second, 47 * HOUR)
    assert services.sweep().videos == []
    age(services, f"jobs/{second}", 49 * HOUR)
    assert services.sweep().videos == [key]
    assert list(services.store.list("uploads/")) == []
    assert services.jobs.status(first).state == "completed"
    again = services.jobs.submit_again(first, AnalysisSettings(), owner="ann")  # from what was seen
    assert Ledger(services.store).manifest(again).again_of == first
    with pytest.raises(KeyNotFound, match="deleted"):
        services.jobs.submit_again(first, AnalysisSettings(quality="high"), owner="ann")


def test_a_video_that_nobody_analysed_goes_too(services):
    key = upload(services, "ann")
    assert services.sweep().videos == []
    age_video(services, key, 49 * HOUR)
    assert services.sweep().videos == [key]


def test_a_result_expires_and_its_owner_is_told(services):
    old, young = submit(services, "ann"), submit(services, "ann")
    finish(services, old, 91 * DAY)
    finish(services, young, 89 * DAY)
    assert services.sweep().jobs == [old]
    assert list(services.store.list(f"jobs/{old}/")) == []
    with pytest.raises(JobNotFound):
        services.jobs.status(old)
    assert services.jobs.status(young).state == "completed"
    assert expired_on(services.store, old, "ann") == time.strftime("%Y-%m-%d", time.gmtime())
    assert expired_on(services.store, old, "bob") is None and expired_on(services.store, "x", "ann") is None
    age(services, "gone", 91 * DAY)
    services.sweep()
    assert expired_on(services.store, old, "ann") is None


def test_nothing_that_waits_or_runs_expires(services):
    job_id = submit(services, "ann")
    age(services, "", 400 * DAY)
    swept = services.sweep()
    assert (swept.videos, swept.jobs) == ([], [])
    assert services.jobs.status(job_id).state == "queued"


def test_zero_means_never(tmp_path):
    services = opened(tmp_path / "data", video_hours=0, result_days=0)
    job_id = submit(services, "ann")
    finish(services, job_id, 4000 * DAY)
    age(services, "", 4000 * DAY)
    swept = services.sweep()
    assert (swept.videos, swept.jobs) == ([], [])


def test_deleting_leaves_nothing_and_says_so(services):
    job_id = submit(services, "ann")
    finish(services, job_id, 0)
    assert services.jobs.delete(job_id) == []
    assert list(services.store.list("")) == []


def test_the_sweeper_goes_on_after_an_error():
    seen = []

    def sweep():
        seen.append(1)
        if len(seen) < 3:
            raise OSError("the disk is away")

    sweeper = Sweeper(sweep, every_s=0.01)
    sweeper.start()
    deadline = time.monotonic() + 20
    while len(seen) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    sweeper.stop()
