"""A long job in pieces: shared by workers, whoever dies; the results do not tell how many there were."""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import small_analysis
from job_places import QUICK, ended, eventually, is_running, opened, pieces_kept, submit, worker_pid

from ergo.errors import JobFailed
from ergo.jobs.ledger import Ledger
from ergo.jobs.pieces import look_at_some
from ergo.jobs.pulse import PulseSettings
from ergo.jobs.segments import MAX_TAKES, Patience, Segments, beat_worker, clear_segments, helpers
from ergo.jobs.wire import Claim, Heartbeat, JobErrorInfo, ProgressRecord
from ergo.jobs.worker import Worker
from ergo.types import Progress


@pytest.fixture(autouse=True)
def _workers_find_the_analysis(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture
def place(tmp_path):
    made = []

    def open_one(name="data", **options):
        made.append(opened(tmp_path / name, **options))
        return made[-1]

    yield open_one
    for services in made:
        services.jobs.stop()
        for status in services.jobs.recent(limit=100):
            services.jobs.delete(status.job_id)


def looks(services):
    """(piece, process) of every look at a piece, in order of time."""
    folder = services.settings.data_dir / "trace"
    found = sorted((path.name.split("_") for path in folder.glob("piece_*")), key=lambda words: int(words[3]))
    return [(int(piece), int(pid)) for _, piece, pid, _ in found]


def angles(services, job_id):
    return services.store.get(f"jobs/{job_id}/result/angles.csv")


def test_several_processes_share_a_long_job_with_the_result_of_one(place):
    orders = {"pieces": 6, "steps": 5}
    alone, together = place("alone"), place("together", local_workers=3)
    results = []
    for services in (alone, together):
        services.jobs.start()
        job_id = submit(services, **orders, meet=1 if services is alone else 2)
        seen = ended(services, job_id)
        assert seen[-1].state == "completed"
        fractions = [status.progress.fraction for status in seen]
        assert fractions == sorted(fractions)
        results.append(angles(services, job_id))
    assert results[0] == results[1]
    assert len({pid for _, pid in looks(alone)}) == 1
    assert len({pid for _, pid in looks(together)}) > 1
    for services in (alone, together):
        assert sorted(piece for piece, _ in looks(services)) == list(range(6))  # each piece once
        eventually(lambda s=services: not list(s.store.list("running/")))
        assert not [info for info in services.store.list("jobs/") if "/segments/" in info.key]


def test_a_killed_helper_costs_one_piece(place):
    services = place(local_workers=2)
    services.jobs.start()
    job_id = submit(services, pieces=5, meet=2, steps=30)
    helper = eventually(lambda: helpers(Ledger(services.store), job_id))[0]
    eventually(lambda: helper.pid in {pid for _, pid in looks(services)})
    os.kill(helper.pid, signal.SIGKILL)
    assert ended(services, job_id)[-1].state == "completed"
    assert len(looks(services)) <= 6
    assert Ledger(services.store).attempts(job_id) == 1


@pytest.mark.parametrize("fate", ["ended", "deleted"])
def test_a_helper_that_comes_when_all_is_over_looks_at_nothing_and_leaves_nothing(place, fate):
    """Between its start and its first look the job may end, and then no piece is there to show that it was done."""
    services = place()
    job_id, ledger = submit(services, pieces=3), Ledger(services.store)
    plan = json.dumps({"orders": {"pieces": 3}}).encode()
    segments = Segments(ledger, job_id, plan, 3, "late")
    if fate == "ended":
        ledger.end_cancelled(job_id)
    else:
        services.jobs.delete(job_id)
    look_at_some(segments, small_analysis, None, plan, services.settings.data_dir, services.settings, ledger)
    assert not services.settings.data_dir.joinpath("trace").exists()
    assert not pieces_kept(services, job_id)


@pytest.mark.parametrize("fate", ["completed", "deleted"])
def test_what_breaks_because_others_have_cleared_the_job_away_is_no_failure(place, fate):
    """An attempt that is delivered twice is done twice; who comes first takes away what the other still reads."""
    services = place()
    services.settings.data_dir.joinpath("trace").mkdir()
    job_id, ledger = submit(services), Ledger(services.store)
    assert ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))

    def finish(plan, folder, *rest):
        if fate == "completed":
            services.store.put(f"jobs/{job_id}/result/result.json", b"{}")
            clear_segments(ledger, job_id)
        else:
            services.jobs.delete(job_id)
        small_analysis.finish(plan, folder, *rest)

    work = SimpleNamespace(**vars(small_analysis) | {"finish": finish})
    never = PulseSettings(poll_s=600.0)  # a pulse would end this process
    worker = Worker(ledger=ledger, work=work, settings=services.settings, pulse=never, patience=Patience())
    assert worker.run_attempt(job_id, 1)
    left = {info.key.rpartition("/")[2] for info in services.store.list(f"jobs/{job_id}/")}
    assert not left & {"failed.json", "error.log"}


def test_a_killed_leader_costs_one_piece(place):
    services = place()
    services.jobs.start()
    job_id = submit(services, pieces=4, hold=2)
    pid = eventually(lambda: [pid for piece, pid in looks(services) if piece == 2])[0]
    os.kill(pid, signal.SIGKILL)
    (services.settings.data_dir / "trace" / "release").touch()
    assert ended(services, job_id)[-1].state == "completed"
    assert sorted(piece for piece, _ in looks(services)) == [0, 1, 2, 2, 3]


@pytest.mark.parametrize("stage", ["video", "body", "report"])
def test_a_worker_killed_before_or_after_the_pieces_costs_none(place, stage):
    services = place()
    services.jobs.start()
    job_id = submit(services, pieces=3, stand=stage)
    (here,) = eventually(lambda: list((services.settings.data_dir / "trace").glob("at_*")))
    os.kill(int(here.name.removeprefix("at_")), signal.SIGKILL)
    (services.settings.data_dir / "trace" / "release").touch()
    assert ended(services, job_id)[-1].state == "completed"
    assert angles(services, job_id).count(b"\n") == 2
    assert sorted(piece for piece, _ in looks(services)) == [0, 1, 2]
    assert Ledger(services.store).attempts(job_id) == 2


def test_a_worker_killed_while_it_stores_results_leaves_no_half_result(place):
    services = place()
    services.jobs.start()
    job_id = submit(services, more_files=400)
    pid = worker_pid(services, job_id)
    eventually(lambda: "file_0000.bin" in services.jobs.result_names(job_id))
    os.kill(pid, signal.SIGKILL)
    if services.jobs.status(job_id).state != "completed":
        assert "result.json" not in services.jobs.result_names(job_id)
    assert ended(services, job_id)[-1].state == "completed"
    assert len(services.jobs.result_names(job_id)) == 402


def test_what_comes_late_changes_nothing(place):
    """Progress of a worker that was given up for dead, and what a runner notes of a job that has ended."""
    services = place()
    services.jobs.start()
    job_id = submit(services)
    assert ended(services, job_id)[-1].state == "completed"
    before, ledger = services.jobs.result(job_id), Ledger(services.store)
    late = ProgressRecord(progress=Progress(seq=999, stage="people", fraction=0.2), attempt=1, written_s=time.time())
    ledger.write_progress(job_id, late)
    ledger.end_failed(job_id, JobErrorInfo(code="JobFailed", message="late", hint=""))
    ledger.end_cancelled(job_id)
    status = services.jobs.status(job_id)
    assert (status.state, status.progress.fraction, status.error) == ("completed", 1.0, None)
    assert services.jobs.result(job_id) == before


def test_a_helper_that_stands_still_loses_its_piece(place):
    services = place(local_workers=2, runner_settings=replace(QUICK, hang_s=5.0))
    services.jobs.start()
    job_id = submit(services, pieces=4, meet=2, steps=20)
    helper = eventually(lambda: helpers(Ledger(services.store), job_id))[0]
    eventually(lambda: helper.pid in {pid for _, pid in looks(services)})
    os.kill(helper.pid, signal.SIGSTOP)
    assert ended(services, job_id)[-1].state == "completed"
    eventually(lambda: not is_running(helper.pid))


def test_a_piece_that_always_kills_its_worker_fails_the_job(place):
    services = place()
    services.jobs.start()
    job_id = submit(services, pieces=3, deadly_piece=1)
    eventually(lambda: pieces_kept(services, job_id))
    last = ended(services, job_id)[-1]
    assert last.state == "failed" and "3 times" in last.error.message
    eventually(lambda: not pieces_kept(services, job_id))


def test_pieces_may_have_to_be_looked_at_again_by_another_plan(place):
    services = place(local_workers=2)
    services.jobs.start()
    job_id = submit(services, pieces=3, look_twice=True)
    assert ended(services, job_id)[-1].state == "completed"
    assert services.jobs.result(job_id)["look"] == 2


def test_helpers_leave_when_another_job_waits(place):
    services = place(local_workers=2)
    services.jobs.start()
    long = submit(services, name="long", pieces=300, steps=10)
    eventually(lambda: helpers(Ledger(services.store), long))
    short = submit(services, name="short", steps=2)
    assert ended(services, short)[-1].state == "completed"
    assert services.jobs.status(long).state == "running"
    services.jobs.cancel(long)
    assert ended(services, long)[-1].state == "cancelled"
    eventually(lambda: not pieces_kept(services, long))


class Clock:
    """A clock in the place of the time module, which stands still until it is told."""

    def __init__(self):
        self.now_s = 0.0

    def monotonic(self):
        return self.now_s

    time = monotonic


@pytest.fixture
def elsewhere(monkeypatch):
    """The clock of workers that see nothing of each other's processes."""
    clock = Clock()
    monkeypatch.setattr("ergo.jobs.segments.time", clock)
    monkeypatch.setattr("ergo.jobs.segments.is_worker", lambda pid, job_id: None)
    return clock


def test_claims_are_exclusive_and_pass_on_when_a_worker_elsewhere_falls_silent(place, elsewhere):
    services = place()
    job_id = submit(services)
    ledger = Ledger(services.store)
    workers = [Segments(ledger, job_id, b"plan", 1, f"w{n}", Patience(lease_s=30.0)) for n in range(4)]
    for take, worker in enumerate(workers):
        if take == MAX_TAKES:
            continue
        assert worker.take() == 0
        assert worker.take() == 0  # asked again, it goes on with what it has begun
        for other in workers:
            if other is not worker:
                assert other.take() is None  # takes note that the claim's worker is silent
        elsewhere.now_s += 31.0
    with pytest.raises(JobFailed, match="3 times"):
        workers[3].take()


def test_a_piece_of_an_attempt_that_was_given_up_is_free(place, monkeypatch):
    services = place()
    job_id = submit(services)
    ledger = Ledger(services.store)
    monkeypatch.setattr("ergo.jobs.segments.is_worker", lambda pid, job_id: True)  # its process is there, and stopped
    first, second = (Segments(ledger, job_id, b"plan", 1, name) for name in ("first", "second"))
    ledger.claim(job_id, Claim(attempt=1, runner_id="r", claimed_s=0.0))
    beat_worker(ledger, job_id, "first", Heartbeat(attempt=1, beat=1, machine="here", pid=1))
    assert first.take() == 0
    assert second.take() is None
    ledger.claim(job_id, Claim(attempt=2, runner_id="r", claimed_s=1.0))
    assert second.take() == 0


def test_a_worker_that_shows_life_keeps_its_piece(place, elsewhere):
    services = place()
    job_id = submit(services)
    ledger = Ledger(services.store)
    one, other = (Segments(ledger, job_id, b"plan", 1, name, Patience(lease_s=30.0)) for name in ("one", "other"))
    assert one.take() == 0
    for n in range(6):
        beat_worker(ledger, job_id, "one", Heartbeat(attempt=1, beat=n, machine="far", pid=1))
        assert other.take() is None
        elsewhere.now_s += 20.0


def test_a_piece_finished_by_a_worker_that_then_left_is_not_looked_at_again(place, tmp_path, monkeypatch):
    services = place()
    job_id = submit(services)
    ledger = Ledger(services.store)
    one, other = (Segments(ledger, job_id, b"plan", 1, name) for name in ("one", "other"))
    assert one.take() == 0
    survey = other.survey

    def survey_just_before_it_is_done():
        survey()
        if not (tmp_path / "kept").exists():
            (tmp_path / "kept").mkdir()
            (tmp_path / "kept" / "0.npz").write_bytes(b"seen")
            one.keep(0, tmp_path / "kept")

    monkeypatch.setattr(other, "survey", survey_just_before_it_is_done)
    assert other.take() is None  # this process is no worker: its claims are those of one that has gone
    assert other.take() is None and other.all_done
