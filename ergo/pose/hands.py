"""Where a person's hands must be, whether what was read there can be theirs, and their landmarks over time."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.hand_landmarks import HAND_LANDMARK_COUNT
from ergo.body.hand_landmarks import HandLandmark as H
from ergo.body.landmarks import Landmark as L
from ergo.pose.estimator import STATURE_M, Detection
from ergo.pose.hand_reader import Aim, HandReader, HandSighting
from ergo.types import SIDES, Hands, Side

ReadHands: TypeAlias = tuple[HandSighting | None, HandSighting | None]
"""Left and right."""

_SEEN = 0.3
_REACH_M = 0.08
"""The middle of a hand lies this far beyond the wrist …"""
_SQUARE_M = 0.30
"""… and a square of this side about it holds the hand and its fingers."""
SMALLEST_HAND_PX = 22.0
"""Smallest length of a hand (wrist to fingertip, were it flat) worth reading (docs/pose.md)."""
HAND_M = 0.186
"""Length of an adult's hand: 0.108 of stature (Drillis & Contini 1966) at 1.72 m."""

_WRIST_APART_M = 0.12
_SIZE_RATIO = 1.8
_BACKWARDS_DEG = 110.0
_FOREARM_TOLD_M, _PALM_TOLD_M = 0.10, 0.04
"""A forearm or palm that looks shorter than this points at the camera: its direction in the picture says nothing."""
LEAST_CONFIDENCE = 0.8
"""A hand that is less certainly of this side is not taken: its palm and back are not told apart then (docs/pose.md)."""

_FIRST_ROOM = 16
_PATIENCE = 4
BRIDGE_S = 0.5
"""Longest time between two readings over which landmarks are interpolated; a hand read once in it is not believed."""


def px_per_m(body: Detection) -> float:
    """Pixels a metre takes at the person."""
    return body.standing_height_px / STATURE_M


def where_hand_is(body: Detection, side: Side, width_px: int, height_px: int) -> Aim | None:
    """The square to look for a hand in; None when the arm is not seen, the hand out of the picture or too small."""
    marks = [L[f"{side}_{part}".upper()] for part in ("elbow", "wrist", "index", "pinky")]
    scale = px_per_m(body)
    if body.confidence[marks[:2]].min() < _SEEN or HAND_M * scale < SMALLEST_HAND_PX:
        return None
    elbow, wrist, index, pinky = body.xy_px[marks].astype(float)
    up = _unit(wrist - elbow) + _unit((index + pinky) / 2 - wrist)
    centre = wrist + _unit(up) * _REACH_M * scale
    if not (np.isfinite(centre).all() and 0 <= centre[0] < width_px and 0 <= centre[1] < height_px):
        return None
    return Aim(centre_px=centre, up=_unit(up), side_px=_SQUARE_M * scale)


def plausible(hand: HandSighting, body: Detection, side: Side) -> bool:
    """Whether the hand can be that of the body's arm: side, place, size and direction agree."""
    elbow, wrist = (body.xy_px[L[f"{side}_{part}".upper()]].astype(float) for part in ("elbow", "wrist"))
    scale = px_per_m(body)
    own = hand.xy_px[H.WRIST].astype(float)
    spread_m = float(np.linalg.norm(hand.xyz_m[:, :2] - hand.xyz_m[:, :2].mean(axis=0)))
    spread_px = float(np.linalg.norm(hand.xy_px - hand.xy_px.mean(axis=0)))
    ratio = spread_px / max(spread_m * scale, 1e-6)
    forearm, palm = wrist - elbow, hand.xy_px[H.MIDDLE_MCP] - own
    told = np.linalg.norm(forearm) > _FOREARM_TOLD_M * scale and np.linalg.norm(palm) > _PALM_TOLD_M * scale
    turned_deg = np.degrees(np.arccos(np.clip(_unit(forearm) @ _unit(palm), -1.0, 1.0)))
    return bool(
        hand.confidence >= LEAST_CONFIDENCE
        and np.linalg.norm(own - wrist) <= _WRIST_APART_M * scale
        and 1 / _SIZE_RATIO <= ratio <= _SIZE_RATIO
        and not (told and turned_deg > _BACKWARDS_DEG)
    )


def read_hands(
    reader: HandReader, rgb: UInt8[np.ndarray, "H W 3"], body: Detection, sides: Collection[Side] = SIDES
) -> ReadHands:
    """The left and the right hand of a body, None where one is not seen well or not among `sides`."""

    def one(side: Side) -> HandSighting | None:
        aim = where_hand_is(body, side, rgb.shape[1], rgb.shape[0]) if side in sides else None
        hand = None if aim is None else reader.read(rgb, aim, side)
        return hand if hand is not None and plausible(hand, body, side) else None

    return one("left"), one("right")


class HandSamples:
    """Readings of one person's hands by picture number, in one float32 array that grows by doubling."""

    def __init__(self) -> None:
        self._rows = np.empty((_FIRST_ROOM, len(SIDES), HAND_LANDMARK_COUNT, 6), np.float32)
        self._frames = np.empty(_FIRST_ROOM, np.int64)
        self._count = 0
        self._missed = [0] * len(SIDES)

    @property
    def worth_a_look(self) -> tuple[Side, ...]:
        """The hands to read next: one that was missed several times in a row only every second time."""
        pairs = zip(SIDES, self._missed, strict=True)
        return tuple(side for side, missed in pairs if missed < _PATIENCE or missed % 2 == 0)

    def __len__(self) -> int:
        return self._count

    def put(self, frame: int, hands: ReadHands, scale: float) -> None:
        """Add the reading of picture number `frame`; `scale` is the picture's pixels per displayed pixel."""
        if self._count == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
            self._frames = np.concatenate([self._frames, np.empty_like(self._frames)])
        row = self._rows[self._count]
        row[:] = np.nan
        for side, (place, hand) in enumerate(zip(row, hands, strict=True)):
            self._missed[side] = 0 if hand is not None else self._missed[side] + 1
            if hand is not None:
                place[:, :2] = hand.xy_px / scale
                place[:, 2:5] = hand.xyz_m
                place[:, 5] = hand.confidence
        self._frames[self._count] = frame
        self._count += 1

    def extend(self, later: HandSamples) -> None:
        """Add the readings of pictures after the last one."""
        self._rows = np.concatenate([self._rows[: self._count], later._rows])
        self._frames = np.concatenate([self._frames[: self._count], later._frames])
        self._count += len(later)

    def hands(self, timestamps_s: Float[np.ndarray, "T"]) -> Hands:
        """The readings on the common time grid, interpolated between two no more than half a second apart.

        A reading that none so near confirms is dropped: the network errs now and then, seldom twice alike.
        """
        dense = np.full((len(timestamps_s), len(SIDES), HAND_LANDMARK_COUNT, 6), np.nan, np.float32)
        frames = self._frames[: self._count]
        dense[frames] = self._rows[: self._count]
        for side in range(len(SIDES)):
            _drop_loners(dense[:, side], frames, timestamps_s)
            _bridge(dense[:, side], frames, timestamps_s)
        return Hands(
            xy_px=dense[..., :2].copy(),
            xyz_m=dense[..., 2:5].copy(),
            confidence=dense[..., 0, 5].copy(),
            timestamps_s=timestamps_s,
        )


def _drop_loners(rows: Float[np.ndarray, "T 21 6"], looked: np.ndarray, timestamps_s: Float[np.ndarray, "T"]) -> None:
    """Forget, in place, readings that neither the look before nor the one after confirms."""
    if len(looked) == 0:
        return
    read = np.isfinite(rows[looked, 0, 0])
    near = np.diff(timestamps_s[looked]) <= BRIDGE_S
    both = read[:-1] & read[1:] & near
    confirmed = np.concatenate([[False], both]) | np.concatenate([both, [False]])
    rows[looked[~confirmed]] = np.nan


def _bridge(rows: Float[np.ndarray, "T 21 6"], looked: np.ndarray, timestamps_s: Float[np.ndarray, "T"]) -> None:
    """Fill, in place, the pictures between two successive looks that both saw the hand."""
    for left, right in pairwise(looked):
        width_s = timestamps_s[right] - timestamps_s[left]
        if right - left < 2 or width_s > BRIDGE_S or np.isnan(rows[[left, right], 0, 0]).any():
            continue
        share = ((timestamps_s[left + 1 : right] - timestamps_s[left]) / width_s)[:, None, None]
        rows[left + 1 : right] = (1 - share) * rows[left] + share * rows[right]


def _unit(v: np.ndarray) -> np.ndarray:
    return v / max(float(np.linalg.norm(v)), 1e-9)
