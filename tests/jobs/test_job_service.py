import threading
import time
from dataclasses import replace

import pytest
from job_places import eventually, opened, submit, upload

from ergo.errors import (
    AccessDenied,
    AlreadyExists,
    EmptyFile,
    JobCancelled,
    JobNotFound,
    KeyNotFound,
    NoPersonFound,
    SettingsError,
    UploadRejected,
)
from ergo.jobs.ledger import Entry, Ledger, result_key
from ergo.jobs.wire import Claim, JobErrorInfo, ProgressRecord
from ergo.types import AnalysisSettings, Progress


@pytest.fixture
def services(tmp_path):
    """Not started: the tests play the worker, by the ledger."""
    return opened(tmp_path / "data")


def test_only_a_complete_video_of_the_owner_with_sane_settings_is_taken(services):
    good = upload(services, owner="ann")
    _, missing = services.uploads.single_url("b.mp4", "ann")
    empty = services.uploads.single_url("c.mp4", "ann")[1]
    services.store.put(empty, b"")
    for key, owner, error in (
        (good, "bob", AccessDenied),
        (missing, "ann", UploadRejected),
        (empty, "ann", EmptyFile),
        ("uploads/ann/made-up/source.mp4", "ann", AccessDenied),
    ):
        with pytest.raises(error):
            services.jobs.submit(key, AnalysisSettings(), owner=owner)
    settings = AnalysisSettings()
    object.__setattr__(settings, "quality", "best")
    with pytest.raises(SettingsError):
        services.jobs.submit(good, settings, owner="ann")
    assert list(services.store.list("jobs/")) == []


def test_titles_come_from_the_user_or_the_file(services):
    key = upload(services)
    named = services.jobs.submit(key, AnalysisSettings(), title="  Früh\x00schicht\n ")
    assert services.jobs.status(named).title == "Frühschicht"
    assert services.jobs.status(services.jobs.submit(key, AnalysisSettings())).title == "film.mp4"


@pytest.mark.parametrize("job_id", ["", "x", "0" * 32, "../" * 8, "A" * 32, "0" * 31 + "\n"])
def test_unknown_jobs_are_told(services, job_id):
    jobs = services.jobs
    for call in (jobs.status, jobs.cancel, jobs.result, jobs.delete, jobs.video_url, lambda j: next(jobs.watch(j))):
        with pytest.raises(JobNotFound):
            call(job_id)
    with pytest.raises(JobNotFound):
        jobs.result_url(job_id, "result.json")


def test_results_and_ends(services):
    ledger, jobs = Ledger(services.store), services.jobs
    done, failed, cancelled = (submit(services) for _ in range(3))
    with pytest.raises(KeyNotFound, match="no result yet"):
        jobs.result(done)
    with pytest.raises(KeyNotFound):
        jobs.result_url(done, "all.zip")
    services.store.put(result_key(done, "angles.csv"), b"1")
    assert jobs.status(done).state == "queued"  # result.json has not come yet
    services.store.put(result_key(done, "result.json"), b'{"schema": "ergo.result/1"}')
    assert jobs.status(done).state == "completed"
    assert jobs.result(done) == {"schema": "ergo.result/1"}
    ledger.end_failed(failed, JobErrorInfo(code="NoPersonFound", message="m", hint="h"))
    ledger.end_failed(failed, JobErrorInfo(code="JobFailed", message="later", hint=""))
    with pytest.raises(NoPersonFound, match="m"):
        jobs.result(failed)
    jobs.cancel(cancelled)
    with pytest.raises(JobCancelled):
        jobs.result(cancelled)
    jobs.cancel(done)
    assert jobs.status(done).state == "completed"


def test_links_are_for_result_files_only(services):
    job_id = submit(services)
    services.store.put(result_key(job_id, "result.json"), b"{}")
    services.store.put(f"jobs/{job_id}/secret", b"")
    assert services.jobs.result_url(job_id, "result.json").startswith("/ergo/store/jobs/")
    assert "name=film%20result.json" in services.jobs.result_url(job_id, "result.json", download=True)
    assert "op=zip" in services.jobs.result_url(job_id, "all.zip")
    for name in ("../manifest.json", "../secret", "/etc/passwd", "", ".", "nothing.csv", "a/b", "x" * 200):
        with pytest.raises(KeyNotFound):
            services.jobs.result_url(job_id, name)


def test_recent_jobs_are_the_owner_s_newest_first(services):
    mine = [submit(services, owner="ann") for _ in range(4)]
    theirs = submit(services, owner="bob")
    assert [s.job_id for s in services.jobs.recent("ann", 3)] == mine[:0:-1]
    assert [s.job_id for s in services.jobs.recent("bob", 3)] == [theirs]
    assert [s.job_id for s in services.jobs.recent("ann", 2, before=mine[3])] == mine[2:0:-1]
    assert services.jobs.recent("ann", 2, before=theirs) == []
    services.store.put(f"jobs/{mine[2]}/manifest.json", b"damaged")
    assert [s.job_id for s in services.jobs.recent("ann", 9)] == [mine[3], mine[1], mine[0]]


def test_deleting_a_job_takes_its_video_unless_another_job_needs_it(services):
    key = upload(services)
    first, second = (services.jobs.submit(key, AnalysisSettings()) for _ in range(2))
    services.jobs.delete(first)
    with pytest.raises(JobNotFound):
        services.jobs.status(first)
    assert services.store.head(key) is not None
    services.jobs.delete(second)
    assert list(services.store.list("")) == []


def test_watching_tells_changes_only_and_ends(services):
    ledger, job_id = Ledger(services.store), submit(services)
    collected = []

    def collect():
        for status in services.jobs.watch(job_id, poll_s=0.005):
            collected.append(status)

    def write(seq, fraction):
        progress = Progress(seq=seq, stage="people", fraction=fraction, eta_s=100.0)
        ledger.write_progress(job_id, ProgressRecord(progress=progress, attempt=1, written_s=time.time()))
        eventually(lambda: any(s.progress.seq >= seq for s in list(collected)))

    thread = threading.Thread(target=collect)
    thread.start()
    ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))
    write(1, 0.1)
    write(2, 0.2)
    write(1, 0.1)  # a stale worker: not told
    write(5, 0.5)
    services.store.put(result_key(job_id, "result.json"), b"{}")
    thread.join(20)
    assert not thread.is_alive()
    numbers = [s.progress.seq for s in collected]
    assert numbers == sorted(numbers) and {1, 2, 5, 6} <= set(numbers)
    assert len(collected) <= 8
    assert collected[-1].state == "completed" and collected[-1].progress.fraction == 1.0
    running = [s for s in collected if s.state == "running" and s.progress.eta_s is not None]
    assert all(0 < s.progress.eta_s <= 100 for s in running)


def test_manifests_are_never_overwritten(services):
    ledger = Ledger(services.store)
    manifest = ledger.manifest(submit(services))
    with pytest.raises(AlreadyExists):
        ledger.create(manifest)


def test_an_attempt_is_claimed_once(services):
    ledger, job_id = Ledger(services.store), submit(services)
    claims = [ledger.claim(job_id, Claim(attempt=1, runner_id=str(n), claimed_s=0.0)) for n in range(3)]
    assert claims == [True, False, False]
    assert ledger.attempts(job_id) == 1


def test_entries_sort_by_time():
    entries = [Entry(created_us=us, job_id=f"{us % 7:032x}") for us in (5, 1, 10**15, 999, 10**14)]
    assert [e.created_us for e in sorted(entries, key=lambda e: e.name)] == sorted(e.created_us for e in entries)


def test_an_analysis_is_repeated_from_what_was_seen_where_that_will_do(services):
    ledger, jobs = Ledger(services.store), services.jobs
    first = submit(services, owner="ann")
    low, high = AnalysisSettings(quality="low", camera_pitch_deg=12.0), AnalysisSettings(quality="high")

    def source(settings):
        return ledger.manifest(jobs.submit_again(first, settings, owner="ann")).again_of

    assert source(low) is None  # it has not ended
    services.store.put(result_key(first, "result.json"), b"{}")
    assert source(low) is None  # written before landmarks were kept
    services.store.put(result_key(first, "keypoints.npz"), b"1")
    assert source(low) == first
    assert source(high) is None  # other pictures must be looked at
    assert source(replace(low, blur_faces=False)) is None  # what was kept is blurred
    with pytest.raises(AccessDenied):
        jobs.submit_again(first, low, owner="bob")
    with pytest.raises(JobNotFound):
        jobs.submit_again("0" * 32, low, owner="ann")
    again = jobs.submit_again(first, low, owner="ann")
    assert ledger.manifest(again).video_key == ledger.manifest(first).video_key
    jobs.delete(first)
    assert jobs.status(again).state == "queued"  # its video is still there, and it can look at that
