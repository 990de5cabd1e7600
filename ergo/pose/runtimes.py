"""Which runtime runs the networks here: MediaPipe's on the processor, or torch on a GPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, TypeAlias

from ergo.errors import SettingsError

PoseDevice: TypeAlias = Literal["auto", "cpu", "cuda"]
Runtime: TypeAlias = Literal["mediapipe-cpu", "torch-cuda", "torch-cpu"]
"""The last one is slower than the first; it is there to compare the two."""

DEFAULT_RUNTIME: Runtime = "mediapipe-cpu"

_DRIVERS = (
    Path("/dev/nvidiactl"),
    Path("/dev/dxg"),  # Windows' subsystem for Linux
    Path(os.environ.get("SYSTEMROOT", "/"), "System32", "nvcuda.dll"),
)


def runtime_on(device: PoseDevice) -> Runtime:
    """What runs the networks on the device that the settings ask for; ``auto`` takes a GPU where there is one.

    Raises:
        SettingsError: a GPU is asked for, and there is none that torch can use.
    """
    if device == "cpu":
        return DEFAULT_RUNTIME
    if _gpu_is_usable():
        return "torch-cuda"
    if device == "cuda":
        raise SettingsError(
            "ERGO_POSE_DEVICE is cuda, but torch finds no GPU that it can use here.",
            "Set it to auto or cpu, or check the driver with nvidia-smi.",
        )
    return DEFAULT_RUNTIME


def _gpu_is_usable() -> bool:
    if not any(driver.exists() for driver in _DRIVERS):  # torch takes seconds to load
        return False
    import torch  # noqa: PLC0415

    return torch.cuda.is_available()
