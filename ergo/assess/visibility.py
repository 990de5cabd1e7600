"""How much of the worker was seen, and what is wrong with the clip, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, UInt8

from ergo.assess.angles import MIN_CONFIDENCE
from ergo.assess.enough import ENOUGH
from ergo.body.landmarks import MAIN_JOINTS
from ergo.body.landmarks import Landmark as L
from ergo.fitting.camera_motion import kind
from ergo.pose.selection import stands_still
from ergo.types import SIDES, CameraMotion, Gravity, Keypoints, Motion, VideoInfo

PARTS: Mapping[str, tuple[L, ...]] = {
    "head": (L.NOSE,),
    "trunk": (L.LEFT_SHOULDER, L.RIGHT_SHOULDER, L.LEFT_HIP, L.RIGHT_HIP),
    **{f"{side}_arm": tuple(L[f"{side}_{p}".upper()] for p in ("shoulder", "elbow", "wrist")) for side in SIDES},
    **{f"{side}_leg": tuple(L[f"{side}_{p}".upper()] for p in ("hip", "knee", "ankle")) for side in SIDES},
}
"""Landmarks that must be seen for a part of the body to count as seen."""

PAIRS = (
    (L.LEFT_SHOULDER, L.RIGHT_SHOULDER),
    (L.LEFT_HIP, L.RIGHT_HIP),
    (L.LEFT_KNEE, L.RIGHT_KNEE),
    (L.LEFT_ANKLE, L.RIGHT_ANKLE),
    (L.LEFT_WRIST, L.RIGHT_WRIST),
)
"""Joints that are left and right of each other; shoulders and hips first."""

RARELY = 0.2
SMALL_PERSON_PX = 120
UNCERTAIN_TILT_DEG = 4.0
FEW_PICTURES = 5
SLOW_FPS = 7.0
AT_THE_EDGE = 0.3
"""Share of the pictures from which on a body that is cut by the picture's edge is worth a word."""
DARK, PALE = 40.0, 40.0
"""Grey values out of 255: median of a dark picture, range (5th to 95th percentile) of a pale one."""
SWAPPED_TRUNKS = 0.4
"""How far, in trunk lengths, a pair of joints must seem to jump from one picture to the next to count as swapped."""
SWAPS = 0.03


def coverage(keypoints: Keypoints) -> dict[str, float]:
    """Share of the sampled frames (0 to 1) in which each part of :data:`PARTS` was seen."""
    seen = _seen(keypoints)
    return {part: float(seen[:, list(landmarks)].all(axis=1).mean()) for part, landmarks in PARTS.items()}


def hand_coverage(motion: Motion) -> dict[str, float]:
    """Share of the sampled frames in which each hand was seen well; empty when nobody looked for hands."""
    if motion.hands_seen is None:
        return {}
    return {f"{side}_hand": float(share) for side, share in zip(SIDES, motion.hands_seen.mean(axis=0), strict=True)}


def warnings(
    keypoints: Keypoints,
    info: VideoInfo,
    gravity: Gravity,
    others: int,
    damage: str | None,
    *,
    turn_deg: int = 0,
    pictures: Sequence[UInt8[np.ndarray, "H W 3"]] = (),
    camera: CameraMotion | None = None,
) -> tuple[str, ...]:
    """What a reader of the result must know about the clip and what to do, most important first, each once.

    Args:
        keypoints: the worker's landmarks.
        info: the video.
        gravity: the camera tilt that was used.
        others: how many other people were tracked.
        damage: what the decoder could not read.
        turn_deg: the turn that was needed to put people on their feet.
        pictures: some pictures of the film, to judge the light.
        camera: how the camera moved, None when it was at rest.
    """
    notes = (
        damage,
        _turned(turn_deg),
        _motionless(keypoints),
        _absent(keypoints),
        _half_a_body(keypoints),
        *_hidden(keypoints),
        _cut(keypoints, info),
        _small(keypoints),
        _dark(pictures),
        _short(keypoints),
        _slow(info),
        _swapped(keypoints),
        _no_feet(keypoints, info),
        _moved(camera),
        _tilted(gravity),
        _company(others),
    )
    return tuple(dict.fromkeys(note for note in notes if note))


def _seen(keypoints: Keypoints) -> Bool[np.ndarray, "T 33"]:
    return np.nan_to_num(np.asarray(keypoints.confidence), nan=0.0) >= MIN_CONFIDENCE


def _turned(turn_deg: int) -> str | None:
    if not turn_deg:
        return None
    how = "was upside down" if turn_deg == 180 else "lay on its side"
    return (
        f"The picture {how} and was turned, because the people in it were not on their feet. If it was the right way "
        "up and the worker lay down, say that the camera's roll is 0 and analyse again."
    )


def _motionless(keypoints: Keypoints) -> str | None:
    if not stands_still(keypoints):
        return None
    return (
        "The person does not move at all: this may be a picture on a wall or a figure. "
        "Check who was analysed; film the worker at work."
    )


def _absent(keypoints: Keypoints) -> str | None:
    share = float(keypoints.found.mean())
    if share >= ENOUGH:
        return None
    return f"The worker was seen in only {share:.0%} of the video; keep them in the picture from beginning to end."


def _half_a_body(keypoints: Keypoints) -> str | None:
    parts = coverage(keypoints)
    legs, upper = (max(parts[f"{side}_{limb}"] for side in SIDES) for limb in ("leg", "arm"))
    if legs >= RARELY and max(upper, parts["trunk"]) < RARELY:
        return "Only the legs are in the picture: nothing is scored. Film the whole body, head to feet."
    if upper >= RARELY and parts["trunk"] < RARELY:
        return (
            "The hips are out of the picture or hidden, so trunk and upper arms are hardly assessed and there "
            "are few scores or none. Film the whole body, head to feet."
        )
    return None


def _hidden(keypoints: Keypoints) -> tuple[str, ...]:
    parts, found = coverage(keypoints), float(keypoints.found.mean())
    hidden = {part: share for part, share in parts.items() if share < ENOUGH * found}
    rarely = [part.replace("_", " ") for part, share in hidden.items() if share < RARELY * found]
    at_times = [
        f"{part.replace('_', ' ')} {1 - share:.0%}" for part, share in hidden.items() if share >= RARELY * found
    ]
    notes = []
    if rarely:
        notes.append(
            f"Hidden or out of the picture nearly all the time: {', '.join(rarely)}. What depends on it is not "
            "assessed. Film from where it shows."
        )
    if at_times:
        notes.append(f"Hidden or out of the picture for part of the time: {', '.join(at_times)}.")
    return tuple(notes)


def _inside(keypoints: Keypoints, info: VideoInfo) -> Bool[np.ndarray, "found 33"]:
    xy = np.asarray(keypoints.xy_px)[keypoints.found]
    return (xy > 0).all(axis=-1) & (xy[..., 0] < info.width_px) & (xy[..., 1] < info.height_px)


def _cut(keypoints: Keypoints, info: VideoInfo) -> str | None:
    if not keypoints.found.any():
        return None
    cut = ~_inside(keypoints, info)[:, list(MAIN_JOINTS)].all(axis=1)
    if cut.mean() < AT_THE_EDGE:
        return None
    return (
        f"The edge of the picture cuts the worker off for {cut.mean():.0%} of the time; "
        "step back or turn the phone so that the whole body fits."
    )


def _small(keypoints: Keypoints) -> str | None:
    if not keypoints.found.any():
        return None
    size_px = float(np.median(np.ptp(np.asarray(keypoints.xy_px)[keypoints.found][..., 1], axis=1)))
    if size_px >= SMALL_PERSON_PX:
        return None
    return f"The worker is small in the picture ({size_px:.0f} pixels high); film from nearer."


def _dark(pictures: Sequence[UInt8[np.ndarray, "H W 3"]]) -> str | None:
    if not pictures:
        return None
    grey = np.stack([np.percentile(rgb[::8, ::8].mean(axis=2), (5, 50, 95)) for rgb in pictures])
    low, middle, high = np.median(grey, axis=0)
    if middle < DARK:
        return "The picture is dark, so the body is seen less exactly; switch on more light."
    if high - low < PALE:
        return "The picture has little contrast (haze, back light, a dirty lens); clean the lens, turn from the window."
    return None


def _short(keypoints: Keypoints) -> str | None:
    count = len(keypoints.timestamps_s)
    if count >= FEW_PICTURES:
        return None
    pictures = "one picture" if count == 1 else f"{count} pictures"
    return (
        f"The film is so short that only {pictures} could be looked at: the scores are of a posture, not of the work. "
        "Film a whole work cycle."
    )


def _slow(info: VideoInfo) -> str | None:
    if info.frame_count < FEW_PICTURES or info.fps >= SLOW_FPS:
        return None
    return f"The film has only {info.fps:.1f} pictures a second: quick movements are missed. Film with 15 or more."


def _swapped(keypoints: Keypoints) -> str | None:
    share = _swap_share(keypoints)
    if share < SWAPS:
        return None
    return (
        f"Left and right seem to change places ({share:.0%} of the pictures), faster than anybody moves. "
        "Compare the body with the film; film more from the front or the side, in better light."
    )


def _swap_share(keypoints: Keypoints) -> float:
    """Share of the steps from picture to picture that make sense only with left and right exchanged."""
    xy = np.where(_seen(keypoints)[..., None], np.asarray(keypoints.xy_px, float), np.nan)
    middles = [xy[:, list(pair)].mean(axis=1) for pair in PAIRS[:2]]
    trunk_px = np.linalg.norm(middles[0] - middles[1], axis=1)
    if len(xy) < 2 or not np.isfinite(trunk_px).any():
        return 0.0
    length_px = max(float(np.nanpercentile(trunk_px, 90)), 1.0)
    swapped = np.zeros(len(xy) - 1, bool)
    for pair in PAIRS:
        before, after = xy[:-1, list(pair)], xy[1:, list(pair)]
        straight = np.linalg.norm(after - before, axis=2).mean(axis=1) / length_px
        crossed = np.linalg.norm(after - before[:, ::-1], axis=2).mean(axis=1) / length_px
        swapped |= (straight > SWAPPED_TRUNKS) & (crossed < straight / 3)  # NaN compares as False
    return float(swapped.mean())


def _no_feet(keypoints: Keypoints, info: VideoInfo) -> str | None:
    if not keypoints.found.any():
        return None
    shown = _inside(keypoints, info) & _seen(keypoints)[keypoints.found]
    if shown[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]].any(axis=1).mean() >= RARELY:
        return None
    return (
        "The feet are never in the picture; legs, support and the camera tilt are guesses. "
        "Film with the feet in the picture."
    )


def _tilted(gravity: Gravity) -> str | None:
    if gravity.sd_deg <= UNCERTAIN_TILT_DEG:
        return None
    return (
        f"The camera tilt is uncertain (±{gravity.sd_deg:.0f}°) and trunk and head with it; "
        "give pitch and roll if you know them."
    )


_MOVED = {
    "shakes": "The camera moves with the hand that holds it; this was undone. Rest the phone on something.",
    "pans": "The camera turns to follow the work; its turns were undone as far as the background shows them. "
    "Film from one place with the phone at rest.",
    "cuts": "The film is cut together of several shots; each was levelled by itself. Film each task in one shot.",
}


def _moved(camera: CameraMotion | None) -> str | None:
    return None if camera is None else _MOVED.get(kind(camera))


def _company(others: int) -> str | None:
    if not others:
        return None
    people = "One other person was" if others == 1 else f"{others} other people were"
    return f"{people} in the picture; check that the right one was analysed."
