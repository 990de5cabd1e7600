"""The network files are what the manifest says, and a missing or damaged one says how to mend it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ergo.errors import ModelError
from ergo.pose.models import MANIFEST, MODELS_DIR, model_path, read_manifest
from ergo.pose.settings import PRESETS
from ergo.types import QUALITIES

NAME = "pose_landmarker_lite.task"


def folder_with(tmp_path: Path, content: bytes | None) -> Path:
    shutil.copy(MODELS_DIR / MANIFEST, tmp_path)
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("name", sorted(read_manifest()))
def test_the_files_are_the_ones_listed(name: str) -> None:
    assert model_path(name) == MODELS_DIR / name
    assert read_manifest()[name] in (MODELS_DIR / "LICENSE").read_text()


def test_every_preset_has_its_model() -> None:
    assert set(PRESETS) == set(QUALITIES)
    assert {f"pose_landmarker_{p.model}.task" for p in PRESETS.values()} <= set(read_manifest())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="missing") as caught:
        model_path(NAME, folder_with(tmp_path, None))
    assert "pose_models.py" in caught.value.hint


def test_one_changed_byte(tmp_path: Path) -> None:
    content = bytearray((MODELS_DIR / NAME).read_bytes())
    content[len(content) // 2] ^= 1
    with pytest.raises(ModelError, match="damaged") as caught:
        model_path(NAME, folder_with(tmp_path, bytes(content)))
    assert "pose_models.py" in caught.value.hint


@pytest.mark.parametrize("manifest", [None, "", "[]", json.dumps({"sha256": 3}), "{"])
def test_a_manifest_that_is_none(tmp_path: Path, manifest: str | None) -> None:
    if manifest is not None:
        (tmp_path / MANIFEST).write_text(manifest)
    with pytest.raises(ModelError, match=r"missing|damaged"):
        model_path(NAME, tmp_path)


def test_an_unknown_model() -> None:
    with pytest.raises(ModelError, match="not known"):
        model_path("pose_landmarker_giant.task")
