"""Reads the landmarks of a hand out of a square of the picture, with the hand network of MediaPipe.

The body tells where a hand must be, so no palm detector runs: the network looks at an upright square about the hand,
and once more, better aimed, about what it found there (as MediaPipe's Holistic does).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.hand_landmarks import HandLandmark as H
from ergo.closing import Closing
from ergo.types import Side, checked

HandModel: TypeAlias = Literal["lite", "full"]

PICTURE_PX = 224
"""Side of the network's input."""
PRESENCE_CONFIDENCE = 0.5
"""A network less sure than this that there is a hand sees none."""
_PALM = [H.WRIST, H.THUMB_CMC, H.THUMB_MCP, H.THUMB_IP, H.INDEX_MCP, H.INDEX_PIP, H.MIDDLE_MCP, H.MIDDLE_PIP,
         H.RING_MCP, H.RING_PIP, H.PINKY_MCP, H.PINKY_PIP]  # fmt: skip
_ROOM = 2.0
_SHIFT = 0.1
"""The square is this much larger than the palm and moved this far towards the fingers (hand_landmarker_graph.cc)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A square of the picture: its middle, the direction that is up in it (unit length), its side; pixels."""

    centre_px: Float[np.ndarray, "2"]
    up: Float[np.ndarray, "2"]
    side_px: float

    @property
    def turn(self) -> Float[np.ndarray, "2 2"]:
        """Turns directions in the upright square into directions in the picture."""
        return np.stack([[-self.up[1], self.up[0]], -self.up], axis=1)


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class HandSighting:
    """One hand in one picture.

    `xy_px` in pixels of the picture given; `xyz_m` metres about the middle of the hand, in a frame that looks straight
    at it (X right, Y down, Z away); `confidence` is how sure the network is that it is the hand of the side asked for.
    """

    xy_px: Float[np.ndarray, "21 2"]
    xyz_m: Float[np.ndarray, "21 3"]
    confidence: float


def aim_at(xy_px: Float[np.ndarray, "21 2"]) -> Aim:
    """The square the network wants about a hand that is already known."""
    knuckles = (xy_px[H.INDEX_MCP] + xy_px[H.RING_MCP]) / 4 + xy_px[H.MIDDLE_MCP] / 2
    along = knuckles - xy_px[H.WRIST]
    upright = Aim(centre_px=np.zeros(2), up=along / max(float(np.linalg.norm(along)), 1e-6), side_px=1.0)
    palm = xy_px[_PALM] @ upright.turn
    low, high = palm.min(axis=0), palm.max(axis=0)
    size = float((high - low).max())
    middle = (low + high) / 2 - np.array([0.0, _SHIFT * size])
    return Aim(centre_px=upright.turn @ middle, up=upright.up, side_px=max(_ROOM * size, 8.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawHand:
    """What the network says about a picture of 224 × 224: pixels of it, metres, which hand it is and how surely."""

    xy_px: Float[np.ndarray, "21 2"]
    xyz_m: Float[np.ndarray, "21 3"]
    side: Side
    sure: float


class HandNetwork(Protocol):
    """A hand network, whichever runtime runs it."""

    def detect(self, rgb: UInt8[np.ndarray, "224 224 3"]) -> RawHand | None:
        """The hand that fills the picture, or None when none is seen."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class HandReader(Closing):
    """Looks at hands with a network, which it owns and closes."""

    def __init__(self, network: HandNetwork) -> None:
        self._network = network

    def read(self, rgb: UInt8[np.ndarray, "H W 3"], aim: Aim, side: Side) -> HandSighting | None:
        """The hand in the square, or None when the network sees none there; two looks when it does."""
        first = self._look(rgb, aim, side)
        return None if first is None else self._look(rgb, aim_at(first.xy_px), side)

    def _look(self, rgb: UInt8[np.ndarray, "H W 3"], aim: Aim, side: Side) -> HandSighting | None:
        import cv2  # noqa: PLC0415  only the hands need it

        scale = aim.side_px / PICTURE_PX
        corner = aim.centre_px - aim.turn @ np.full(2, aim.side_px / 2)
        to_picture = np.concatenate([aim.turn * scale, corner[:, None]], axis=1)
        flags = cv2.WARP_INVERSE_MAP | cv2.INTER_LINEAR
        hand = self._network.detect(cv2.warpAffine(rgb, to_picture, (PICTURE_PX, PICTURE_PX), flags=flags))
        if hand is None:
            return None
        space = hand.xyz_m.copy()
        space[:, :2] = space[:, :2] @ aim.turn.T
        return HandSighting(
            xy_px=(hand.xy_px @ to_picture[:, :2].T + to_picture[:, 2]).astype(np.float32),
            xyz_m=space,
            confidence=hand.sure if hand.side == side else 1.0 - hand.sure,
        )

    def close(self) -> None:
        """Close the network; otherwise MediaPipe complains when Python ends."""
        self._network.close()
