"""The 21 landmarks of a hand (MediaPipe Hands), in the order of every ``[21, …]`` array.

Source: Zhang et al., "MediaPipe Hands: On-device real-time hand tracking", 2020, figure 2.
"""

from __future__ import annotations

from enum import IntEnum


class HandLandmark(IntEnum):
    """Index of each landmark. MCP, PIP, DIP are a finger's knuckles from the palm outwards; TIP its end."""

    WRIST = 0
    THUMB_CMC = 1
    THUMB_MCP = 2
    THUMB_IP = 3
    THUMB_TIP = 4
    INDEX_MCP = 5
    INDEX_PIP = 6
    INDEX_DIP = 7
    INDEX_TIP = 8
    MIDDLE_MCP = 9
    MIDDLE_PIP = 10
    MIDDLE_DIP = 11
    MIDDLE_TIP = 12
    RING_MCP = 13
    RING_PIP = 14
    RING_DIP = 15
    RING_TIP = 16
    PINKY_MCP = 17
    PINKY_PIP = 18
    PINKY_DIP = 19
    PINKY_TIP = 20


HAND_LANDMARK_COUNT = len(HandLandmark)
