"""The film with what was seen in it: body or skeleton in the colours of risk, the score of the moment below.

Made from ``preview.mp4``, so faces are as blurred as they are there. It is decoded in the locked-down process that
reads every video; only pictures of our own making are encoded here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.landmarks import Landmark as L
from ergo.body.skeleton import REGIONS
from ergo.report.figures import RISK_COLOURS
from ergo.report.film_body import FilmBody
from ergo.report.font import roboto
from ergo.report.player_file import KEYPOINT_SCALE, MISSING_I16
from ergo.report.stored import Stored
from ergo.report.words import clock
from ergo.video.limits import DecodeLimits, DecodeSettings
from ergo.video.probing import probe
from ergo.video.reading import read_frames

LONGEST_BRIDGE_S: Final = 0.4
"""Between two sampled frames farther apart than this nothing is drawn."""
SURE: Final = 128
"""Confidence, of 255, below which a limb is drawn thin: a guess."""

_BAR_SHARE, _BAR_MIN_PX = 0.085, 44
_MATRIX_601: Final = 5
_SIDES: Final = (("left", L.LEFT_SHOULDER, L.LEFT_ELBOW, L.LEFT_WRIST, L.LEFT_INDEX, L.LEFT_HIP, L.LEFT_KNEE,
                  L.LEFT_ANKLE, L.LEFT_FOOT_INDEX),
                 ("right", L.RIGHT_SHOULDER, L.RIGHT_ELBOW, L.RIGHT_WRIST, L.RIGHT_INDEX, L.RIGHT_HIP, L.RIGHT_KNEE,
                  L.RIGHT_ANKLE, L.RIGHT_FOOT_INDEX))  # fmt: skip


def _limbs() -> tuple[tuple[L, L, int], ...]:
    """Both ends of each limb and the region of the body it is drawn for."""
    trunk, head = REGIONS.index("trunk"), REGIONS.index("head")
    found = [
        (L.LEFT_EAR, L.NOSE, head), (L.NOSE, L.RIGHT_EAR, head), (L.LEFT_SHOULDER, L.RIGHT_SHOULDER, trunk),
        (L.LEFT_HIP, L.RIGHT_HIP, trunk), (L.LEFT_SHOULDER, L.LEFT_HIP, trunk), (L.RIGHT_SHOULDER, L.RIGHT_HIP, trunk),
    ]  # fmt: skip
    for side, shoulder, elbow, wrist, finger, hip, knee, ankle, toe in _SIDES:
        parts = [REGIONS.index(f"{side}_{part}") for part in ("upper_arm", "lower_arm", "hand", "leg")]
        found += [(shoulder, elbow, parts[0]), (elbow, wrist, parts[1]), (wrist, finger, parts[2])]
        found += [(hip, knee, parts[3]), (knee, ankle, parts[3]), (ankle, toe, parts[3])]
    return tuple(found)


LIMBS: Final = _limbs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is drawn on one picture: landmarks in shares of the picture (NaN: not seen), how sure, risk by region.

    `frames` are those between which it lies, `part` of the way from the first; None where nothing is known of it.
    """

    frames: tuple[int, int] | None
    part: float
    at: Float[np.ndarray, "33 2"]
    sure: UInt8[np.ndarray, "33"]
    steps: UInt8[np.ndarray, "R"]
    scores: tuple[tuple[str, str, int | None], ...]


def write_annotated(
    path: Path, stored: Stored, over: Literal["body", "skeleton"] = "body", limits: DecodeLimits | None = None
) -> None:
    """Write the film as H.264 MP4, on the preview's clock, with this `over` its pictures.

    Raises:
        SettingsError: a file of the result is missing.
        VideoError: the preview cannot be read.
        StorageFull: no room left.
    """
    import av  # noqa: PLC0415  only a film needs it

    from ergo.video.preview import PreviewWriter  # noqa: PLC0415

    limits = limits or DecodeLimits()
    preview = stored.file("preview.mp4")
    info = probe(preview, limits)
    bar_px = 2 * round(max(_BAR_MIN_PX, _BAR_SHARE * info.height_px) / 2)
    size = (info.width_px, info.height_px + bar_px)
    writer = PreviewWriter(str(path), size, (0.0, info.duration_s), matrix=_MATRIX_601, threads=1)
    sheet = np.empty((size[1], size[0], 3), np.uint8)
    body = FilmBody(stored) if over == "body" else None
    with read_frames(preview, info, DecodeSettings(max_side_px=max(info.width_px, info.height_px)), limits) as frames:
        for frame in frames:
            shown = shown_at(stored, frame.timestamp_s)
            sheet[: info.height_px] = frame.rgb
            if body is None:
                draw_skeleton(sheet[: info.height_px], shown)
            elif shown.frames is not None:
                body.draw(sheet[: info.height_px], shown.frames, shown.part, shown.steps)
            sheet[info.height_px :] = _bar(size[0], bar_px, clock(frame.timestamp_s), shown.scores)
            picture = av.VideoFrame.from_ndarray(sheet, "rgb24").reformat(format="yuv420p")
            writer.write(picture, frame.timestamp_s)
    writer.close()


def shown_at(stored: Stored, time_s: float) -> Shown:
    """What is known of a moment: landmarks between the two sampled frames around it, scores of the nearer one."""
    times = stored.motion.timestamps_s
    after = int(np.clip(np.searchsorted(times, time_s), 1, len(times) - 1)) if len(times) > 1 else 0
    before = max(0, after - 1)
    span_s = float(times[after] - times[before])
    part = float(np.clip((time_s - times[before]) / span_s, 0.0, 1.0)) if span_s > 0 else 0.0
    nearer = after if part > 0.5 else before
    raw = stored.arrays["keypoints"][[before, after]].astype(float)
    points = np.where(raw == MISSING_I16, np.nan, raw / KEYPOINT_SCALE)
    at = points[0] * (1 - part) + points[1] * part if span_s <= LONGEST_BRIDGE_S else np.full((33, 2), np.nan)
    methods = [entry for entry in stored.meta["methods"] if entry["scale"] == "points"]
    regions = [
        stored.arrays[f"{entry['id']}.{side}.regions"][nearer] for entry in methods[:1] for side in entry["sides"]
    ]
    known = span_s <= LONGEST_BRIDGE_S and stored.motion.valid[[before, after]].all()
    return Shown(
        frames=(before, after) if known else None,
        part=part,
        at=at,
        sure=stored.arrays["keypoint_confidence"][nearer],
        steps=np.max(regions, axis=0),
        scores=tuple(_score(stored, entry, nearer) for entry in methods),
    )


def _score(stored: Stored, entry: dict[str, Any], frame: int) -> tuple[str, str, int | None]:
    """A method's name, its higher side's score with the level in words, and the step of risk."""
    totals = [int(stored.arrays[f"{entry['id']}.{side}.total"][frame]) for side in entry["sides"]]
    best = int(np.argmax(totals))
    if totals[best] == 0:
        return entry["label"], "not seen", None
    level = int(stored.arrays[f"{entry['id']}.{entry['sides'][best]}.level"][frame])
    found = next(item for item in entry["levels"] if item["level"] == level)
    return entry["label"], f"{totals[best]} {found['label'].lower()}", found["step"]


def draw_skeleton(rgb: UInt8[np.ndarray, "H W 3"], shown: Shown) -> None:
    """Draw the limbs that were seen into the picture."""
    import cv2  # noqa: PLC0415  the page, which lists the formats, need not load it

    height, width = rgb.shape[:2]
    points = shown.at * [width, height]
    thick = max(2, round(min(width, height) / 140))
    for start, end, region in LIMBS:
        if not np.isfinite(points[[start, end]]).all():
            continue
        a, b = (tuple(int(v) for v in np.rint(points[i])) for i in (start, end))
        sure = min(shown.sure[start], shown.sure[end]) >= SURE
        if sure:
            cv2.line(rgb, a, b, (255, 255, 255), thick + 2, cv2.LINE_AA)
        cv2.line(rgb, a, b, _rgb(RISK_COLOURS[shown.steps[region]]), thick if sure else thick // 2, cv2.LINE_AA)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@lru_cache(maxsize=64)
def _bar(
    width: int, height: int, time: str, scores: Sequence[tuple[str, str, int | None]]
) -> UInt8[np.ndarray, "h w 3"]:
    """The line below the picture: the time, then each method's score with its squares."""
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    sheet = Image.new("RGB", (width, height), "#11161a")
    draw = ImageDraw.Draw(sheet)
    size = 0.42 * height

    def fonts() -> tuple[ImageFont.FreeTypeFont, ImageFont.FreeTypeFont]:
        return ImageFont.truetype(roboto("Regular"), size), ImageFont.truetype(roboto("Medium"), size)

    plain, strong = fonts()
    words = sum(draw.textlength(f"{label} ", plain) + draw.textlength(said, strong) for label, said, _ in scores)
    size *= min(1.0, (width - 4) / (words + size * (5.6 + 3.9 * len(scores))))
    plain, strong = fonts()
    middle, x = height / 2, 0.6 * size
    draw.text((x, middle), time, font=plain, fill="#9aa7b3", anchor="lm")
    x += 5.0 * size
    for label, said, step in scores:
        draw.text((x, middle), label, font=plain, fill="#9aa7b3", anchor="lm")
        x += draw.textlength(f"{label} ", plain)
        colour = "#46525c" if step is None else RISK_COLOURS[step]
        for square in range(4):
            box = (x, middle - 0.25 * size, x + 0.5 * size, middle + 0.25 * size)
            draw.rectangle(box, fill=colour if step is not None and square < step else None, outline=colour)
            x += 0.62 * size
        draw.text((x + 0.2 * size, middle), said, font=strong, fill="#e7ebee", anchor="lm")
        x += draw.textlength(said, strong) + 1.4 * size
    return np.asarray(sheet)
