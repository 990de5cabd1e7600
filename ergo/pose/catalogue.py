"""The estimators there are, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ergo.errors import SettingsError
from ergo.pose.estimator import Estimator
from ergo.pose.mediapipe_tasks import MediaPipeEstimator
from ergo.pose.settings import PoseSettings

ESTIMATORS: Mapping[str, Callable[[PoseSettings], Estimator]] = MappingProxyType(
    {
        "mediapipe": MediaPipeEstimator,
    }
)


def open_estimator(settings: PoseSettings, name: str = "mediapipe") -> Estimator:
    """The estimator called `name`, to be closed by the caller (``with open_estimator(…) as estimator:``).

    Raises:
        SettingsError: there is no such estimator.
        ModelError: its model files are missing or damaged.
    """
    if name not in ESTIMATORS:
        raise SettingsError(f"estimator: there is no {name!r}.", f"Known are: {', '.join(sorted(ESTIMATORS))}.")
    return ESTIMATORS[name](settings)
