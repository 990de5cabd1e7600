"""The body at one moment as a mesh, OBJ or PLY, with the risk of each region as the colour of its vertices."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float, UInt8

from ergo.body.skeleton import REGION_OF_JOINT
from ergo.body.skinning import full_pose, rotation_matrices, skin
from ergo.errors import SettingsError
from ergo.report.stored import Stored

RISK_RGB: Final = np.array(
    [[169, 186, 197], [59, 142, 174], [233, 189, 69], [219, 122, 43], [163, 35, 75]], dtype=np.uint8
)
"""Colours of the steps of risk from negligible to very high: those of the page, told apart without red and green."""

_TINT: Final = 0.75
"""How much of the risk's colour covers the body's own, where there is risk."""


def write_obj(path: Path, stored: Stored, time_s: float, method: str = "") -> None:
    """Write the mesh as Wavefront OBJ: metres, Y up, colours 0 to 1 behind each vertex's place.

    Raises:
        SettingsError: the person was seen in no frame, or the method is not in the result.
    """
    vertices, rgb, note = _at_moment(stored, time_s, method)
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.write(f"# {note}\no body\n")
        np.savetxt(file, np.concatenate([vertices, rgb / 255], axis=1), fmt="v %.5f %.5f %.5f %.3f %.3f %.3f")
        np.savetxt(file, stored.body.faces + 1, fmt="f %d %d %d")


def write_ply(path: Path, stored: Stored, time_s: float, method: str = "") -> None:
    """Write the mesh as binary PLY: metres, Y up, colours 0 to 255.

    Raises:
        SettingsError: the person was seen in no frame, or the method is not in the result.
    """
    vertices, rgb, note = _at_moment(stored, time_s, method)
    faces = stored.body.faces
    points = np.empty(len(vertices), dtype=[("at", "<f4", 3), ("rgb", "u1", 3)])
    points["at"], points["rgb"] = vertices, rgb
    triangles = np.empty(len(faces), dtype=[("count", "u1"), ("corners", "<i4", 3)])
    triangles["count"], triangles["corners"] = 3, faces
    header = [
        "ply",
        "format binary_little_endian 1.0",
        f"comment {note}",
        f"element vertex {len(vertices)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {colour}" for colour in ("red", "green", "blue")),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header",
    ]
    path.write_bytes(("\n".join(header) + "\n").encode("ascii") + points.tobytes() + triangles.tobytes())


def _at_moment(
    stored: Stored, time_s: float, method: str
) -> tuple[Float[np.ndarray, "V 3"], UInt8[np.ndarray, "V 3"], str]:
    frame, motion, body = stored.frame_at(time_s), stored.motion, stored.body
    pose = rotation_matrices(full_pose(motion)[frame : frame + 1])
    vertices = skin(body, body.shaped(motion.betas), pose, motion.transl[frame : frame + 1])[0]
    name = method or next(iter(stored.result["methods"]))
    steps = _risk(stored, name, frame)[REGION_OF_JOINT[body.weights.argmax(axis=1)]]
    share = np.where(steps > 0, _TINT, 0.0)[:, None]
    rgb = np.rint((1 - share) * body.vertex_rgb + share * RISK_RGB[steps]).astype(np.uint8)
    label = stored.result["methods"][name]["label"]
    return vertices, rgb, f"Ergo, {motion.timestamps_s[frame]:.3f} s, metres, Y up, coloured by {label}"


def _risk(stored: Stored, method: str, frame: int) -> np.ndarray:
    """The step of risk of each region, the higher one where both sides of a method judge it."""
    found = [
        stored.arrays[f"{entry['id']}.{side}.regions"][frame]
        for entry in stored.meta["methods"]
        if entry["id"] == method
        for side in entry["sides"]
    ]
    if not found:
        names = ", ".join(entry["id"] for entry in stored.meta["methods"])
        raise SettingsError(f"The result has no method {method[:40]!r}.", f"Choose one of {names}.")
    return np.max(found, axis=0)
