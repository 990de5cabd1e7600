"""Estimators and hand readers by the runtime that runs their networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType

from ergo.pose.estimator import Estimator
from ergo.pose.hand_reader import HandModel, HandNetwork, HandReader
from ergo.pose.mediapipe_hands import MediaPipeHands
from ergo.pose.mediapipe_tasks import open_mediapipe
from ergo.pose.runtimes import DEFAULT_RUNTIME, Runtime
from ergo.pose.settings import PoseSettings

_HAND_MODEL: HandModel = "full"


def _torch(device: str) -> Callable[[PoseSettings], Estimator]:
    def open_torch(settings: PoseSettings) -> Estimator:
        from ergo.pose.torch_landmarker import open_torch  # noqa: PLC0415  torch takes seconds to load

        return open_torch(settings, device)

    return open_torch


def _torch_hands(device: str) -> Callable[[HandModel], HandNetwork]:
    def open_hands(model: HandModel) -> HandNetwork:
        from ergo.pose.torch_hands import TorchHands  # noqa: PLC0415  torch takes seconds to load

        return TorchHands(model, device)

    return open_hands


ESTIMATORS: Mapping[Runtime, Callable[[PoseSettings], Estimator]] = MappingProxyType(
    {"mediapipe-cpu": open_mediapipe, "torch-cuda": _torch("cuda"), "torch-cpu": _torch("cpu")}
)
HAND_NETWORKS: Mapping[Runtime, Callable[[HandModel], HandNetwork]] = MappingProxyType(
    {"mediapipe-cpu": MediaPipeHands, "torch-cuda": _torch_hands("cuda"), "torch-cpu": _torch_hands("cpu")}
)


def open_estimator(settings: PoseSettings, runtime: Runtime = DEFAULT_RUNTIME) -> Estimator:
    """The estimator of a runtime, to be closed by the caller (``with open_estimator(…) as estimator:``).

    Raises:
        ModelError: its model files are missing or damaged, or the GPU cannot take them.
    """
    return ESTIMATORS[runtime](settings)


def open_reader(
    settings: PoseSettings, runtime: Runtime = DEFAULT_RUNTIME
) -> AbstractContextManager[HandReader | None]:
    """The hand reader of a runtime, or None when the settings look at no hands.

    Raises:
        ModelError: the model file is missing or damaged, or the GPU cannot take it.
    """
    return nullcontext() if settings.hands_hz is None else HandReader(HAND_NETWORKS[runtime](_HAND_MODEL))
