"""How well blurred discs hold the heads of people whose heads are known.

    python benchmarks/blur.py DATA [MORE …] [--quality medium] [--keep FOLDER] [--reference high]

DATA and --keep: see ``accuracy.py``. With drawn clips the truth is the eyes and the head joint of the
worker, projected into each picture of the preview in which one of them can be seen, and crown and chin, put 13 cm above
the head joint and 12 cm below the eyes along the line from the neck to the head. Real cameras have the eyes, ears, nose
and mouth of the reference quality, where its confidence is 0.5 or more. ``eyes`` and ``head`` are shares of pictures in
which both eyes, or all that is known of the head, lie inside a disc; ``longest`` is the longest run in which an eye
does not; ``area`` is the share of the picture that is blurred.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from accuracy import look
from truth_clips import Clip, find_clips

from ergo.body.landmarks import Landmark as L
from ergo.errors import ErgoError
from ergo.looking.heads import head_discs
from ergo.pose.settings import PRESETS
from ergo.report.seen import KEYPOINTS, read_seen
from ergo.types import QUALITIES, AnalysisSettings, Keypoints, Quality, VideoInfo
from ergo.video.limits import Stretch
from ergo.video.reading import shown_frames

EYES = ("l_eye", "r_eye")
CROWN_M, CHIN_M = 0.13, 0.12
SURE = 0.5
_REFERENCE = {
    "l_eye": L.LEFT_EYE, "r_eye": L.RIGHT_EYE, "nose": L.NOSE, "l_ear": L.LEFT_EAR, "r_ear": L.RIGHT_EAR,
    "l_mouth": L.MOUTH_LEFT, "r_mouth": L.MOUTH_RIGHT,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """Figures of one clip; `pictures` in which the head can be seen are judged."""

    clip: str
    group: str
    pictures: int
    eyes: float
    head: float
    longest_s: float
    area: float


def seen_people(clip: Clip, quality: Quality, keep: Path) -> tuple[VideoInfo, tuple[Keypoints, ...]]:
    """Everybody whom an analysis followed; it is kept for the next time."""
    kept = keep / clip.group / clip.name / quality / KEYPOINTS
    if not kept.exists():
        look(clip, AnalysisSettings(quality=quality), keep)
    seen = read_seen(kept)
    return seen.video, seen.people


def true_points(clip: Clip, times_s: np.ndarray) -> dict[str, np.ndarray]:
    """Eyes and head joint in pixels at each time, NaN where they are hidden or outside the picture."""
    content = json.loads(clip.path.with_suffix(".truth.json").read_text())
    frames = content["frames"]
    at = np.clip(np.rint(times_s * content["fps"]).astype(int), 0, len(frames) - 1)
    size = np.array([content["width"], content["height"]])
    points = _ends_of_head(content, at)
    for name in (*EYES, "head"):
        xy = np.array([frames[i]["px"].get(name, (np.nan, np.nan)) for i in at], float)
        hidden = np.array([name in frames[i].get("hidden", ()) for i in at])
        inside = ((xy >= 0) & (xy < size)).all(axis=1)
        points[name] = np.where((inside & ~hidden)[:, None], xy, np.nan)
    return points


def _ends_of_head(content: dict, at: np.ndarray) -> dict[str, np.ndarray]:
    """Crown and chin in pixels, about: at the depth of head and shoulders."""
    frames = [content["frames"][i] for i in at]
    R = np.array([frame.get("R", content["R"]) for frame in frames], float)
    names = (*EYES, "head", "neck", "l_shoulder", "r_shoulder")
    xyz = np.einsum("tij,tnj->tni", R, np.array([[frame["joints"][name] for name in names] for frame in frames], float))
    px = np.array([[frame["px"][name] for name in names] for frame in frames], float)
    spread_px, spread_m = (np.sqrt(points.var(axis=1).sum(axis=1)) for points in (px, xyz[..., :2]))
    up = xyz[:, 2] - xyz[:, 3]
    up_px = (spread_px / spread_m)[:, None] * (up / np.linalg.norm(up, axis=1, keepdims=True))[:, :2]
    return {"crown": px[:, 2] + CROWN_M * up_px, "chin": px[:, :2].mean(axis=1) - CHIN_M * up_px}


def reference_points(worker: Keypoints, times_s: np.ndarray) -> dict[str, np.ndarray]:
    """The landmarks of another analysis at each time, NaN where it is not sure."""
    at = np.abs(times_s[:, None] - worker.timestamps_s[None]).argmin(axis=1)
    sure = {name: np.asarray(worker.confidence)[at, index] >= SURE for name, index in _REFERENCE.items()}
    return {
        name: np.where(sure[name][:, None], np.asarray(worker.xy_px, float)[at, index], np.nan)
        for name, index in _REFERENCE.items()
    }


def inside(discs: np.ndarray, points: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Whether each point lies in a disc, picture by picture; True where it is not known."""
    found = {}
    for name, xy in points.items():
        held = ~np.isfinite(xy[:, 0])
        rows = discs[:, 0].astype(int)
        near = np.linalg.norm(discs[:, 1:3] - xy[rows], axis=1) <= discs[:, 3]
        held[rows[near]] = True
        found[name] = held
    return found


def measure(clip: Clip, quality: Quality, reference: Quality, keep: Path) -> Row:
    """The figures of one clip."""
    info, people = seen_people(clip, quality, keep)
    whole = Stretch(first=0, begin=0, end=info.frame_count, last=info.frame_count)
    times_s = info.timestamps_s[shown_frames(info, whole)]
    discs = head_discs(people, times_s, PRESETS[quality].discover_s)
    if clip.group == "real":
        points = reference_points(seen_people(clip, reference, keep)[1][0], times_s)
    else:
        points = true_points(clip, times_s)
    held = inside(discs, points)
    seen = np.any([np.isfinite(points[name][:, 0]) for name in (*EYES, *({"head"} & points.keys()))], axis=0)
    eyes, head = (np.all([held[name] for name in names], axis=0) for names in (EYES, points))
    step_s = float(np.median(np.diff(times_s)))
    return Row(
        clip=clip.name,
        group=clip.group,
        pictures=int(seen.sum()),
        eyes=float(eyes[seen].mean()),
        head=float(head[seen].mean()),
        longest_s=step_s * max((len(run) for run in "".join(".x"[not good] for good in eyes).split(".")), default=0),
        area=_area(discs, len(times_s), info),
    )


def _area(discs: np.ndarray, pictures: int, info: VideoInfo, step: int = 4) -> float:
    """Share of all pictures that lies in discs, on every fourth pixel."""
    y, x = np.mgrid[0 : info.height_px : step, 0 : info.width_px : step]
    total = 0
    for number in range(pictures):
        blurred = np.zeros(x.shape, bool)
        for _, cx, cy, radius in discs[discs[:, 0] == number]:
            blurred |= (x - cx) ** 2 + (y - cy) ** 2 <= radius**2
        total += blurred.mean()
    return total / pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", type=Path)
    parser.add_argument("--quality", default="medium", choices=QUALITIES)
    parser.add_argument("--reference", default="high", choices=QUALITIES)
    parser.add_argument("--keep", type=Path, required=True)
    options = parser.parse_args()
    rows = []
    for clip in find_clips(options.data):
        try:
            rows.append(measure(clip, options.quality, options.reference, options.keep))
        except ErgoError as error:
            print(f"{clip.name}: {error}")
    print(f"{'clip':<36}{'pictures':>9}{'eyes':>8}{'head':>8}{'longest':>9}{'area':>8}")
    for row in rows:
        print(f"{row.clip:<36}{row.pictures:>9}{row.eyes:>8.1%}{row.head:>8.1%}{row.longest_s:>7.2f} s{row.area:>8.2%}")
    for group in dict.fromkeys(row.group for row in rows):
        own = [row for row in rows if row.group == group]
        pictures = sum(row.pictures for row in own)
        eyes, head = (sum(getattr(row, key) * row.pictures for row in own) / pictures for key in ("eyes", "head"))
        longest, area = max(row.longest_s for row in own), float(np.mean([row.area for row in own]))
        print(f"{group:<36}{pictures:>9}{eyes:>8.1%}{head:>8.1%}{longest:>7.2f} s{area:>8.2%}")


if __name__ == "__main__":
    main()
