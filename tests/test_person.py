"""Who is assessed, as people write it and as settings keep it."""

from __future__ import annotations

import pytest

from ergo.errors import SettingsError
from ergo.jobs.wire import check_settings, settings_from
from ergo.person import TrackPart, person_from, person_words, split_at
from ergo.types import AnalysisSettings

PART = TrackPart(track_id=2, start_s=12.5, end_s=20.0)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("2", 2),
        ("2+5", (2, 5)),
        ("2@12.5-20", PART),
        ("2@-12.5", TrackPart(track_id=2, end_s=12.5)),
        ("2@12.5-+5", (TrackPart(track_id=2, start_s=12.5), 5)),
        ("2@-3+2@9-", (TrackPart(track_id=2, end_s=3.0), TrackPart(track_id=2, start_s=9.0))),
    ],
)
def test_a_person_is_read_written_and_kept(text: str, person: object) -> None:
    assert person_from(text) == person
    assert person_words(person_from(text)) == text
    settings = AnalysisSettings(person=person_from(text))
    assert check_settings(settings) == settings  # through JSON and back


@pytest.mark.parametrize("text", ["2@", "2@x-3", "@1-2", "2@1", "-1", "2@-1-2", ""])
def test_what_is_no_person_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="person is"):
        person_from(text)


@pytest.mark.parametrize("text", ["2@20-12.5", "2@3-3", "2+2", "2+2@3-", "2@-5+2@4-", "99999"])
def test_impossible_parts_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="person is"):
        AnalysisSettings(person=person_from(text))
    with pytest.raises(SettingsError, match="person"):
        settings_from({"person": {"track_id": 2, "start_s": "soon"}})


def test_a_person_is_cut_in_two_and_again() -> None:
    assert split_at(2, 12.5, "before") == TrackPart(track_id=2, end_s=12.5)
    after = split_at(2, 12.5, "after")
    assert after == TrackPart(track_id=2, start_s=12.5)
    assert split_at(after, 20, "before") == PART
    assert split_at((TrackPart(track_id=2, end_s=5.0), 7), 9.0, "after") == TrackPart(track_id=7, start_s=9.0)
    with pytest.raises(SettingsError, match="nothing of this person before"):
        split_at(after, 3.0, "before")
