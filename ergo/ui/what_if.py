"""What the page asks while somebody tries other inputs, and what it is told of them."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from ergo.access.visitor import Visitor
from ergo.assess.overridable import INPUTS
from ergo.assess.overrides import described, layered
from ergo.assess.redesigns import redesigns
from ergo.errors import ErgoError, InputError
from ergo.jobs.rescoring import Rescorer
from ergo.jobs.wire import overrides_from
from ergo.report.rescored import rescored_bytes
from ergo.types import AnalysisSettings, Override
from ergo.ui.beside import beside
from ergo.ui.visit import visitor_of

_MOST = 200
"""Overrides in one request."""
_SHOWN = ("id", "label", "kind", "unit", "low", "high", "choices", "sided", "items", "steps", "told", "whole",
          "of_the_job")  # fmt: skip
"""What the page needs to know of an input."""


class WhatIfCalls:
    """The function the browser calls; it takes one dict and answers with a dict, an error too."""

    def __init__(self, rescorer: Rescorer) -> None:
        self._rescorer = rescorer

    def rescore(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Scores with other inputs: ``{job, overrides, inputs}`` → ``{file, cards}``.

        ``file`` is deflated and in base64, ``cards`` is what :func:`~ergo.ui.beside.beside` says.
        """
        try:
            said = _said(data["overrides"])
            made = self._rescorer.rescored(str(data["job"]), said)
            seen = made.seen if data.get("inputs") else None
            content = rescored_bytes(made.assessments, made.lifting, made.fatigue, made.overrides, seen)
            return {"file": base64.b64encode(zlib.compress(content, 1)).decode("ascii"), "cards": beside(made)}
        except ErgoError as error:
            return _refusal(error)
        except (KeyError, TypeError):
            return {
                "error": {"code": "InputError", "message": "The request was incomplete.", "hint": "Reload the page."}
            }

    def functions(self, check: Callable[[Visitor, str], object]) -> list[Callable[..., dict[str, Any]]]:
        """For ``server_functions``; `check` raises for a job that is not the visitor's."""

        def rescore(data: Mapping[str, Any], request: gr.Request) -> dict[str, Any]:
            try:
                check(visitor_of(request), str(data.get("job", "")))
            except ErgoError as error:
                return _refusal(error)
            return self.rescore(data)

        return [rescore]


def _refusal(error: ErgoError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


def kept_overrides(data: Mapping[str, Any]) -> tuple[Override, ...]:
    """What the page asks to keep, signed: ``{overrides, who, why}``; those kept before stay as they were.

    Raises:
        SettingsError: one cannot be; the message names it.
        InputError: there are too many.
    """
    signature = _signature(data)
    listed = [entry if entry.get("made_utc") else {**entry, **signature} for entry in _listed(data["overrides"])]
    return layered((), _said(listed))


def without_lift(earlier: tuple[Override, ...], data: Mapping[str, Any]) -> tuple[Override, ...]:
    """What was set, and that nothing is lifted in ``{startS, endS, who, why}``.

    Raises:
        SettingsError: that cannot be.
    """
    start_s, end_s = float(data["startS"]), float(data["endS"])
    struck = Override(input="lift", value=False, start_s=start_s, end_s=end_s)
    return layered(earlier, (replace(struck, **_signature(data)),))


def what_if_value(settings: AnalysisSettings) -> dict[str, Any]:
    """What the player needs to offer other inputs: the inputs, changes with one click, and what is set already."""
    return {
        "inputs": [{name: getattr(entry, name) for name in _SHOWN} for entry in INPUTS.values()],
        "redesigns": [
            {"label": change.label, "assumes": change.assumes, "overrides": [_plain(o) for o in change.overrides]}
            for change in redesigns(settings.context.load_kg)
        ],
        "told": {name: getattr(settings.context, name) for name, entry in INPUTS.items() if entry.told},
        "overrides": [_plain(override) for override in settings.overrides],
    }


def _signature(data: Mapping[str, Any]) -> dict[str, str]:
    made_utc = datetime.now(UTC).isoformat(timespec="seconds")
    return {"who": str(data.get("who", "")).strip(), "why": str(data.get("why", "")).strip(), "made_utc": made_utc}


def _plain(override: Override) -> dict[str, Any]:
    return {**asdict(override), "text": described(override)}


def _listed(entries: Any) -> list[dict[str, Any]]:
    if not isinstance(entries, list) or len(entries) > _MOST or not all(isinstance(entry, dict) for entry in entries):
        raise InputError("The changes cannot be read.", f"Send a list of at most {_MOST}.")
    return [{name: value for name, value in entry.items() if name not in ("text", "span")} for entry in entries]


def _said(entries: Any) -> tuple[Override, ...]:
    """Overrides in the order of their making, which may still contradict each other: the later ones hold."""
    return tuple(override for entry in _listed(entries) for override in overrides_from([entry]))
