"""What stands below the player: moments with their reasons, time in each level, people, files."""

from __future__ import annotations

import re
from html import unescape

import pytest
from result_pages import SIZES, link, made_result, page_of, words_of

from ergo.assess.advice import advice
from ergo.assess.angle_catalogue import ANGLE_BY_ID
from ergo.assess.items import ITEMS
from ergo.assess.reasons import explain
from ergo.types import TaskContext
from ergo.ui import results
from ergo.ui.reasons import reason_words


def test_reasons_say_what_they_cost_and_what_could_help() -> None:
    words = words_of(page_of(made_result()))
    assert "Trunk bent forward 52° 4 without it" in words
    assert advice()["trunk"].text[0] in words
    assert advice()["trunk"].source in words


def test_moment_seeks_and_shows_its_reasons() -> None:
    story = results.story(made_result(), "job1", link, SIZES)
    assert 'data-seek-s="3.210"' in story
    assert "Trunk bent forward 52°" in words_of(story) and "+3" in story
    assert "/ergo/store/moment_1.jpg?sig=a&amp;b=0" in story


def test_a_reason_defines_the_angles_that_it_names() -> None:
    angles = dict.fromkeys(ANGLE_BY_ID, 40.0) | {"neck_flexion": -8.0}
    found: dict[str, set[str]] = {}
    for method in ("rula", "reba"):
        for item in ITEMS[method]:
            text = explain(item.id, "right", angles.__getitem__, TaskContext())
            html = reason_words({"part": item.id, "text": text}, "right")
            assert unescape(re.sub("<.*?>", "", html)) == text
            assert len(re.findall(r"\d+°", text)) <= html.count("data-angle")  # each number is one of an angle
            found[item.id] = set(re.findall(r'data-angle="(\w+)"', html))
    assert found["neck"] == {"neck_flexion", "neck_twist", "neck_side_bend"}
    assert found["lower_arm"] == {"right_elbow_flexion", "right_hand_across_cm", "right_hand_out_cm"}
    assert {"right_shoulder_elevation", "right_shoulder_raised_cm"} <= found["upper_arm"]
    assert found["wrist"] == {"right_wrist_flexion", "right_wrist_deviation"}
    assert found["force"] == set()


def test_a_picture_that_was_not_written_leaves_no_broken_image() -> None:
    story = results.story(made_result(), "job1", link, {})
    assert "<img" not in story


def test_people_are_offered_only_when_there_are_several() -> None:
    result = made_result()
    alone = results.story(result, "job1", link, SIZES)
    assert alone.count("data-person=") == alone.count("data-keep=") == 2  # only to tell two people in one apart
    other = result["person"]["tracks"][0] | {"track_id": 3, "thumbnail": "person_3.jpg"}
    result["person"]["tracks"].append(other)
    story = results.story(result, "job<1>", link, SIZES)
    assert len(re.findall(r'data-person="\d+" data-job', story)) == 1
    assert 'data-person="3" data-job="job&lt;1&gt;"' in story
    assert "analysed here" in story


def test_tracks_of_one_person_can_be_put_together_and_taken_apart() -> None:
    result = made_result()
    tracks = result["person"]["tracks"]
    tracks += [tracks[0] | {"track_id": number, "thumbnail": f"person_{number}.jpg"} for number in (3, 4)]
    result["person"]["track_ids"] = [tracks[0]["track_id"], 3]
    story = results.story(result, "job1", link, SIZES)
    assert re.findall(r'data-mark="(\d+)" checked', story) == [str(tracks[0]["track_id"]), "3"]
    assert 'data-mark="4">' in story
    assert story.count("analysed here") == story.count("this one alone") == 2
    assert story.count("this person instead") == 1
    assert re.search(r'data-action="person" data-marked="person" data-job="job1" disabled', story)


def test_a_part_of_a_track_is_said_and_can_be_cut_again() -> None:
    result = made_result()
    result["settings"] = {"person": {"track_id": 0, "start_s": 2.5, "end_s": None}}
    story = results.story(result, "job1", link, SIZES)
    assert "Analysed here, from 0:02.5" in words_of(story)
    assert "Analyse all of it again" in story
    assert 'data-person="0@2.5-" data-keep="before"' in story


def test_files_are_listed_with_size_and_as_downloads() -> None:
    story = results.story(made_result(), "job1", link, SIZES)
    assert "/ergo/store/preview.mp4?sig=a&amp;b=1" in story and "152 KB" in story
    assert "/ergo/store/all.zip" in story
    assert "angles.csv" not in story


def test_the_bar_is_the_whole_film() -> None:
    story = results.story(made_result(), "job1", link, SIZES)
    for stack in re.findall(r'<div class="stack".*?</div>', story):
        widths = [float(width) for width in re.findall(r"flex-basis:([\d.]+)%", stack)]
        assert sum(widths) == pytest.approx(100, abs=0.01)
