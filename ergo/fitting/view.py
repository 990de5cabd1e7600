"""How the camera saw the scene: how it moved, the room's edges, and from both which way is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from ergo.body.landmarks import Landmark as L
from ergo.fitting.camera_motion import aligned, camera_motion, steadied
from ergo.fitting.edges import Edges, Still, find_edges
from ergo.fitting.gravity import Seen, from_bodies, refine_with_lines
from ergo.fitting.lift import lift
from ergo.types import CameraMotion, Gravity, Keypoints
from ergo.video.background import Matches
from ergo.video.limits import Frame

LEGS_SEEN = 0.2
"""Confidence of both ankles from which on a standing person tells up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the pictures say of the camera, whoever is analysed.

    `motion` is None when it was at rest; `edges` are those of the room, one set for each shot.
    """

    motion: CameraMotion | None
    edges: tuple[Edges, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """Up in the reference frame, that of the camera at the first frame, and in the first frame of each shot."""

    gravity: Gravity
    shot_ups: Float[np.ndarray, "S 3"]


def find_view(
    people: Sequence[Keypoints],
    stills: Sequence[tuple[int, Frame]],
    matches: Sequence[Matches],
    K: Float[np.ndarray, "3 3"],
) -> View:
    """Camera motion and the edges of the room.

    Args:
        people: everybody tracked, whose places in the picture are no background.
        stills: pictures in which edges are looked for, and which of the sampled frames they are.
        matches: background points of each sampled frame.
        K: intrinsics in displayed pixels.
    """
    motion = camera_motion(matches, people, K)
    scale = stills[0][1].scale if stills else 1.0
    K_still = K * np.array([[scale], [scale], [1.0]])
    shots: list[list[Still]] = [[] for _ in range(1 if motion is None else int(motion.scene.max()) + 1)]
    for number, frame in stills:
        shots[0 if motion is None else int(motion.scene[number])].append(_still(number, frame, people, motion))
    return View(motion=motion, edges=tuple(find_edges(shot, K_still) for shot in shots))


def _still(number: int, frame: Frame, people: Sequence[Keypoints], motion: CameraMotion | None) -> Still:
    places = [np.asarray(person.xy_px, dtype=float)[number] * frame.scale for person in people]
    boxes = [np.concatenate([xy.min(axis=0), np.ptp(xy, axis=0)]) for xy in places if np.isfinite(xy).all()]
    return Still(
        rgb=frame.rgb,
        people_px=np.array(boxes).reshape(-1, 4),
        R_ref_cam=np.eye(3) if motion is None else motion.R_ref_cam[number],
    )


def find_tilt(people: Sequence[Keypoints], view: View, K: Float[np.ndarray, "3 3"]) -> Tilt:
    """Which way is up: the room's edges around what the bodies in it say, each shot by itself.

    Args:
        people: everybody whose body tells up, the worker and who else is there.
        view: of the film that they are in.
        K: intrinsics in displayed pixels.
    """
    motion, seen = view.motion, [_seen(person, K) for person in people]
    if motion is None:
        gravity = refine_with_lines(from_bodies(seen), view.edges[0])
        return Tilt(gravity=gravity, shot_ups=gravity.up_cam[None])
    turned = [replace(one, points_m=np.einsum("tij,tnj->tni", motion.R_ref_cam, one.points_m)) for one in seen]
    shots = [motion.scene == number for number in range(len(view.edges))]
    gravities = [
        refine_with_lines(from_bodies([_during(one, shot) for one in turned]), edges)
        for shot, edges in zip(shots, view.edges, strict=True)
    ]
    share = np.array([shot.mean() for shot in shots])
    variance = share @ np.array([g.sd_deg**2 for g in gravities]) + float(np.mean(motion.sd_deg**2))
    first = gravities[0]
    return Tilt(
        gravity=Gravity(up_cam=first.up_cam, sd_deg=float(np.sqrt(variance)), source=first.source),
        shot_ups=np.array([g.up_cam for g in gravities]),
    )


def _seen(person: Keypoints, K: Float[np.ndarray, "3 3"]) -> Seen:
    ankles = np.nan_to_num(np.asarray(person.confidence)[:, [L.LEFT_ANKLE, L.RIGHT_ANKLE]], nan=0.0)
    return Seen(points_m=lift(person, K), legs_seen=np.asarray((ankles >= LEGS_SEEN).all(axis=1)))


def _during(person: Seen, shot: Bool[np.ndarray, "T"]) -> Seen:
    return Seen(points_m=person.points_m[shot], legs_seen=person.legs_seen[shot])


def steady(worker: Keypoints, view: View, tilt: Tilt, gravity: Gravity, K: Float[np.ndarray, "3 3"]) -> Keypoints:
    """The landmarks that the body is fitted to: those of `worker`, with the camera's motion undone.

    `gravity` is the one in use, which may be the user's; other shots than the first keep the tilt that was found.
    """
    if view.motion is None:
        return worker
    return steadied(worker, aligned(view.motion, [gravity.up_cam, *tilt.shot_ups[1:]]), K)
