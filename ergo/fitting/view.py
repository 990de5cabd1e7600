"""How the camera saw the worker: which way is up, how the camera moved, and the landmarks with both undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.landmarks import Landmark as L
from ergo.fitting.camera_motion import aligned, camera_motion, steadied
from ergo.fitting.edges import Still
from ergo.fitting.gravity import from_body, refine_with_lines
from ergo.fitting.lift import lift
from ergo.types import CameraMotion, Gravity, Keypoints
from ergo.video.background import Matches
from ergo.video.limits import Frame

LEGS_SEEN = 0.2
"""Confidence of both ankles from which on a standing person tells up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the pictures say of the camera.

    `gravity` is in the reference frame, that of the camera at the first frame; `motion` is None when it was at rest;
    `shot_ups` are up in the first frame of each shot.
    """

    gravity: Gravity
    motion: CameraMotion | None
    shot_ups: Float[np.ndarray, "S 3"]


def find_view(
    worker: Keypoints,
    people: Sequence[Keypoints],
    stills: Sequence[tuple[int, Frame]],
    matches: Sequence[Matches],
    K: Float[np.ndarray, "3 3"],
) -> View:
    """Gravity and camera motion of a film, each shot of it looked at by itself.

    Args:
        worker: whose body tells up.
        people: everybody tracked, whose places in the picture are no background.
        stills: pictures in which edges are looked for, and which of the sampled frames they are.
        matches: background points of each sampled frame.
        K: intrinsics in displayed pixels.
    """
    motion = camera_motion(matches, people, K)
    everywhere = np.ones(len(worker.timestamps_s), dtype=bool)
    if motion is None:
        gravity = _gravity(worker, everywhere, stills, None, K)
        return View(gravity=gravity, motion=None, shot_ups=gravity.up_cam[None])
    shots = [motion.scene == number for number in range(int(motion.scene.max()) + 1)]
    gravities = [_gravity(worker, shot, stills, motion, K) for shot in shots]
    share = np.array([shot.mean() for shot in shots])
    variance = share @ np.array([g.sd_deg**2 for g in gravities]) + float(np.mean(motion.sd_deg**2))
    first = gravities[0]
    return View(
        gravity=Gravity(up_cam=first.up_cam, sd_deg=float(np.sqrt(variance)), source=first.source),
        motion=motion,
        shot_ups=np.array([g.up_cam for g in gravities]),
    )


def _gravity(
    worker: Keypoints,
    shot: Bool[np.ndarray, "T"],
    stills: Sequence[tuple[int, Frame]],
    motion: CameraMotion | None,
    K: Float[np.ndarray, "3 3"],
) -> Gravity:
    ankles = np.nan_to_num(np.asarray(worker.confidence)[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]], nan=0.0)
    points = lift(worker, K)
    if motion is not None:
        points = np.einsum("tij,tnj->tni", motion.R_ref_cam, points)
    upright = from_body(points[shot], np.asarray((ankles >= LEGS_SEEN).all(axis=1))[shot])
    shown = [_still(number, frame, worker, motion) for number, frame in stills if shot[number]]
    scale = stills[0][1].scale if stills else 1.0
    return refine_with_lines(upright, shown, K * np.array([[scale], [scale], [1.0]]))


def _still(number: int, frame: Frame, worker: Keypoints, motion: CameraMotion | None) -> Still:
    xy = np.asarray(worker.xy_px, dtype=float)[number] * frame.scale
    low, high = (xy.min(axis=0), xy.max(axis=0)) if np.isfinite(xy).all() else (np.zeros(2), np.zeros(2))
    return Still(
        rgb=frame.rgb,
        bbox_px=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
        R_ref_cam=np.eye(3) if motion is None else motion.R_ref_cam[number],
    )


def steady(worker: Keypoints, view: View, gravity: Gravity, K: Float[np.ndarray, "3 3"]) -> Keypoints:
    """The landmarks that the body is fitted to: those of `worker`, with the camera's motion undone.

    `gravity` is the one in use, which may be the user's; other shots than the first keep the tilt that was found.
    """
    if view.motion is None:
        return worker
    return steadied(worker, aligned(view.motion, [gravity.up_cam, *view.shot_ups[1:]]), K)
