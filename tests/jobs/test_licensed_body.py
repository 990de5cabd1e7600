"""A user's licensed body out of a bucket; the free body in the licensed files' format stands for it."""

import logging

import pytest

from ergo.body.load import FREE_BODY, load_body
from ergo.config import Settings
from ergo.errors import ModelError, SettingsError
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner
from gpu_worker.licensed_body import fetch_bodies


@pytest.fixture
def place(tmp_path):
    def settings(uri):
        return Settings(data_dir=tmp_path / "data", smplx_uri=uri, _env_file=None)

    return settings, open_store(settings(None), UrlSigner(b"k" * 32)), tmp_path


def test_it_is_fetched_once_tried_and_its_hash_noted(place, caplog):
    settings, store, _ = place
    store.put_file("bodies/SMPLX_NEUTRAL.npz", FREE_BODY)
    with caplog.at_level(logging.INFO):
        there = fetch_bodies(settings("bodies"))
    assert load_body(there).name == "smplx" and "SHA-256" in caplog.text
    assert [path.name for path in there.iterdir()] == ["SMPLX_NEUTRAL.npz"]
    store.delete("bodies/SMPLX_NEUTRAL.npz")
    assert fetch_bodies(settings("/bodies/")) == there


def test_what_is_no_body_is_refused_and_not_kept(place):
    settings, store, folder = place
    store.put("bodies/SMPLX_NEUTRAL.npz", b"\x80\x04pickle")
    with pytest.raises(ModelError, match="SMPLX_NEUTRAL"):
        fetch_bodies(settings("bodies"))
    assert not list((folder / "data" / "smplx").iterdir())


def test_wrong_places_are_told(place):
    settings, _, _ = place
    assert fetch_bodies(settings(None)) is None
    with pytest.raises(ModelError, match="no SMPLX_NEUTRAL"):
        fetch_bodies(settings("nowhere"))
    with pytest.raises(SettingsError, match="ERGO_SMPLX_URI"):
        fetch_bodies(settings("https://somewhere/body"))
