"""Faces that belong to nobody who is followed: what else has to be blurred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ergo.body.landmarks import Landmark as L
from ergo.looking.heads import HEAD_M, heads_seen
from ergo.pose.face_tracks import FaceSighting, FaceTrack, face_tracks
from ergo.types import Keypoints

_BONES = (
    (L.LEFT_SHOULDER, L.LEFT_ELBOW), (L.LEFT_ELBOW, L.LEFT_WRIST), (L.LEFT_WRIST, L.LEFT_INDEX),
    (L.RIGHT_SHOULDER, L.RIGHT_ELBOW), (L.RIGHT_ELBOW, L.RIGHT_WRIST), (L.RIGHT_WRIST, L.RIGHT_INDEX),
    (L.LEFT_SHOULDER, L.RIGHT_SHOULDER), (L.LEFT_HIP, L.RIGHT_HIP),
    (L.LEFT_SHOULDER, L.RIGHT_HIP), (L.RIGHT_SHOULDER, L.LEFT_HIP),
    (L.LEFT_HIP, L.LEFT_KNEE), (L.LEFT_KNEE, L.LEFT_ANKLE), (L.LEFT_ANKLE, L.LEFT_FOOT_INDEX),
    (L.RIGHT_HIP, L.RIGHT_KNEE), (L.RIGHT_KNEE, L.RIGHT_ANKLE), (L.RIGHT_ANKLE, L.RIGHT_FOOT_INDEX),
)  # fmt: skip
_FLESH_M = 0.15
"""What lies this near to a bone of somebody is a part of them, not the face of somebody else."""
_NEAR_S = 0.25


def strange_faces(sightings: Sequence[FaceSighting], people: Sequence[Keypoints]) -> tuple[FaceTrack, ...]:
    """The faces that are on nobody's body.

    Faces of the people themselves are left out, too: their heads are known better. So are hands, knees and backs that
    the network took for faces.
    """
    found = [(person, *heads_seen(person.xy_px, person.xyz_m)) for person in people if len(person.timestamps_s)]
    return face_tracks([s for s in sightings if not any(_belongs(s, *each) for each in found)])


def _belongs(
    face: FaceSighting, person: Keypoints, middle: Float[np.ndarray, "T 2"], radius: Float[np.ndarray, "T"]
) -> bool:
    at = int(np.abs(person.timestamps_s - face.at_s).argmin())
    if abs(person.timestamps_s[at] - face.at_s) > _NEAR_S or not np.isfinite(radius[at]):
        return False
    if np.linalg.norm(face.middle_px - middle[at]) <= radius[at]:
        return True
    bones = np.asarray(person.xy_px[at], float)[np.array(_BONES)]
    bones = bones[np.isfinite(bones).all(axis=(1, 2))]
    along = bones[:, 1] - bones[:, 0]
    share = ((face.middle_px - bones[:, 0]) * along).sum(axis=1) / np.maximum((along**2).sum(axis=1), 1e-9)
    nearest = bones[:, 0] + np.clip(share, 0.0, 1.0)[:, None] * along
    away = np.linalg.norm(nearest - face.middle_px, axis=1)
    return bool((away < _FLESH_M / HEAD_M * radius[at]).any())
