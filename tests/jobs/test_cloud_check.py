"""`python -m ergo cloud check` with a real worker loop, and what it says when something is wrong."""

from fleet_places import KEY, a_cloud, served, worker_loops
from pydantic import SecretStr

from ergo.cli import main
from ergo.jobs.cloud_check import check_endpoint
from ergo.jobs.runpod_client import RunPodClient


def test_a_good_endpoint_is_proven_by_a_worker(tmp_path, monkeypatch, capsys):
    cloud = a_cloud()
    with served(cloud) as address, worker_loops(cloud, address, 1, tmp_path / "data"):
        for name, value in {"API": f"{address}/v2", "ENDPOINT_ID": "local", "API_KEY": KEY}.items():
            monkeypatch.setenv(f"RUNPOD_{name}", value)
        assert main(["cloud", "check"]) == 0
    said = capsys.readouterr().out
    assert said.count("ok  ") == 3 and "store local" in said


def checked(address, **client_options):
    options = {"key": KEY} | client_options
    with RunPodClient("local", SecretStr(options["key"]), api=f"{address}/v2", sleep=lambda _: None) as client:
        return list(check_endpoint(client, "24 GB", patience_s=0.5, poll_s=0.05))


def test_a_wrong_key_and_an_endpoint_without_workers_are_told():
    with served(a_cloud(workers=0)) as address:
        good, said = checked(address, key="wrong")[-1]
        assert not good and "RUNPOD_API_KEY" in said
        found = checked(address)
        assert "no workers" in found[1][1] and not found[-1][0] and "No worker did the job" in found[-1][1]


def test_what_is_missing_in_the_settings_is_named(monkeypatch, capsys):
    for name in ("RUNPOD_API_KEY", "RUNPOD_ENDPOINT_ID"):
        monkeypatch.delenv(name, raising=False)
    assert main(["cloud", "check"]) == 2
    assert "RUNPOD_API_KEY" in capsys.readouterr().err
