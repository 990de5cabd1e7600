import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from job_places import QUICK, ended, eventually, is_running, opened, submit, traces, upload, worker_pid

from ergo.jobs.ledger import Ledger
from ergo.jobs.pulse import Pulse, PulseSettings
from ergo.jobs.wire import Claim
from ergo.types import AnalysisSettings, Progress


@pytest.fixture(autouse=True)
def _workers_find_the_analysis(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


@pytest.fixture
def places(tmp_path):
    """Opens services on one folder; at the end all are stopped, and no worker is left."""
    made = []

    def place(**options):
        made.append(opened(tmp_path / "data", **options))
        return made[-1]

    yield place
    for services in made:
        services.jobs.stop()
    for services in made:
        for status in services.jobs.recent(limit=100):
            services.jobs.delete(status.job_id)


def test_a_job_runs_to_its_end(places):
    services = places()
    job_id = submit(services, steps=20, step_s=0.1)
    assert services.jobs.status(job_id).queue_position == 1
    services.jobs.start()
    seen = ended(services, job_id)
    assert seen[-1].state == "completed"
    assert seen[-1].progress.fraction == 1.0 and seen[-1].progress.stage == "done"
    fractions = [s.progress.fraction for s in seen]
    numbers = [s.progress.seq for s in seen]
    assert fractions == sorted(fractions) and numbers == sorted(numbers)
    assert any(0 < fraction < 1 for fraction in fractions)
    assert services.jobs.result(job_id)["quality"] == "low"
    assert services.jobs.result_names(job_id) == ["angles.csv", "result.json"]
    ledger = Ledger(services.store)
    eventually(lambda: not ledger.running() and not ledger.queued())
    assert not (services.settings.data_dir / "work" / job_id).exists()


def test_first_come_first_served_and_the_cancelled_left_out(places):
    services = places()
    jobs = [submit(services, name=f"j{n}") for n in range(4)]
    assert [services.jobs.status(j).queue_position for j in jobs] == [1, 2, 3, 4]
    services.jobs.cancel(jobs[1])
    assert services.jobs.status(jobs[1]).state == "cancelled"
    services.jobs.start()
    assert [ended(services, j)[-1].state for j in jobs] == ["completed", "cancelled", "completed", "completed"]
    assert traces(services) == ["j0", "j2", "j3"]
    assert [s.job_id for s in services.jobs.recent()] == jobs[::-1]


def test_two_at_once_when_allowed(places):
    services = places(local_workers=2)
    jobs = [submit(services, name=f"j{n}", steps=2000) for n in range(3)]
    services.jobs.start()
    pids = [worker_pid(services, job_id) for job_id in jobs[:2]]
    assert all(map(is_running, pids))
    assert services.jobs.status(jobs[2]).state == "queued"
    assert services.jobs.status(jobs[2]).queue_position == 1


def test_a_cancelled_job_ends_with_its_children(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, steps=10_000, child=True)
    pid = worker_pid(services, job_id)
    note = services.settings.data_dir / "trace" / "child"
    child = int(eventually(lambda: note.exists() and note.read_text()))
    services.jobs.cancel(job_id)
    assert ended(services, job_id)[-1].state == "cancelled"
    eventually(lambda: not is_running(pid) and not is_running(child))
    eventually(lambda: not (services.settings.data_dir / "work" / job_id).exists())
    services.jobs.cancel(job_id)
    assert services.jobs.status(job_id).state == "cancelled"
    assert Ledger(services.store).attempts(job_id) == 1


def test_cancelling_works_while_nobody_looks(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, steps=10_000)
    pid = worker_pid(services, job_id)
    services.jobs.stop()
    services.jobs.cancel(job_id)
    assert ended(services, job_id)[-1].state == "cancelled"
    eventually(lambda: not is_running(pid))


def test_a_killed_worker_is_replaced(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, steps=60, step_s=0.05)
    pid = worker_pid(services, job_id)
    eventually(lambda: services.jobs.status(job_id).progress.fraction > 0.1)
    os.kill(pid, signal.SIGKILL)
    seen = ended(services, job_id)
    assert seen[-1].state == "completed"
    fractions = [s.progress.fraction for s in seen]
    assert fractions == sorted(fractions)
    assert Ledger(services.store).attempts(job_id) == 2


def test_a_worker_that_stands_still_is_replaced(places):
    services = places(runner_settings=replace(QUICK, hang_s=2.0))
    services.jobs.start()
    job_id = submit(services, steps=40, step_s=0.05)
    pid = worker_pid(services, job_id)
    os.kill(pid, signal.SIGSTOP)
    assert ended(services, job_id)[-1].state == "completed"
    assert not is_running(pid)


def test_a_job_that_always_kills_its_worker_fails_in_the_end(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, end="die")
    last = ended(services, job_id)[-1]
    assert last.state == "failed" and last.error.code == "JobFailed"
    assert "3 times" in last.error.message and "signal 9" in last.error.message
    other = submit(services)
    assert ended(services, other)[-1].state == "completed"


def test_a_restarted_app_finds_its_worker(places):
    before = places()
    before.jobs.start()
    job_id = submit(before, name="a", steps=60, step_s=0.05)
    waiting = submit(before, name="b")
    pid = worker_pid(before, job_id)
    before.jobs.stop()
    after = places()
    after.jobs.start()
    assert ended(after, job_id)[-1].state == "completed"
    assert ended(after, waiting)[-1].state == "completed"
    assert Ledger(after.store).attempts(job_id) == 1
    assert traces(after) == ["a", "b"]
    eventually(lambda: not is_running(pid))


def test_a_restarted_app_replaces_a_worker_that_died_meanwhile(places):
    before = places()
    before.jobs.start()
    job_id = submit(before, steps=40, step_s=0.05)
    pid = worker_pid(before, job_id)
    before.jobs.stop()
    os.kill(pid, signal.SIGKILL)
    after = places()
    after.jobs.start()
    assert ended(after, job_id)[-1].state == "completed"
    assert Ledger(after.store).attempts(job_id) == 2


def test_a_claim_whose_runner_died_before_it_started_a_worker_is_taken_up(places):
    services = places(runner_settings=replace(QUICK, lease_s=0.5))
    job_id = submit(services)
    assert Ledger(services.store).claim(job_id, Claim(attempt=1, runner_id="gone", claimed_s=0.0))
    services.jobs.start()
    assert ended(services, job_id)[-1].state == "completed"
    assert Ledger(services.store).attempts(job_id) == 2


def test_two_apps_on_one_folder_run_each_job_once(places):
    apps = [places(local_workers=2), places(local_workers=2)]
    jobs = [submit(apps[n % 2], name=f"j{n}") for n in range(5)]
    for app in apps:
        app.jobs.start()
    assert {ended(apps[0], j)[-1].state for j in jobs} == {"completed"}
    assert sorted(traces(apps[0])) == [f"j{n}" for n in range(5)]
    assert {Ledger(apps[0].store).attempts(j) for j in jobs} == {1}


def test_an_error_of_the_input_reaches_the_user(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, end="no person")
    error = ended(services, job_id)[-1].error
    assert (error.code, error.message, error.hint) == ("NoPersonFound", "Nobody is in the picture.", "Film the worker.")
    assert Ledger(services.store).attempts(job_id) == 1


def test_a_mistake_is_told_calmly_and_logged(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, end="mistake")
    error = ended(services, job_id)[-1].error
    assert error.code == "JobFailed"
    assert "ZeroDivisionError" not in error.message + error.hint
    assert b"a secret detail" in services.store.get(f"jobs/{job_id}/attempts/1/error.log")


def test_an_analysis_without_result_has_failed(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, end="no result")
    assert ended(services, job_id)[-1].error.code == "JobFailed"


def test_deleting_a_running_job_leaves_nothing(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, steps=10_000)
    pid = worker_pid(services, job_id)
    services.jobs.delete(job_id)
    eventually(lambda: not is_running(pid))
    eventually(lambda: list(services.store.list("")) == [])


def test_a_worker_has_the_settings_but_never_the_secret(places, monkeypatch):
    monkeypatch.setenv("ERGO_SECRET", "hush")
    services = places(max_pixels=1_234_567)
    services.jobs.start()
    job_id = submit(services, end="tell environment")
    assert ended(services, job_id)[-1].state == "completed"
    environment = json.loads((services.settings.data_dir / "trace" / "environment").read_text())
    assert environment["ERGO_MAX_PIXELS"] == "1234567"
    assert "hush" not in environment.values()


def test_scratch_of_jobs_that_ended_while_nobody_looked_is_removed(places):
    services = places()
    job_id = submit(services)
    services.jobs.cancel(job_id)
    scratch = [services.settings.data_dir / "work" / name / "1" for name in (job_id, "0" * 32)]
    for folder in scratch:
        folder.mkdir(parents=True)
    services.jobs.start()
    eventually(lambda: not any(folder.exists() for folder in scratch))


def started_by_hand(services, job_id, *words):
    words = [job_id, "--entry", QUICK.entry, "--poll-s", "0.05", "--heartbeat-s", "0.1", *words]
    env = os.environ | {"ERGO_DATA_DIR": str(services.settings.data_dir)}
    env["PYTHONPATH"] += os.pathsep + str(Path(__file__).parents[2])
    command = [sys.executable, "-m", "ergo.jobs.worker", *words]
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def run_by_hand(services, job_id):
    """How it ended, and what it said."""
    with started_by_hand(services, job_id) as worker:
        _, said = worker.communicate(timeout=60)
    return worker.returncode, said


def test_a_worker_can_be_started_by_hand_and_twice_is_harmless(places):
    services = places()
    job_id = submit(services)
    assert run_by_hand(services, job_id)[0] == 0
    assert services.jobs.status(job_id).state == "completed"
    assert list((services.settings.data_dir / "work" / job_id).iterdir()) == []
    result = services.jobs.result(job_id)
    assert run_by_hand(services, job_id)[0] == 1
    assert services.jobs.result(job_id) == result


def test_an_attempt_that_was_given_to_two_workers_on_one_disk_is_done_by_both(places):
    services = places()
    job_id = submit(services, stand="body")
    trace = services.settings.data_dir / "trace"
    ledger = Ledger(services.store)
    ledger.claim(job_id, Claim(attempt=1, runner_id="by hand", claimed_s=time.time()))
    workers = []
    for count in (1, 2):
        workers.append(started_by_hand(services, job_id, "--attempt", "1", "--poll-s", "60"))  # neither stops the other
        eventually(lambda n=count: len(list(trace.glob("at_*"))) == n)
    (trace / "release").touch()
    assert [worker.communicate(timeout=60) and worker.returncode for worker in workers] == [0, 0]
    assert services.jobs.status(job_id).state == "completed"
    assert ledger.error(job_id) is None
    assert not [info for info in services.store.list(f"jobs/{job_id}/attempts/") if info.key.endswith("error.log")]
    assert "JobNotFound" in run_by_hand(services, "0" * 32)[1]


def test_by_hand_does_not_disturb_a_living_worker(places):
    services = places()
    services.jobs.start()
    job_id = submit(services, steps=10_000)
    worker_pid(services, job_id)
    assert "Another worker" in run_by_hand(services, job_id)[1]
    assert services.jobs.status(job_id).state == "running"
    assert Ledger(services.store).attempts(job_id) == 1


def running_job(services):
    job_id = services.jobs.submit(upload(services), AnalysisSettings())
    ledger = Ledger(services.store)
    assert ledger.claim(job_id, Claim(attempt=1, runner_id="test", claimed_s=0.0))
    return ledger, job_id


def test_a_job_that_takes_too_long_is_stopped(places):
    ledger, job_id = running_job(places())
    told = []
    settings = PulseSettings(poll_s=0.01, timeout_s=0.05)
    with Pulse(ledger, job_id, 1, settings, end_group=told.append):
        eventually(lambda: told)
    assert told[0] == os.getpgrp()
    assert ledger.state(job_id) == "failed"
    assert "longer than" in ledger.error(job_id).message


def test_a_worker_that_was_replaced_stops(places):
    ledger, job_id = running_job(places())
    told = []
    with Pulse(ledger, job_id, 1, PulseSettings(poll_s=0.01), end_group=told.append):
        assert ledger.claim(job_id, Claim(attempt=2, runner_id="other", claimed_s=0.0))
        eventually(lambda: told)
    assert ledger.state(job_id) == "running"


def test_progress_is_written_at_most_once_an_interval(places):
    ledger, job_id = running_job(places())
    written = set()
    with Pulse(ledger, job_id, 1, PulseSettings(poll_s=0.005, progress_s=3600.0)) as pulse:
        for n in range(200):
            pulse.report(Progress(seq=n, stage="video", fraction=n / 200))
            record = ledger.progress(job_id)
            written |= {record.progress.seq} if record else set()
        eventually(lambda: ledger.progress(job_id))
        written.add(ledger.progress(job_id).progress.seq)
    assert len(written) == 1
