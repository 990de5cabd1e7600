"""How each quality sees a face: the templates of ``ergo/fitting/head.py``, from clips whose heads are known.

    python benchmarks/faces.py DATA [MORE …] --quality medium [--keep FOLDER]

DATA and --keep: see ``accuracy.py``. The landmarks of the face are turned into the frame of the true head; the
template is the mean of the clips' medians, every group of clips counting the same. Real cameras do not know the head.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import repository  # noqa: F401
from accuracy import look
from scipy.spatial.transform import Rotation
from truth_clips import Truth, find_clips
from truth_scores import true_angles

from ergo.errors import ErgoError
from ergo.fitting.gaps import complete
from ergo.fitting.head import FACE
from ergo.fitting.lift import lift
from ergo.geometry.rotations import frame_from_axes
from ergo.types import QUALITIES, Analysis, AnalysisSettings


def face_in_head(analysis: Analysis, truth: Truth) -> np.ndarray:
    """Where the landmarks are in the frame of the true head about their mean, metres, median over the clip."""
    at = np.abs(truth.times_s[None] - analysis.angles.timestamps_s[:, None]).argmin(axis=1)
    joints, angles = truth.joints, true_angles(truth)
    trunk = joints["l_shoulder"] + joints["r_shoulder"] - joints["l_hip"] - joints["r_hip"]
    chest = truth.R_cam_world @ frame_from_axes(trunk, joints["l_shoulder"] - joints["r_shoulder"])
    turn = Rotation.from_euler(
        "YXZ", np.stack([angles[f"neck_{name}"] for name in ("twist", "flexion", "side_bend")], axis=1), degrees=True
    )
    head = (chest @ turn.as_matrix())[at]
    face = lift(analysis.keypoints, analysis.camera.K)[:, list(FACE)]
    face = np.einsum("tji,tlj->tli", head, face - face.mean(axis=1, keepdims=True))
    return np.median(face[complete(face)], axis=0)


def main() -> None:
    """Look at every clip that knows the head, and print the template."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--quality", choices=QUALITIES, default="medium")
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    faces: dict[str, list[np.ndarray]] = {}
    for clip in (c for c in find_clips(options.data) if c.truth.neck_flexion_deg is not None):
        try:
            analysis, _ = look(clip, AnalysisSettings(quality=options.quality), options.keep)
        except ErgoError as error:
            print(f"{clip.name}: {error}")
            continue
        faces.setdefault(clip.group, []).append(face_in_head(analysis, clip.truth))
    groups = [np.nanmean(found, axis=0) for found in faces.values()]
    for landmark, place_cm in zip(FACE, 100 * np.mean(groups, axis=0), strict=True):
        print(f"    ({', '.join(f'{value:.1f}' for value in place_cm)}),  # {landmark.name.lower()}")


if __name__ == "__main__":
    main()
