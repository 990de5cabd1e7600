"""Are faces blurred that are on nobody's body? Faces pasted into clips as posters, behind counters, and walking past.

    python benchmarks/strangers.py PHOTOS [--clips CLIP …] [--quality medium] [--seconds 20] [--sheet FILE]

PHOTOS holds `img/*.png` of the AutoREBA set (see ``people.py``); the faces are cut out of those in which one can be
seen. The examples, played forth and back, are the film: their worker is followed, and nobody else is there. Each film
gets a poster, a head that bobs behind a counter, and one that walks past. ``before`` and ``after`` are the shares of
pictures in which the middle half of a face lies in a disc, without and with the face network; ``spots`` is the share
of the picture that is blurred beside every head. ``--sheet`` writes pictures to look at; they show people and are for
nobody else.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import repository  # noqa: F401
from people import HEADS, people_of_photo

from ergo.looking.heads import head_discs, heads_seen
from ergo.looking.strangers import strange_faces
from ergo.pose.catalogue import open_estimator
from ergo.pose.face_finder import PICTURE_PX, FaceFinder
from ergo.pose.face_tracks import WEAK
from ergo.pose.faces import watching_faces
from ergo.pose.settings import PRESETS, PoseSettings
from ergo.pose.tracking import Tracker
from ergo.types import QUALITIES
from ergo.video.limits import DecodeLimits, DecodeSettings, Frame
from ergo.video.probing import probe
from ergo.video.reading import read_frames

EXAMPLES = Path(__file__).parents[1] / "assets" / "examples"
SHOWN = ("t05_p01_camB", "t05_p02_camB", "t07_p01_camB", "t09_p01_camA", "t09_p01_camB", "t15_p01_camA", "t15_p01_camB",
         "t15_p02_camA", "t15_p03_camA", "t15_p03_camB", "t15_p04_camA", "t15_p05_camB", "t15_p06_camA", "t15_p06_camB",
         "t15_p07_camB")  # fmt: skip
"""Photographs in which the face is seen from the front or from the side."""
HIDDEN = {"t05_p01_camA", "t05_p02_camA", "t07_p01_camA", "t09_p02_camA", "t11_p01_camA", "t13_p01_camA",
          "t15_p02_camB", "t15_p04_camB", "t15_p08_camA"}  # fmt: skip
"""Those in which it cannot be seen."""
FACE_OF_DISC = 0.14 / 0.17
"""Width of a face in radii of the disc about the head."""
SIZES_PX = (12, 18, 28, 45)
SHOWN_HZ = 7.5
KINDS = ("poster", "counter", "walker")
WIDE_PX = 960


@dataclass(frozen=True, kw_only=True)
class Stranger:
    """A face in a film: its picture with alpha, where its middle is at each time (NaN: not there), its width."""

    kind: str
    width_px: float
    rgba: np.ndarray
    middle_px: np.ndarray


def cut_faces(photos: Path) -> list[np.ndarray]:
    """Squares about the visible faces of the photographs, two and a half faces wide."""
    faces = []
    for name in SHOWN:
        x, y = HEADS[name]
        path = photos / "img" / f"{name}.png"
        people, info = people_of_photo(path, PRESETS["low"])
        at = np.array([x * info.width_px, y * info.height_px]) / 100
        near = [r[0] for p in people for m, r in [heads_seen(p.xy_px, p.xyz_m)] if np.linalg.norm(m[0] - at) < r[0]]
        if near:
            side = round(2.5 * FACE_OF_DISC * near[0])
            rgb = np.pad(cv2.imread(str(path))[..., ::-1], ((side, side), (side, side), (0, 0)), mode="edge")
            left, top = (int(v) + side - side // 2 for v in at)
            faces.append(np.ascontiguousarray(rgb[top : top + side, left : left + side]))
    return faces


def stranger(kind: str, face: np.ndarray, width_px: float, times_s: np.ndarray, size: tuple[int, int]) -> Stranger:
    """A face of a width, and its way through pictures of a size."""
    side = max(8, round(2.5 * width_px))
    rgb = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    y, x = (np.mgrid[:side, :side] + 0.5) / side - 0.5
    whole = np.ones((side, side)) if kind == "poster" else np.clip(8 * (1 - np.hypot(x / 0.3, y / 0.4)), 0, 1)
    if kind == "counter":
        whole[y > 0.12] = 0.0  # mouth and chin are hidden
    width, height = size
    if kind == "walker":
        away = width * (times_s - times_s.mean()) / 6.0
        turn = np.abs(away) % (2 * width)
        middle = np.column_stack([width - np.abs(turn - width), np.full(len(away), 0.3 * height)])
        middle[:, 1] += 0.1 * width_px * np.sin(7 * times_s)
    elif kind == "counter":
        middle = np.column_stack([0.9 * width + width_px * np.sin(0.7 * times_s), np.full(len(times_s), 0.45 * height)])
    else:
        middle = np.tile([0.12 * width, 0.25 * height], (len(times_s), 1))
    return Stranger(kind=kind, width_px=width_px, rgba=np.dstack([rgb, 255 * whole]), middle_px=middle)


def pictures(clip: Path, times_s: np.ndarray) -> Iterator[np.ndarray]:
    """The clip forth and back for as long as it takes, 960 pixels along the longer side."""
    info = probe(clip, DecodeLimits())
    with read_frames(clip, info, DecodeSettings(rate_hz=SHOWN_HZ, max_side_px=WIDE_PX), DecodeLimits()) as reader:
        own = [frame.rgb for frame in reader]
    scale = WIDE_PX / max(own[0].shape)
    own = [cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR) for rgb in own]
    turns = [*own, *own[-2:0:-1]]
    for number in range(len(times_s)):
        yield turns[number % len(turns)].copy()


def paste(rgb: np.ndarray, each: Stranger, number: int) -> None:
    """The face into the picture, its noise and all."""
    side = each.rgba.shape[0]
    left, top = (round(v - side / 2) for v in each.middle_px[number])
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, rgb.shape[1]), min(top + side, rgb.shape[0])
    if x0 < x1 and y0 < y1:
        part = each.rgba[y0 - top : y1 - top, x0 - left : x1 - left]
        weight = part[..., 3:] / 255.0
        rgb[y0:y1, x0:x1] = np.rint(weight * part[..., :3] + (1 - weight) * rgb[y0:y1, x0:x1])


def held(discs: np.ndarray, each: Stranger, number: int) -> bool:
    """Whether the middle half of a face lies in a disc."""
    own = discs[discs[:, 0] == number]
    away = np.linalg.norm(own[:, 1:3] - each.middle_px[number], axis=1)
    return bool((away + 0.25 * each.width_px <= own[:, 3]).any())


def measure(clip: Path, faces: Sequence[np.ndarray], sizes: Sequence[int], pose: PoseSettings, options) -> list[tuple]:
    """Rows of one film: kind, width, share before, share after; and as the last one its spots and looks a second."""
    times_s = np.arange(0.0, options.seconds, 1 / SHOWN_HZ)
    first = next(pictures(clip, times_s))
    size = (first.shape[1], first.shape[0])
    others = [stranger(k, f, w, times_s, size) for k, f, w in zip(KINDS, faces, sizes, strict=True)]
    kept = []
    with (
        open_estimator(pose) as estimator,
        Tracker(estimator, pose) as tracker,
        watching_faces(pose.faces_hz) as watcher,
    ):
        for number, rgb in enumerate(pictures(clip, times_s)):
            for each in others:
                paste(rgb, each, number)
            frame = Frame(index=number, timestamp_s=float(times_s[number]), rgb=rgb, scale=1.0)
            tracker.add(frame)
            watcher.add(frame, tracker.boxes())
            kept.append(rgb)
        seen, looks = watcher.sightings(), watcher.looks
        people = [*(s.keypoints for s in tracker.sightings()), *tracker.passers_by()]
    before = head_discs(people, times_s, pose.discover_s)
    after = head_discs(people, times_s, pose.discover_s, strange_faces(seen, people))
    rows = []
    for each in others:
        there = [n for n in range(len(times_s)) if ((each.middle_px[n] >= 0) & (each.middle_px[n] < size)).all()]
        shares = [float(np.mean([held(discs, each, n) for n in there])) for discs in (before, after)]
        rows.append((each.kind, each.width_px, *shares))
    spots = _spots(before, after, others, len(times_s), size)
    if options.sheet:
        _sheet(options.sheet.with_stem(f"{options.sheet.stem}-{clip.stem}-{sizes[0]}"), kept, after)
    return [*rows, ("film", 0, spots, looks / options.seconds)]


def photo_shares(photos: Path, pose: PoseSettings) -> tuple[int, float, float, float]:
    """Number of photographs with a visible face, shares whose middle lies in a disc before and after, spots beside."""
    held_before, held_after, spots = [], [], []
    for name, at in HEADS.items():
        path = photos / "img" / f"{name}.png"
        people, info = people_of_photo(path, pose)
        scale = min(1.0, pose.input_side_px / max(info.width_px, info.height_px))
        rgb = cv2.resize(cv2.imread(str(path))[..., ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        with watching_faces(pose.faces_hz) as watcher:
            watcher.add(Frame(index=0, timestamp_s=0.0, rgb=np.ascontiguousarray(rgb), scale=scale), ())
            faces = strange_faces(watcher.sightings(), people)
        now_s, size = np.zeros(1), (info.width_px, info.height_px)
        before, after = head_discs(people, now_s, 0.0), head_discs(people, now_s, 0.0, faces)
        face = Stranger(kind="own", width_px=0.0, rgba=np.zeros(0), middle_px=np.array([at]) / 100 * size)
        if name not in HIDDEN:
            held_before.append(held(before, face, 0))
            held_after.append(held(after, face, 0))
        spots.append(_spots(before, after, [], 1, size))
    return len(held_after), float(np.mean(held_before)), float(np.mean(held_after)), float(np.mean(spots))


def look_s(count: int = 100) -> float:
    """CPU seconds of one look at noise."""
    noise = np.random.default_rng(0).integers(0, 255, (320, 320, 3), dtype=np.uint8)
    with FaceFinder() as finder:
        started = time.process_time()
        for _ in range(count):
            finder.find(cv2.resize(noise, (PICTURE_PX, PICTURE_PX), interpolation=cv2.INTER_AREA), WEAK)
        return (time.process_time() - started) / count


def _spots(
    before: np.ndarray, after: np.ndarray, others: Sequence[Stranger], count: int, size: tuple[int, int]
) -> float:
    """Share of the picture blurred neither in a disc of the people nor of a stranger, on every fourth pixel."""
    y, x = np.mgrid[0 : size[1] : 4, 0 : size[0] : 4]
    total = 0.0
    for number in range(count):
        blurred, head = (
            np.any([np.hypot(x - cx, y - cy) <= r for _, cx, cy, r in discs[discs[:, 0] == number]] or [x < 0], axis=0)
            for discs in (after, before)
        )
        for each in others:
            head |= np.hypot(x - each.middle_px[number, 0], y - each.middle_px[number, 1]) <= 2.0 * each.width_px
        total += float((blurred & ~head).mean())
    return total / count


def _sheet(path: Path, kept: Sequence[np.ndarray], discs: np.ndarray) -> None:
    cells = []
    for number in np.linspace(0, len(kept) - 1, 12).astype(int):
        rgb = kept[number].copy()
        for _, x, y, radius in discs[discs[:, 0] == number]:
            cv2.circle(rgb, (int(x), int(y)), int(radius), (0, 255, 0), 2)
        cells.append(cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    rows = [np.hstack(cells[n : n + 4]) for n in (0, 4, 8)]
    cv2.imwrite(str(path), np.vstack(rows)[..., ::-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--clips", type=Path, nargs="+", default=sorted(EXAMPLES.glob("*.mp4")))
    parser.add_argument("--quality", choices=QUALITIES, default="medium")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--sheet", type=Path)
    options = parser.parse_args()
    faces = cut_faces(options.photos)
    rows, number = [], 0
    for clip in options.clips:
        for turn in range(len(SIZES_PX)):
            sizes = [SIZES_PX[(turn + k) % len(SIZES_PX)] for k in range(len(KINDS))]
            chosen = [faces[(number + k) % len(faces)] for k in range(len(KINDS))]
            number += len(KINDS)
            rows += measure(clip, chosen, sizes, PRESETS[options.quality], options)
            print(clip.stem, *(f"{k} {w} px {a:.0%} → {b:.0%};" for k, w, a, b in rows[-4:-1]), flush=True)
    print(f"{'face':<20}{'before':>8}{'after':>8}")
    for kind in KINDS:
        for width in SIZES_PX:
            own = [row[2:] for row in rows if row[:2] == (kind, width)]
            if own:
                before, after = np.mean(own, axis=0)
                print(f"{f'{kind} {width} px':<20}{before:>8.1%}{after:>8.1%}")
    spots, looks_hz = np.mean([row[2:] for row in rows if row[0] == "film"], axis=0)
    count, before, after, beside = photo_shares(options.photos, PRESETS[options.quality])
    print(f"{count} photographs: {before:.1%} → {after:.1%}, spots {beside:.2%}")
    print(f"spots {spots:.2%}; {looks_hz:.1f} looks for a second of film, {1000 * look_s():.1f} ms of CPU time each")


if __name__ == "__main__":
    main()
