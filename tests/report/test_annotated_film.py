"""The annotated film is read back with PyAV: same clock, the body or a skeleton where the person is, a line below."""

import re
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from made_analysis import made_camera

from ergo.body.landmarks import Landmark as L
from ergo.body.skinning import full_pose, rotation_matrices, skin
from ergo.geometry.camera import project
from ergo.report.annotated import LIMBS, draw_skeleton, shown_at
from ergo.report.exports import export
from ergo.report.film_body import RISK_TINTS, FilmBody


def frames_of(path):
    with av.open(str(path)) as container:
        return [
            (float(frame.time), frame.to_ndarray(format="rgb24").astype(int)) for frame in container.decode(video=0)
        ]


def person(stored, frame, size):
    """The person's true mask in a picture of (width, height): the whole skin, seen with the camera that filmed it."""
    motion, body = stored.motion, stored.body
    pose = rotation_matrices(full_pose(motion)[frame : frame + 1])
    world = skin(body, body.shaped(motion.betas), pose, motion.transl[frame : frame + 1])[0]
    video = stored.meta["video"]
    camera, _ = made_camera(video["width_px"], video["height_px"])
    seen = world @ camera.T_cam_world[:3, :3].T + camera.T_cam_world[:3, 3]
    pixels = project(seen, camera.K) * size / [video["width_px"], video["height_px"]]
    mask = np.zeros(size[::-1], np.uint8)
    for triangle in np.rint(pixels[body.faces] - 0.5).astype(np.int32):  # whole numbers are the middles of pixels
        cv2.fillConvexPoly(mask, triangle, 1)
    return mask.astype(bool)


def overlap(found, true):
    return (found & true).sum() / (found | true).sum()


def test_the_film_keeps_its_clock_and_shows_the_body_on_the_person_and_scores(stored, tmp_path):
    path = tmp_path / "annotated.mp4"
    export("video", stored, path)
    before, after = frames_of(stored.folder / "preview.mp4"), frames_of(path)
    assert [time for time, _ in after] == pytest.approx([time for time, _ in before], abs=1e-3)
    height, width = before[0][1].shape[:2]
    assert after[0][1].shape == (height + 44, width, 3)
    for place in (3, 15, 33):
        changed = np.abs(after[place][1][:height] - before[place][1]).max(axis=2) > 16
        frame = int(np.argmin(np.abs(stored.motion.timestamps_s - before[place][0])))
        if stored.motion.valid[frame]:
            assert overlap(changed, person(stored, frame, (width, height))) > 0.75  # it is 100 pixels tall
        else:
            assert changed.mean() < 0.001
    assert after[15][1][height:].max() > 180  # words on a dark ground
    assert not np.allclose(after[0][1][height:], after[15][1][height:], atol=20)


@pytest.mark.parametrize("frame", [0, 12, 40])
def test_the_body_covers_the_person_exactly(stored, frame):
    rgb = np.full((480, 640, 3), 255, np.uint8)
    FilmBody(stored).draw(rgb, (frame, frame), 0.0, np.zeros(10, np.uint8))
    assert overlap(rgb.min(axis=2) < 190, person(stored, frame, (640, 480))) > 0.93


def test_the_skeleton_lies_where_the_landmarks_are(stored):
    rgb = np.full((480, 640, 3), 128, np.uint8)
    shown = shown_at(stored, 1.0)
    draw_skeleton(rgb, shown)
    x, y = np.rint(shown.at[[L.LEFT_HIP, L.LEFT_KNEE]].mean(axis=0) * [640, 480]).astype(int)
    changed = np.abs(rgb.astype(int) - 128).max(axis=2)
    assert changed[y - 2 : y + 3, x - 2 : x + 3].max() > 40
    assert np.median(changed) == 0


def test_the_body_has_the_colours_of_the_page_and_is_drawn_between_frames(stored):
    page = (Path(__file__).parents[2] / "assets" / "viewer" / "risk.js").read_text(encoding="utf-8")
    assert [float(tint) for tint in re.findall(r"tint: ([\d.]+)", page)] == list(RISK_TINTS)
    drawer = FilmBody(stored)
    pictures = []
    for frames, part, step in (((10, 11), 0.0, 0), ((10, 11), 0.5, 0), ((10, 11), 1.0, 0), ((10, 11), 0.0, 4)):
        rgb = np.full((240, 320, 3), 200, np.uint8)
        drawer.draw(rgb, frames, part, np.full(10, step, np.uint8))
        pictures.append(rgb.astype(int))
    start, middle, end, high = pictures
    away = [np.abs(picture - start).sum() for picture in (middle, end)]
    assert 0 < away[0] < away[1]
    red = (high - start)[np.abs(high - start).max(axis=2) > 8].mean(axis=0)
    assert red[0] > red[1] + 20


def test_nothing_is_drawn_or_claimed_where_nobody_was_seen(stored):
    gap = np.flatnonzero(~stored.motion.valid)
    lost = shown_at(stored, float(stored.motion.timestamps_s[gap[2]]))
    assert not np.isfinite(lost.at[[L.LEFT_HIP, L.LEFT_KNEE]]).any()
    assert {words for _, words, _ in lost.scores} == {"not seen"}
    seen = shown_at(stored, 1.0)
    assert [name for name, _, _ in seen.scores] == ["RULA", "REBA", "OWAS"]
    assert len(LIMBS) == 18
