"""``result.json``: what was analysed, how, how well it was seen, and what came out (schema ``ergo.result/1``)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ergo import __version__
from ergo.assess.enough import ENOUGH
from ergo.assess.exposure import summarise
from ergo.assess.grip import grip_shares
from ergo.assess.items import ITEMS
from ergo.assess.moments import Moment
from ergo.assess.overrides import described, span_words
from ergo.assess.task import Task
from ergo.assess.visibility import coverage, hand_coverage
from ergo.body.model import BodyModel
from ergo.geometry.camera import tilt_from_up
from ergo.methods.catalogue import METHODS
from ergo.report.plain import plain
from ergo.report.task import task_content
from ergo.types import Analysis, Assessment

SCHEMA = "ergo.result/1"


def person_picture(track_id: int) -> str:
    """File name of the thumbnail of a tracked person."""
    return f"person_{track_id}.jpg"


def moment_picture(number: int) -> str:
    """File name of the thumbnail of the `number`-th worst moment, counted from 1."""
    return f"moment_{number}.jpg"


def result(
    analysis: Analysis, body: BodyModel, stature_m: float, moments: Sequence[Moment], task: Task, video_name: str
) -> dict[str, Any]:
    """The content of ``result.json`` as plain JSON values."""
    info, gravity = analysis.video, analysis.gravity
    pitch_deg, roll_deg = tilt_from_up(gravity.up_cam)
    return {
        "schema": SCHEMA,
        "ergo_version": __version__,
        "created_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "video": {
            "name": video_name,
            **{
                field: getattr(info, field)
                for field in ("width_px", "height_px", "rotation_deg", "duration_s", "fps", "frame_count", "codec")
            },
        },
        "settings": asdict(analysis.settings),
        "overrides": [
            {**asdict(override), "text": described(override), "span": span_words(override)}
            for override in analysis.settings.overrides
        ],
        "gravity": {
            "up_cam": [float(v) for v in gravity.up_cam],
            "pitch_deg": pitch_deg,
            "roll_deg": roll_deg,
            "sd_deg": gravity.sd_deg,
            "source": gravity.source,
        },
        "person": {
            "track_id": analysis.track_id,
            "track_ids": list(analysis.track_ids or (analysis.track_id,)),
            "tracks": [{**asdict(track), "thumbnail": person_picture(track.track_id)} for track in analysis.tracks],
        },
        "body": {"model": body.name, "sex": analysis.settings.sex, "stature_m": stature_m},
        "pose_runtimes": list(analysis.runtimes),
        "coverage": _coverage(analysis),
        "hands": plain(grip_shares(analysis.keypoints.hands, analysis.motion)),
        "methods": _methods(analysis.assessments),
        "worst_moments": [
            {**plain(asdict(moment)), "thumbnail": moment_picture(number)} for number, moment in enumerate(moments, 1)
        ],
        **task_content(task),
        "warnings": list(analysis.warnings),
        "timings_s": dict(analysis.timings_s),
    }


def _coverage(analysis: Analysis) -> dict[str, Any]:
    parts = coverage(analysis.keypoints) | hand_coverage(analysis.motion)
    return {
        "frames": float(analysis.motion.valid.mean()),
        "parts": parts,
        "not_assessed": [part for part, share in parts.items() if share < ENOUGH],
    }


def _methods(assessments: Sequence[Assessment]) -> dict[str, Any]:
    methods: dict[str, Any] = {}
    for assessment in assessments:
        entry = METHODS[assessment.method]
        method = methods.setdefault(
            assessment.method,
            {
                "label": entry.label,
                "max": entry.max_total,
                "scale": entry.scale,
                "levels": [
                    {"level": lv.level, "label": lv.label, "text": lv.text, "risk_step": lv.risk_step}
                    for lv in entry.levels
                ],
                "parts": [plain(_fields(item)) for item in ITEMS[assessment.method]],
                "sides": {},
            },
        )
        method["sides"][assessment.side or "body"] = {
            **plain(_fields(summarise(assessment))),
            "assumptions": list(assessment.assumptions),
        }
    return methods


def _fields(value: Any) -> dict[str, Any]:
    """The fields of a frozen dataclass (read-only mappings, unlike with ``asdict``, are fine)."""
    return {field.name: getattr(value, field.name) for field in fields(value)}


def write_result(path: Path, content: Mapping[str, Any]) -> None:
    """Write the JSON; NaN is refused, as no other reader would take it."""
    path.write_text(json.dumps(content, indent=1, allow_nan=False), encoding="utf-8")
