"""How much of the worker was seen, and what is wrong with the clip, in plain words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ergo.assess.angles import MIN_CONFIDENCE
from ergo.body.landmarks import Landmark as L
from ergo.types import SIDES, Gravity, Keypoints, VideoInfo

PARTS: Mapping[str, tuple[L, ...]] = {
    "head": (L.NOSE,),
    "trunk": (L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP),
    **{f"{side}_arm": tuple(L[f"{side}_{p}".upper()] for p in ("shoulder", "elbow", "wrist")) for side in SIDES},
    **{f"{side}_leg": tuple(L[f"{side}_{p}".upper()] for p in ("hip", "knee", "ankle")) for side in SIDES},
}
"""Landmarks that must be seen for a part of the body to count as seen."""

ENOUGH = 0.8
"""Share of the video below which a part of the body is called hardly seen."""
SMALL_PERSON_PX = 120
UNCERTAIN_TILT_DEG = 4.0


def coverage(keypoints: Keypoints) -> dict[str, float]:
    """Share of the sampled frames (0 to 1) in which each part of :data:`PARTS` was seen."""
    seen = np.nan_to_num(np.asarray(keypoints.confidence), nan=0.0) >= MIN_CONFIDENCE
    return {part: float(seen[:, list(landmarks)].all(axis=1).mean()) for part, landmarks in PARTS.items()}


def warnings(
    keypoints: Keypoints, info: VideoInfo, gravity: Gravity, others: int, damage: str | None
) -> tuple[str, ...]:
    """What a reader of the result must know about the clip, most important first.

    Args:
        keypoints: the worker's landmarks.
        info: the video.
        gravity: the camera tilt that was used.
        others: how many other people were tracked.
        damage: what the decoder could not read.
    """
    found = keypoints.found
    parts = coverage(keypoints)
    notes = [damage] if damage else []
    if found.mean() < ENOUGH:
        notes.append(f"The worker was seen in only {found.mean():.0%} of the video.")
    for part, share in parts.items():
        if share < ENOUGH * found.mean():
            notes.append(
                f"The {part.replace('_', ' ')} was hidden or out of the picture for {1 - share:.0%} of the time."
            )
    if found.any():
        xy = np.asarray(keypoints.xy_px)[found]
        size_px = float(np.median(np.ptp(xy[..., 1], axis=1)))
        if size_px < SMALL_PERSON_PX:
            notes.append(f"The worker is small in the picture ({size_px:.0f} pixels high); film from nearer.")
        inside = (xy > 0).all(axis=-1) & (xy[..., 0] < info.width_px) & (xy[..., 1] < info.height_px)
        if inside[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].any(axis=1).mean() < 0.2:
            notes.append("The feet are never in the picture; legs, support and the camera tilt are guesses.")
    if gravity.sd_deg > UNCERTAIN_TILT_DEG:
        notes.append(
            f"The camera tilt is uncertain (±{gravity.sd_deg:.0f}°) and trunk and head with it; "
            "give pitch and roll if you know them."
        )
    if others:
        people = "One other person was" if others == 1 else f"{others} other people were"
        notes.append(f"{people} in the picture; check that the right one was analysed.")
    return tuple(notes)
