"""Is the worker found, and chosen before everybody else? Photographs and a film with bystanders.

    python benchmarks/people.py DATA [quality]

DATA holds `img/*.png` and `*.mp4` of the AutoREBA set (Ellestir/AutoREBA, MIT). Each photograph is analysed as a film
of one picture. A choice is right when its nose lies on the worker's head. The films' worker sits near the middle.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import repository  # noqa: F401

from ergo.body.landmarks import LANDMARK
from ergo.pose.catalogue import open_estimator
from ergo.pose.selection import standing_height_px, worker_signs
from ergo.pose.settings import PRESETS, PoseSettings
from ergo.pose.tracking import track_people
from ergo.types import Keypoints, VideoInfo
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame
from ergo.video.probing import probe
from ergo.video.reading import read_frames

# Where the worker's face is, per cent of width and height, read off the photographs.
HEADS: dict[str, tuple[float, float]] = {
    "t01_p01_camA": (24, 23), "t01_p02_camA": (55, 13), "t03_p01_camA": (20, 34), "t03_p01_camB": (72, 42),
    "t03_p02_camA": (25, 22), "t03_p02_camB": (60, 25), "t05_p01_camA": (21, 19), "t05_p01_camB": (59, 14),
    "t05_p02_camA": (39, 13), "t05_p02_camB": (56, 13), "t07_p01_camA": (35, 20), "t07_p01_camB": (69, 14),
    "t09_p01_camA": (48, 20), "t09_p01_camB": (38, 22), "t09_p02_camA": (68, 25), "t09_p02_camB": (62, 27),
    "t11_p01_camA": (56, 14), "t11_p01_camB": (37, 20), "t13_p01_camA": (43, 14), "t13_p01_camB": (26, 13),
    "t15_p01_camA": (42, 20), "t15_p01_camB": (57, 19), "t15_p02_camA": (52, 21), "t15_p02_camB": (67, 27),
    "t15_p03_camA": (49, 21), "t15_p03_camB": (58, 18), "t15_p04_camA": (36, 19), "t15_p04_camB": (62, 17),
    "t15_p05_camA": (44, 15), "t15_p05_camB": (56, 20), "t15_p06_camA": (62, 17), "t15_p06_camB": (50, 19),
    "t15_p07_camA": (44, 22), "t15_p07_camB": (79, 22), "t15_p08_camA": (25, 9), "t15_p08_camB": (26, 21),
}  # fmt: skip
NEAR = 0.12  # of the standing height: a head and a little


def people_of_photo(path: Path, settings: PoseSettings) -> tuple[tuple[Keypoints, ...], VideoInfo]:
    """Everybody in one photograph, most likely worker first."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise SystemExit(f"{path} is not a picture.")
    height, width = picture.shape[:2]
    scale = min(1.0, settings.input_side_px / max(height, width))
    small = cv2.resize(picture, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    info = VideoInfo(
        width_px=width, height_px=height, rotation_deg=0, duration_s=0.04, fps=25.0, frame_count=1, codec="png",
        timestamps_s=np.zeros(1),
    )  # fmt: skip
    frame = Frame(index=0, timestamp_s=0.0, rgb=np.ascontiguousarray(small[..., ::-1]), scale=scale)
    return _people([frame], info, settings), info


def people_of_film(path: Path, settings: PoseSettings) -> tuple[tuple[Keypoints, ...], VideoInfo]:
    """Everybody in a film, most likely worker first."""
    limits = DecodeLimits()
    info = probe(path, limits)
    decode = DecodeSettings(rate_hz=settings.rate_hz, max_side_px=settings.input_side_px)
    with read_frames(path, info, decode, limits, preview_path=None) as frames:
        return _people(frames, info, settings), info


def _people(frames: Iterable[Frame], info: VideoInfo, settings: PoseSettings) -> tuple[Keypoints, ...]:
    with open_estimator(settings) as estimator:
        return track_people(frames, info, estimator, settings)


def on_the_head(person: Keypoints, info: VideoInfo, head: tuple[float, float]) -> bool:
    """Whether the nose in the first picture is where the worker's head is."""
    head_px = np.array(head) / 100 * [info.width_px, info.height_px]
    apart_px = float(np.linalg.norm(person.xy_px[0, LANDMARK["nose"]] - head_px))
    return apart_px < NEAR * standing_height_px(person)


def main(data: Path, quality: str) -> None:
    """Print the photographs whose worker was missed, and every film's candidates."""
    settings = PRESETS[quality]  # type: ignore[index]
    right, missed = 0, []
    for name, head in HEADS.items():
        people, info = people_of_photo(data / "img" / f"{name}.png", settings)
        if people and on_the_head(people[0], info, head):
            right += 1
        else:
            there = any(on_the_head(person, info, head) for person in people)
            missed.append(f"{name} ({'somebody else chosen' if there else 'not found'} of {len(people)})")
    print(f"photographs: {right} of {len(HEADS)} right; missed: {', '.join(missed) or 'none'}")
    for film in sorted(data.glob("*.mp4")):
        people, info = people_of_film(film, settings)
        scores = [f"{worker_signs(p, info).score:.3f} at x {np.nanmedian(p.xy_px[..., 0]):.0f} px" for p in people]
        print(f"{film.name}: {'; '.join(scores)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "medium")
