"""A finished result as its files tell it: what exports are made of, later and without the film."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ergo.body.load import load_body
from ergo.body.model import BodyModel
from ergo.errors import SettingsError
from ergo.report.compare import read_result
from ergo.report.measured import ANGLES_FILE, MOTION_FILE, read_measured
from ergo.report.player_file import Arrays, read_viewer
from ergo.types import JointAngles, Motion

VIEWER_FILE = "viewer.bin"


class Stored:
    """The files of one result, each read when it is first asked for.

    Args:
        folder: where they lie, among them ``result.json``.
        smplx_dir: licensed bodies; needed only for the skin of a result that was made with one.

    Raises:
        SettingsError: there is no result in the folder; later, for a file that is missing or damaged.
    """

    def __init__(self, folder: Path, smplx_dir: Path | None = None) -> None:
        self.folder = folder
        self.result: Mapping[str, Any] = read_result(folder)
        self._smplx_dir = smplx_dir

    def file(self, name: str) -> Path:
        """Where a file of the result lies. Raises SettingsError when it is missing."""
        path = self.folder / name
        if not path.is_file():
            raise SettingsError(f"The result has no {name}.", "Analyse the video again with this version.")
        return path

    @cached_property
    def _measured(self) -> tuple[Motion, JointAngles]:
        return read_measured(self.file(ANGLES_FILE).read_bytes(), self.file(MOTION_FILE).read_bytes())

    @property
    def motion(self) -> Motion:
        """The motion; frames without the person are NaN."""
        return self._measured[0]

    @property
    def angles(self) -> JointAngles:
        """The joint angles over the same frames."""
        return self._measured[1]

    @cached_property
    def _player(self) -> tuple[dict[str, Any], Arrays]:
        try:
            return read_viewer(self.file(VIEWER_FILE))
        except (ValueError, KeyError) as error:
            raise SettingsError(f"{VIEWER_FILE} cannot be read ({error}).", "Analyse the video again.") from error

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the player's file says of itself: methods with their items and levels, angles, the camera."""
        return self._player[0]

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """Scores, items, tints and keypoints over time, as :mod:`ergo.report.viewer` stores them."""
        return self._player[1]

    @cached_property
    def joints_rest_m(self) -> np.ndarray:
        """The 55 joints of the person's body in its T-pose, metres."""
        return np.asarray(self.arrays["joints_rest_m"], float)

    @cached_property
    def body(self) -> BodyModel:
        """The body model of the result. Raises ModelError when it was a licensed one that is not here."""
        said = self.result["body"]
        smplx_dir = self._smplx_dir if said["model"] == "smplx" else None
        if said["model"] == "smplx" and smplx_dir is None:
            raise SettingsError(
                "The result was made with a licensed SMPL-X body, which is not here.",
                "Set ERGO_SMPLX_DIR to the folder with your SMPLX_*.npz.",
            )
        return load_body(smplx_dir, said["sex"])

    def frame_at(self, time_s: float) -> int:
        """The frame nearest to a time among those in which the person was seen. Raises SettingsError for none."""
        seen = np.flatnonzero(self.motion.valid)
        if len(seen) == 0:
            raise SettingsError("The person was seen in no frame.", "Pick a person who is in the picture.")
        return int(seen[np.argmin(np.abs(self.motion.timestamps_s[seen] - time_s))])

    def worst_time_s(self) -> float:
        """When the worst moment is, in seconds; the start where there is none."""
        moments = self.result["worst_moments"]
        return float(moments[0]["time_s"]) if moments else 0.0
