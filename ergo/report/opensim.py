"""The motion for OpenSim: virtual markers as TRC, joint coordinates as MOT.

Both are in one ground frame, Y up as OpenSim's, turned about the vertical so that the body faces +X on the whole. Rows
stand at the times of the film's sampled frames. TRC is in millimetres, MOT in degrees and metres.

The coordinates are those of the models of the gait2392 and Rajagopal family, read off joint positions: pelvis and trunk
are taken as one (its long axis is hips to shoulders, its cross axis the line of the hips), so the lumbar joint only
twists. docs/exports.md has the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from ergo.body.model import BodyModel
from ergo.body.skeleton import JOINT_INDEX
from ergo.errors import SettingsError
from ergo.geometry.rotations import angle_between_deg, unit
from ergo.report.markers import facing, marker_paths
from ergo.types import Motion

_MM = 1000.0
_BENT_DEG = 20.0
"""Elbow flexion below which the turn of the upper arm about itself cannot be told from the forearm."""


def write_trc(path: Path, motion: Motion, body: BodyModel) -> None:
    """Write joint centres and points of the skin; where nobody was seen the cells are empty.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    turn = facing(motion)
    markers = {name: _MM * at @ turn.T for name, at in marker_paths(motion, body).items()}
    rate = f"{_rate_hz(motion):.6g}"
    count = len(motion.timestamps_s)
    named = "\t".join(f"{name}\t\t" for name in markers)
    axes = "\t".join(f"X{n}\tY{n}\tZ{n}" for n in range(1, len(markers) + 1))
    rows = np.concatenate(list(markers.values()), axis=1)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"PathFileType\t4\t(X/Y/Z)\t{path.name}\n")
        file.write(
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        )
        file.write(f"{rate}\t{rate}\t{count}\t{len(markers)}\tmm\t{rate}\t1\t{count}\n")
        file.write(f"Frame#\tTime\t{named.rstrip()}\t\t\n\t\t{axes}\n\n")
        for number, (time_s, row) in enumerate(zip(motion.timestamps_s, rows, strict=True), 1):
            cells = "\t".join("" if np.isnan(value) else f"{value:.2f}" for value in row)
            file.write(f"{number}\t{time_s:.6f}\t{cells}\n")


def write_mot(path: Path, motion: Motion) -> None:
    """Write the coordinates of the frames in which the person was seen.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    columns = coordinates(motion)
    times = motion.timestamps_s[motion.valid]
    rows = np.column_stack([times, *columns.values()])
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"Coordinates\nversion=1\nnRows={len(rows)}\nnColumns={rows.shape[1]}\ninDegrees=yes\n\n")
        file.write("Units are S.I. units (second, meters, Newtons, ...)\nAngles are in degrees.\n\nendheader\n")
        file.write("\t".join(["time", *columns]) + "\n")
        np.savetxt(file, rows, fmt="%.6f", delimiter="\t")


def coordinates(motion: Motion) -> dict[str, Float[np.ndarray, "N"]]:
    """OpenSim's coordinates in the N frames in which the person was seen: degrees, and metres for ``pelvis_t…``.

    Raises:
        SettingsError: the person was seen in no frame.
    """
    joints_m = motion.joints_m[motion.valid] @ facing(motion).T
    at = {name: joints_m[:, index] for name, index in JOINT_INDEX.items()}
    hips, shoulders = ((at[f"left_{part}"] + at[f"right_{part}"]) / 2 for part in ("hip", "shoulder"))
    pelvis = _frame(shoulders - hips, at["right_hip"] - at["left_hip"])
    torso = _frame(shoulders - hips, at["right_shoulder"] - at["left_shoulder"])
    tilt, side, heading = _zxy(pelvis)
    _, _, twist = _zxy(np.swapaxes(pelvis, 1, 2) @ torso)
    found = {
        "pelvis_tilt": tilt,
        "pelvis_list": side,
        "pelvis_rotation": _unwrapped(heading),
        **{f"pelvis_t{axis}": hips[:, column] for column, axis in enumerate("xyz")},
        "lumbar_rotation": twist,
    }
    for letter, sign, name in (("r", 1.0, "right"), ("l", -1.0, "left")):
        found |= _limbs({part: at[f"{name}_{part}"] for part in _PARTS}, pelvis, torso, letter, sign)
    return found


_PARTS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")


def _limbs(
    at: Mapping[str, Float[np.ndarray, "N 3"]], pelvis: np.ndarray, torso: np.ndarray, letter: str, sign: float
) -> dict[str, np.ndarray]:
    """The coordinates of one side; `sign` is −1 on the left, whose across and turning axes OpenSim mirrors."""
    thigh, shank = at["knee"] - at["hip"], at["ankle"] - at["knee"]
    upper, fore = at["elbow"] - at["shoulder"], at["wrist"] - at["elbow"]
    hip_flexion, hip_adduction = _hinged(pelvis, thigh, sign)
    arm_flexion, arm_adduction = _hinged(torso, upper, sign)
    return {
        f"hip_flexion_{letter}": hip_flexion,
        f"hip_adduction_{letter}": hip_adduction,
        f"knee_angle_{letter}": angle_between_deg(thigh, shank),
        f"arm_flex_{letter}": arm_flexion,
        f"arm_add_{letter}": arm_adduction,
        f"arm_rot_{letter}": _arm_rotation(torso, arm_flexion, sign * arm_adduction, upper, fore, sign),
        f"elbow_flex_{letter}": angle_between_deg(upper, fore),
    }


def _frame(up: Float[np.ndarray, "N 3"], right: Float[np.ndarray, "N 3"]) -> Float[np.ndarray, "N 3 3"]:
    """A segment's frame as OpenSim has it: columns ahead, up, right."""
    y = unit(up)
    x = unit(np.cross(y, right))
    return np.stack([x, y, np.cross(x, y)], axis=-1)


def _zxy(frames: Float[np.ndarray, "N 3 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turns about Z, then the turned X, then the turned Y, degrees: the order of OpenSim's ball joints."""
    z, x, y = Rotation.from_matrix(frames).as_euler("ZXY", degrees=True).T
    return z, x, y


def _hinged(
    frame: Float[np.ndarray, "N 3 3"], bone: Float[np.ndarray, "N 3"], sign: float
) -> tuple[np.ndarray, np.ndarray]:
    """Flexion and adduction that turn a bone hanging down in `frame` to where it is."""
    x, y, z = np.einsum("nji,nj->in", frame, unit(bone))
    return _unwrapped(np.degrees(np.arctan2(x, -y))), sign * np.degrees(np.arcsin(np.clip(-z, -1.0, 1.0)))


def _arm_rotation(
    torso: np.ndarray,
    flexion_deg: np.ndarray,
    about_x_deg: np.ndarray,
    upper: np.ndarray,
    fore: np.ndarray,
    sign: float,
) -> np.ndarray:
    """Turn of the upper arm about itself, inward positive: 0 when the elbow bends straight ahead of a hanging arm.

    While the elbow is too straight to tell, it goes from the last value told to the next; 0 if never told.
    """
    turned = Rotation.from_matrix(torso) * Rotation.from_euler("ZX", np.column_stack([flexion_deg, about_x_deg]), True)
    x, _, z = turned.apply(unit(fore), inverse=True).T
    told = angle_between_deg(upper, fore) >= _BENT_DEG
    if not told.any():
        return np.zeros(len(fore))
    frames = np.arange(len(fore))
    return sign * np.interp(frames, frames[told], _unwrapped(np.degrees(np.arctan2(-z, x)[told])))


def _unwrapped(angles_deg: np.ndarray) -> np.ndarray:
    """Without jumps of a whole turn between neighbours."""
    return np.unwrap(angles_deg, period=360.0)


def _rate_hz(motion: Motion) -> float:
    steps = np.diff(motion.timestamps_s)
    if len(steps) == 0:
        raise SettingsError("The result has a single frame.", "Take a longer film.")
    return float(1 / np.median(steps))
