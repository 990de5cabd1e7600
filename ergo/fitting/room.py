"""The upright frame of a room from its edges: one vertical and two horizontal directions, each a vanishing point.

Shelves, floors and ceilings run along two horizontal directions at right angles far more often than by chance, so
they say as much about the vertical as door frames do, and all three together tell the focal length. Every edge is
taken to be vertical, one of the two horizontals, or clutter (a mixture, as in Coughlan and Yuille, "Manhattan World",
ICCV 1999). The frame is searched over the whole range of tilts around what the body says, then the best few
candidates are refined with the focal length free within what phones have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.fitting.edges import Edges
from ergo.geometry.camera import up_from_tilt
from ergo.geometry.rotations import angle_between_deg, reject, skew, unit

_SHARES = np.array([0.30, 0.20, 0.20])
"""Share of vertical edges and of each horizontal direction; the rest is clutter in any direction."""
_EVIDENCE = 0.35
"""How much one usual edge counts: neighbouring edges and those of several stills are not independent."""
_LOG_FOCAL_SD = 0.07
_LOG_FOCAL_MOST = 0.3
_PITCH_DEG, _PITCH_SD_DEG = 15.0, 18.0
"""People hold a phone at chest height or higher and look down at the work."""
_ROLL_SD_DEG = 15.0
_BODY_SD_FACTOR = 1.5
_BODY_TAIL = 4.0
"""Degrees of freedom of Student's t around the body's own direction, whose errors have a long tail."""
_COARSE_SD_RAD = np.radians(1.2)
_STEP_DEG = 3.0
_BINS = 30
_CANDIDATES = 6
_ROUNDS = 12
_MOST_STEP_RAD = np.radians(4.0)
_UP_GRID = np.array(
    [up_from_tilt(p, r) for p in np.arange(-24.0, 70.0, _STEP_DEG) for r in np.arange(-60.0, 61.0, _STEP_DEG)]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFrame:
    """Up in the reference camera frame with its standard deviation, the log of true over assumed focal length, and how
    many usual edges run upright."""

    up_cam: Float[np.ndarray, "3"]
    sd_deg: float
    log_focal: float
    upright: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    """What is known of up before any edge is seen."""

    up_cam: Float[np.ndarray, "3"]
    sd_deg: float

    def log_prior(self, up: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n"]:
        off = angle_between_deg(up, self.up_cam) / (_BODY_SD_FACTOR * self.sd_deg)
        pitch_deg = np.degrees(np.arcsin(np.clip(-up[..., 2], -1.0, 1.0)))
        roll_deg = np.degrees(np.arctan2(up[..., 0], -up[..., 1]))
        body = -0.5 * (_BODY_TAIL + 1.0) * np.log1p(off**2 / _BODY_TAIL)
        held = np.minimum((roll_deg / _ROLL_SD_DEG) ** 2, 9.0) + ((pitch_deg - _PITCH_DEG) / _PITCH_SD_DEG) ** 2
        return body - 0.5 * held


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mode:
    """One refined candidate: its log posterior, frame (rows up and two horizontals), spread and focal length."""

    score: float
    axes: Float[np.ndarray, "3 3"]
    sd_deg: float
    log_focal: float


def find_room(edges: Edges, up_cam: Float[np.ndarray, "3"], sd_deg: float) -> RoomFrame | None:
    """The room's vertical near `up_cam`, known before to `sd_deg`; None when there are too few edges to say.

    The returned sd counts the spread of the edges as well as rival frames that explain them nearly as well.
    """
    if len(edges.weight) < 3:
        return None
    guess = _Guess(up_cam=up_cam, sd_deg=sd_deg)
    modes = [_refine(axes, edges, guess) for axes in _candidates(edges, guess)]
    modes.sort(key=lambda mode: -mode.score)
    best = modes[0]
    share = np.exp([mode.score - best.score for mode in modes])
    share /= share.sum()
    rivals_deg = angle_between_deg(np.array([mode.axes[0] for mode in modes]), best.axes[0])
    spread_deg = np.sqrt(best.sd_deg**2 + float(share @ np.minimum(rivals_deg, 40.0) ** 2))
    densities = _densities(_bearing(*edges.planes(best.log_focal), best.axes), edges.sd_rad)
    return RoomFrame(
        up_cam=best.axes[0],
        sd_deg=float(spread_deg),
        log_focal=best.log_focal,
        upright=float(edges.weight @ _belongs(densities)[:, 0]),
    )


def _bearing(
    normals: Float[np.ndarray, "E 3"], middles: Float[np.ndarray, "E 3"], axes: Float[np.ndarray, "N 3"]
) -> Float[np.ndarray, "E N"]:
    """Angle in the picture between each edge and the way to each axis' vanishing point, radians."""
    toward = np.sqrt(np.maximum(1.0 - (middles @ axes.T) ** 2, 1e-4))
    return np.arcsin(np.clip(normals @ axes.T / toward, -1.0, 1.0))


def _densities(bearing: Float[np.ndarray, "E 3"], sd_rad: Float[np.ndarray, "E"]) -> Float[np.ndarray, "E 3"]:
    """Likelihood of each edge under each axis, over that of clutter."""
    z = bearing / sd_rad[:, None]
    return _SHARES * np.exp(-0.5 * z**2) * np.sqrt(np.pi / 8.0) / sd_rad[:, None]


def _belongs(densities: Float[np.ndarray, "E 3"]) -> Float[np.ndarray, "E 3"]:
    """Probability that an edge runs along each axis; what is missing to 1 is clutter."""
    return densities / (1.0 - _SHARES.sum() + densities.sum(axis=1, keepdims=True))


def _log_likelihood(densities: Float[np.ndarray, "*n E 3"], weight: Float[np.ndarray, "E"]) -> Float[np.ndarray, "*n"]:
    return _EVIDENCE * np.log(1.0 - _SHARES.sum() + densities.sum(axis=-1)) @ weight


def _candidates(edges: Edges, guess: _Guess) -> list[Float[np.ndarray, "3 3"]]:
    """The best frames of a coarse search, a few degrees apart from each other."""
    prior = guess.log_prior(_UP_GRID)
    likely = prior > prior.max() - 9.0
    ups, prior = _UP_GRID[likely], prior[likely]
    normals, middles = edges.planes()
    sd_rad = np.hypot(edges.sd_rad, _COARSE_SD_RAD)
    frames = _turned(ups, _azimuths(ups, normals, middles, sd_rad, edges.weight))
    bearing = np.stack([_bearing(normals, middles, frames[:, axis]).T for axis in range(3)], axis=-1)
    score = prior + _log_likelihood(_densities(bearing, sd_rad), edges.weight)
    chosen: list[int] = []
    for index in np.argsort(-score)[: 10 * _CANDIDATES]:
        if all(angle_between_deg(ups[index], ups[other]) > 5.0 for other in chosen):
            chosen.append(int(index))
        if len(chosen) == _CANDIDATES:
            break
    return [frames[index] for index in chosen]


def _azimuths(
    ups: Float[np.ndarray, "N 3"],
    normals: Float[np.ndarray, "E 3"],
    middles: Float[np.ndarray, "E 3"],
    sd_rad: Float[np.ndarray, "E"],
    weight: Float[np.ndarray, "E"],
) -> Float[np.ndarray, "N"]:
    """For each up, the commonest direction (modulo a right angle) of the edges if they were horizontal, radians."""
    vertical = np.exp(-0.5 * (_bearing(normals, middles, ups) / sd_rad[:, None]) ** 2).T
    level = np.cross(normals[None], ups[:, None])
    ahead = unit(reject(np.array([0.0, 0.0, 1.0]), ups))
    right = np.cross(ups, ahead)
    azimuth = np.arctan2(np.einsum("nei,ni->ne", level, right), np.einsum("nei,ni->ne", level, ahead))
    bins = np.minimum((np.mod(azimuth, np.pi / 2) / (np.pi / 2) * _BINS).astype(int), _BINS - 1)
    heavy = weight * (1.0 - vertical) * (np.linalg.norm(level, axis=-1) > 0.2)
    flat = (np.arange(len(ups))[:, None] * _BINS + bins).ravel()
    votes = np.bincount(flat, heavy.ravel(), len(ups) * _BINS).reshape(len(ups), _BINS)
    votes = votes + 0.5 * (np.roll(votes, 1, axis=1) + np.roll(votes, -1, axis=1))
    return (votes.argmax(axis=1) + 0.5) * (np.pi / 2) / _BINS


def _turned(ups: Float[np.ndarray, "N 3"], azimuth_rad: Float[np.ndarray, "N"]) -> Float[np.ndarray, "N 3 3"]:
    ahead = unit(reject(np.array([0.0, 0.0, 1.0]), ups))
    right = np.cross(ups, ahead)
    c, s = np.cos(azimuth_rad)[:, None], np.sin(azimuth_rad)[:, None]
    return np.stack([ups, c * ahead + s * right, c * right - s * ahead], axis=1)


def _refine(axes: Float[np.ndarray, "3 3"], edges: Edges, guess: _Guess) -> _Mode:
    """Gauss–Newton over the frame's turn and the focal length, edges shared out anew in every round (EM)."""
    log_focal = 0.0
    body_weight = np.radians(_BODY_SD_FACTOR * guess.sd_deg) ** -2
    system = np.eye(4)
    for count in range(_ROUNDS):
        # Begin wide, so that a candidate a few degrees off still sees its edges.
        sd_rad = edges.sd_rad * max(1.0, 3.0 * 0.6**count)
        bearing, jacobian = _linearised(axes, log_focal, edges)
        densities = _densities(bearing, sd_rad)
        weight = _EVIDENCE * edges.weight[:, None] * _belongs(densities) / sd_rad[:, None] ** 2
        system = np.einsum("ea,eap,eaq->pq", weight, jacobian, jacobian)
        slope = np.einsum("ea,eap,ea->p", weight, jacobian, bearing)
        turn_up = -skew(axes[0])
        system[:3, :3] += body_weight * turn_up.T @ turn_up + 1e-3 * np.eye(3)
        slope[:3] += body_weight * turn_up.T @ (axes[0] - guess.up_cam)
        system[3, 3] += _LOG_FOCAL_SD**-2
        slope[3] += log_focal * _LOG_FOCAL_SD**-2
        step = -np.linalg.solve(system, slope)
        step *= min(1.0, _MOST_STEP_RAD / max(float(np.linalg.norm(step[:3])), 1e-9))
        axes = axes @ Rotation.from_rotvec(step[:3]).as_matrix().T
        log_focal = float(np.clip(log_focal + step[3], -_LOG_FOCAL_MOST, _LOG_FOCAL_MOST))
    bearing = _bearing(*edges.planes(log_focal), axes)
    score = _log_likelihood(_densities(bearing, edges.sd_rad), edges.weight) + guess.log_prior(axes[0])
    turn_up = -skew(axes[0])
    spread = turn_up @ np.linalg.inv(system)[:3, :3] @ turn_up.T
    return _Mode(
        score=float(score - 0.5 * (log_focal / _LOG_FOCAL_SD) ** 2),
        axes=axes,
        sd_deg=float(np.degrees(np.sqrt(np.trace(spread)))),
        log_focal=log_focal,
    )


def _linearised(
    axes: Float[np.ndarray, "3 3"], log_focal: float, edges: Edges
) -> tuple[Float[np.ndarray, "E 3"], Float[np.ndarray, "E 3 4"]]:
    """Bearings and their slopes by a turn of the frame (rotation vector) and the log focal length."""
    tiny = 1e-4
    planes = edges.planes(log_focal)
    bearing = _bearing(*planes, axes)
    jacobian = np.empty((*bearing.shape, 4))
    for index in range(3):
        turned = axes @ Rotation.from_rotvec(tiny * np.eye(3)[index]).as_matrix().T
        jacobian[..., index] = (_bearing(*planes, turned) - bearing) / tiny
    jacobian[..., 3] = (_bearing(*edges.planes(log_focal + tiny), axes) - bearing) / tiny
    return bearing, jacobian
