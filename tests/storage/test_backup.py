"""A backup gives everything back, says when it cannot, and never overwrites."""

import json

import pytest
from live_store import place_in

from ergo.cli import main
from ergo.errors import StorageError
from ergo.storage.backup import back_up, restore


@pytest.fixture(params=["local", "r2"])
def store(request, tmp_path):
    with place_in(request.param, request, tmp_path) as place:
        place.store.put("jobs/a/manifest.json", b"{}")
        place.store.put("jobs/a/result/result.json", b"all")
        place.store.put("jobs/a/result/angles.csv", b"1,2,3")
        place.store.put("owners/me/1-a", b"")
        place.store.put("uploads/me/1/source.mp4", b"film" * 1000)
        yield place.store


def everything(store):
    return {info.key: store.get(info.key) for info in store.list("")}


@pytest.mark.parametrize("videos", [True, False])
def test_what_was_lost_comes_back_as_it_was(store, tmp_path, videos):
    before = everything(store)
    assert back_up(store, tmp_path / "kept", videos=videos).copied == (5 if videos else 4)
    for prefix in ("jobs/", "owners/", "uploads/"):
        store.delete_prefix(prefix)
    order = []
    restore(store, tmp_path / "kept", tell=order.append)
    assert everything(store) == {key: data for key, data in before.items() if videos or not key.startswith("uploads/")}
    assert order[-1].endswith("result.json")


def test_the_second_backup_copies_what_has_changed(store, tmp_path):
    folder = tmp_path / "kept"
    back_up(store, folder, videos=True)
    store.put("jobs/a/result/angles.csv", b"4,5,6,7")
    store.put("jobs/b/manifest.json", b"{}")
    store.delete("owners/me/1-a")
    copied = []
    assert back_up(store, folder, tell=copied.append).copied == 2
    assert copied == ["jobs/a/result/angles.csv", "jobs/b/manifest.json"]
    assert "owners/me/1-a" not in json.loads((folder / "index.json").read_text())
    assert (folder / "objects/uploads/me/1/source.mp4").is_file()  # kept from the first one


def test_what_is_there_stays_as_it_is(store, tmp_path):
    back_up(store, tmp_path / "kept")
    store.put("jobs/a/result/angles.csv", b"newer")
    store.delete("jobs/a/manifest.json")
    assert restore(store, tmp_path / "kept").copied == 1
    assert store.get("jobs/a/result/angles.csv") == b"newer"


@pytest.mark.parametrize("harm", ["damage", "loss", "path", "index"])
def test_a_damaged_backup_restores_nothing(store, tmp_path, harm):
    folder = tmp_path / "kept"
    back_up(store, folder)
    store.delete_prefix("jobs/")
    path, index = folder / "objects/jobs/a/result/result.json", folder / "index.json"
    if harm == "damage":
        path.write_bytes(b"ALL")
    elif harm == "loss":
        path.unlink()
    elif harm == "path":
        index.write_text(index.read_text().replace("jobs/a/manifest.json", "jobs/../../../x"))
    else:
        index.write_text("[1]")
    with pytest.raises(StorageError):
        restore(store, folder)
    assert not list(store.list("jobs/"))


def test_by_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ERGO_DATA_DIR", str(tmp_path / "data"))
    assert main(["storage", "restore", str(tmp_path / "none")]) == 2
    assert "is no backup" in capsys.readouterr().err
    assert main(["storage", "backup", str(tmp_path / "kept")]) == 0
    assert "0 objects copied" in capsys.readouterr().out
