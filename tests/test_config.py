"""Every option has a description, and .env.example shows every option."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from ergo.config import Settings, variable

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"


def _example_options() -> dict[str, str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    found = (re.fullmatch(r"#?\s*([A-Z][A-Z0-9_]+)=(.*)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def test_example_shows_every_option_and_no_other() -> None:
    expected = {variable(name) for name in Settings.model_fields}
    assert set(_example_options()) == expected


def test_example_carries_each_description() -> None:
    text = " ".join(EXAMPLE.read_text(encoding="utf-8").replace("#", " ").split())
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert " ".join(field.description.split()) in text, name


def test_example_shows_the_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable(name), raising=False)
    shown = {name: value for name, value in _example_options().items() if value}
    written = tmp_path / "options.env"
    written.write_text("\n".join(f"{name}={value}" for name, value in shown.items()), encoding="utf-8")
    assert Settings(_env_file=written) == Settings(_env_file=None)  # pyright: ignore[reportCallIssue]


def test_environment_wins_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tmp_path / "options.env"
    written.write_text("ERGO_PORT=1234\nERGO_PART_MIB=8\n", encoding="utf-8")
    monkeypatch.setenv("ERGO_PORT", "4321")
    settings = Settings(_env_file=written)  # pyright: ignore[reportCallIssue]
    assert (settings.port, settings.part_mib) == (4321, 8)


def test_impossible_option_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERGO_PORT", "70000")
    with pytest.raises(ValidationError, match="port"):
        Settings()


def test_what_belongs_to_a_cloud_goes_by_the_name_people_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORAGE_PROVIDER", "r2")
    monkeypatch.setenv("R2_BUCKET_NAME", "videos")
    monkeypatch.setenv("R2_SECRET_ACCESS_KEY", "very secret")
    monkeypatch.setenv("R2_ENDPOINT", "")
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue]
    assert (settings.storage_provider, settings.r2_bucket_name, settings.r2_endpoint) == ("r2", "videos", None)
    assert "very secret" not in repr(settings)


def test_signing_key_is_made_once(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", secret=None)
    assert settings.signing_key() == settings.signing_key()
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o077 == 0
