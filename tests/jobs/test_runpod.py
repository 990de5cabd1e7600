"""Jobs on RunPod, the SDK's real worker loop behind a local server: whatever breaks, every job ends, and rightly."""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from fleet_places import QUICK, a_cloud, fleet, served, worker_loops
from job_places import ended, eventually, is_running, pieces_kept, submit, worker_pid
from s3_proxy import Fault, s3_proxy
from s3_server import s3_server
from webhook_server import listening

from ergo.jobs.ledger import Ledger
from ergo.jobs.submissions import cost_of, submissions


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A cloud with two workers, and services whose jobs it does."""
    folder = tmp_path_factory.mktemp("fleet") / "data"
    cloud = a_cloud(workers=2)
    os.environ["PYTHONPATH"] = str(Path(__file__).parent)
    with served(cloud) as address, worker_loops(cloud, address, 2, folder):
        eventually(lambda: len(cloud.seen) == 2)  # a worker needs a while to start
        services = fleet(folder, address)
        services.jobs.start()
        yield cloud, services, address
        services.jobs.stop()
    del os.environ["PYTHONPATH"]


@pytest.fixture(autouse=True)
def _calm(request):
    if "place" in request.fixturenames:
        cloud = request.getfixturevalue("place")[0]
        cloud.deliveries, cloud.lose_results, cloud.trouble = 1, False, lambda _: None


def angles(services, job_id):
    return services.store.get(f"jobs/{job_id}/result/angles.csv")


def looks(services, job_id):
    """Pieces looked at, each as often as it was."""
    named = [path.name.split("_")[1] for path in (services.settings.data_dir / "trace").glob("piece_*")]
    return Counter(named)


def forget_looks(services):
    for path in (services.settings.data_dir / "trace").glob("piece_*"):
        path.unlink()


def test_a_job_is_done_and_its_answer_names_the_results(place):
    cloud, services, _ = place
    job_id = submit(services, steps=30)
    seen = ended(services, job_id)
    assert seen[-1].state == "completed"
    assert services.jobs.result(job_id)["quality"] == "low"
    (remote,) = submissions(Ledger(services.store), job_id).values()
    answer = eventually(lambda: cloud.jobs[remote.remote_id].output)
    assert answer == {"job_id": job_id, "state": "completed", "result_key": f"jobs/{job_id}/result/"}
    assert len(json.dumps(answer)) < 2000
    cost = eventually(lambda: cost_of(Ledger(services.store), job_id))
    assert 0 < cost.usd < 0.1 and cost.usd == pytest.approx(0.00019 * cost.gpu_s)
    assert services.jobs.status(job_id).cost == cost
    fractions = [status.progress.fraction for status in seen]
    assert fractions == sorted(fractions)


def test_several_workers_and_deliveries_in_threes_change_nothing(place):
    cloud, services, _ = place
    alone = submit(services, pieces=4)
    assert ended(services, alone)[-1].state == "completed"
    cloud.deliveries = 3
    job_id = submit(services, pieces=4, meet=2)
    assert ended(services, job_id)[-1].state == "completed"
    assert angles(services, job_id) == angles(services, alone)
    assert Ledger(services.store).attempts(job_id) == 1


def test_a_killed_worker_costs_one_piece(place):
    _, services, _ = place
    forget_looks(services)
    job_id = submit(services, pieces=4, hold=2, end="")
    pid = worker_pid(services, job_id)
    eventually(lambda: looks(services, job_id)["2"])
    os.kill(pid, signal.SIGKILL)
    (services.settings.data_dir / "trace" / "release").touch()
    assert ended(services, job_id)[-1].state == "completed"
    assert sum(looks(services, job_id).values()) <= 5
    (services.settings.data_dir / "trace" / "release").unlink()


@pytest.mark.parametrize("stage", ["video", "body", "report"])
def test_a_worker_killed_before_or_after_the_pieces_costs_none(place, stage):
    _, services, _ = place
    forget_looks(services)
    trace = services.settings.data_dir / "trace"
    job_id = submit(services, pieces=3, stand=stage)
    (here,) = eventually(lambda: list(trace.glob("at_*")))
    here.unlink()
    os.kill(int(here.name.removeprefix("at_")), signal.SIGKILL)
    (trace / "release").touch()
    assert ended(services, job_id)[-1].state == "completed"
    (trace / "release").unlink()
    for path in trace.glob("at_*"):
        path.unlink()
    assert angles(services, job_id).count(b"\n") == 2
    assert set(looks(services, job_id).values()) == {1}
    assert Ledger(services.store).attempts(job_id) == 2


def test_a_worker_that_hangs_is_replaced(place):
    _, services, _ = place
    job_id = submit(services, steps=200)
    pid = worker_pid(services, job_id)
    os.kill(pid, signal.SIGSTOP)
    assert ended(services, job_id)[-1].state == "completed"
    assert Ledger(services.store).attempts(job_id) == 2
    eventually(lambda: not is_running(pid))  # its worker is ended, and another one takes its place
    job_id = submit(services, pieces=4, meet=2)
    assert ended(services, job_id)[-1].state == "completed"


def test_the_result_post_may_get_lost(place):
    cloud, services, _ = place
    cloud.lose_results = True
    assert ended(services, submit(services))[-1].state == "completed"


def test_a_cancelled_job_stops_soon_wherever_it_runs(place):
    _, services, _ = place
    job_id = submit(services, steps=100_000)
    pid = worker_pid(services, job_id)
    asked_s = time.monotonic()
    services.jobs.cancel(job_id)
    assert ended(services, job_id)[-1].state == "cancelled"
    eventually(lambda: not is_running(pid))
    assert time.monotonic() - asked_s < 30  # ten on an idle machine; see benchmarks/fleet.py


def test_the_app_may_die_while_a_job_runs(place):
    _, services, address = place
    job_id = submit(services, steps=100)
    worker_pid(services, job_id)
    services.jobs.stop()
    try:
        other = fleet(services.settings.data_dir, address)
        other.jobs.start()
        assert ended(other, job_id)[-1].state == "completed"
        other.jobs.stop()
    finally:
        services.jobs.start()
    assert Ledger(services.store).attempts(job_id) == 1


def test_an_api_that_fails_every_other_time_is_survived(place):
    cloud, services, _ = place
    count = iter(range(10**6))
    cloud.trouble = lambda _: 503 if next(count) % 2 else None
    assert ended(services, submit(services))[-1].state == "completed"


def test_a_job_that_always_kills_its_worker_fails_with_a_reason(place):
    _, services, _ = place
    job_id = submit(services, pieces=2, deadly_piece=1)
    last = ended(services, job_id)[-1]
    assert last.state == "failed" and "3 times" in last.error.message
    eventually(lambda: not pieces_kept(services, job_id))


def test_an_error_of_the_input_reaches_the_user_and_is_not_tried_again(place):
    _, services, _ = place
    job_id = submit(services, end="no person")
    assert ended(services, job_id)[-1].error.code == "NoPersonFound"
    assert Ledger(services.store).attempts(job_id) == 1


def test_a_deleted_video_is_told(place):
    _, services, _ = place
    job_id = submit(services)
    services.store.delete(Ledger(services.store).manifest(job_id).video_key)
    assert ended(services, job_id)[-1].state in ("failed", "completed")  # it may have been read already


def test_an_endpoint_without_workers_is_told_and_given_up(tmp_path):
    cloud = a_cloud(workers=0)
    with served(cloud) as address, listening() as (slack, posts):
        services = fleet(tmp_path / "data", address, alert_slack=slack)
        job_id = submit(services)
        services.jobs.start()
        seen = ended(services, job_id)
        services.jobs.stop()
        eventually(lambda: len(posts) == 2)  # while it waits, and at its end
    assert all("has no workers" in post["text"] for _, post in posts)
    assert any("no workers" in status.progress.message for status in seen)
    assert seen[-1].state == "failed" and seen[-1].error.code == "FleetError"


def test_jobs_that_runpod_forgets_are_submitted_again_three_times_at_most(tmp_path):
    cloud = a_cloud()
    with served(cloud) as address:
        services = fleet(tmp_path / "data", address)
        job_id = submit(services)
        services.jobs.start()
        for count in (1, 2, 3):
            eventually(lambda count=count: len(cloud.jobs) == count)
            eventually(lambda: submissions(Ledger(services.store), job_id))
            for job in cloud.jobs.values():
                job.policy = {"ttl": 0}
        last = ended(services, job_id)[-1]
        services.jobs.stop()
    assert last.state == "failed" and "no longer knows" in last.error.message
    assert len(cloud.jobs) == 3


def asked(cloud):
    """The calls about jobs that are there."""
    return [what for _, what, _ in cloud.calls if what != "run"]


def test_many_viewers_cost_no_more_calls_than_one(tmp_path):
    cloud = a_cloud()
    with served(cloud) as address:
        services = fleet(tmp_path / "data", address)
        job_id = submit(services)
        services.jobs.start()
        began_s = time.monotonic()
        for _ in range(200):
            services.jobs.status(job_id)
        eventually(lambda: len(asked(cloud)) >= 4)
        services.jobs.stop()
        took_s = time.monotonic() - began_s
    assert len(asked(cloud)) <= took_s / QUICK.call_every_s + 1


def test_workers_that_share_nothing_but_a_bucket_do_a_long_job(tmp_path):
    """A real S3 server behind R2's rules, with the app and the workers in folders of their own."""
    with (
        s3_server(tmp_path / "s3") as server,
        s3_proxy(server) as proxy,
        served(cloud := a_cloud(workers=2)) as address,
    ):
        options = proxy.settings()
        environment = {name.upper(): str(value) for name, value in options.items()}
        with worker_loops(cloud, address, 2, tmp_path / "far" / "data", **environment):
            services = fleet(tmp_path / "here", address, **options)
            services.jobs.start()
            job_id = submit(services, pieces=3, meet=2)
            proxy.add(Fault("fail", share=0.05))
            seen = ended(services, job_id)
            proxy.clear()
            services.jobs.stop()
    assert seen[-1].state == "completed"
