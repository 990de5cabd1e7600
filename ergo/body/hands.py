"""The frame of a hand, and the angles of a wrist."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ergo.body.skeleton import JOINT_INDEX
from ergo.geometry.rotations import frame_from_axes
from ergo.types import Side


def hand_frame(joints_m: Float[np.ndarray, "T 55 3"], side: Side) -> Float[np.ndarray, "T 3 3"]:
    """The frame of a posed body's hand: columns towards the thumb, along the hand, and their cross product."""
    wrist, index, middle, pinky = (
        joints_m[:, JOINT_INDEX[f"{side}_{part}"]] for part in ("wrist", "index1", "middle1", "pinky1")
    )
    return frame_from_axes(middle - wrist, index - pinky)


def palmar(side: Side) -> float:
    """1 where the third column of a hand's frame comes out of the palm, −1 where out of the back."""
    return 1.0 if side == "right" else -1.0


def wrist_angles_deg(
    hand: Float[np.ndarray, "N 3 3"], forearm: Float[np.ndarray, "N 3"], out_of_palm: float
) -> tuple[Float[np.ndarray, "N"], Float[np.ndarray, "N"]]:
    """Flexion (towards the palm) and ulnar deviation of a hand against its forearm, degrees.

    Flexion about the axis across the forearm first, then deviation about the moved normal of the palm, in the order of
    the ISB (Wu et al., J. Biomech. 38, 2005). `hand` is a frame as of :func:`hand_frame`, `forearm` points from elbow
    to wrist at unit length, `out_of_palm` is that of :func:`palmar`.
    """
    radial, along, normal = (np.sum(hand[:, :, k] * forearm, axis=1) for k in range(3))
    flexion = np.degrees(np.arcsin(np.clip(-out_of_palm * normal, -1.0, 1.0)))
    return flexion, np.degrees(np.arctan2(radial, along))
