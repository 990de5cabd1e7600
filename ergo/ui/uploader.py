"""The drop area as a Gradio component: the markup and the server's side of a chunked upload.

The browser's side is ``assets/uploader/``. Bytes never pass through Gradio: the component's server functions only
plan the upload and sign addresses, the browser sends the parts straight to the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from ergo.access.audit import note
from ergo.access.limits import RateLimit
from ergo.access.visitor import Visitor
from ergo.config import Settings
from ergo.errors import ErgoError, InputError, KeyNotFound
from ergo.jobs.owned import check_video, may_start
from ergo.jobs.services import Services
from ergo.jobs.waiting import WaitingStarts
from ergo.storage.local import LocalStore
from ergo.storage.store import Store
from ergo.storage.uploads import UploadService
from ergo.ui import texts
from ergo.ui.assets import ASSETS, asset_url, import_module
from ergo.ui.drawings import FILMING
from ergo.ui.filming import filming_guide
from ergo.ui.visit import visitor_of

_EVENTS = ("arrived", "cleared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A clip that can be tried without an upload."""

    name: str
    title: str
    shows: str
    path: Path


EXAMPLES = (
    Example(
        name="lift_squat",
        title="Lifting from the floor",
        shows="bent trunk and knees",
        path=ASSETS / "examples" / "lift_squat.mp4",
    ),
    Example(
        name="overhead",
        title="Working overhead",
        shows="arms above the shoulders",
        path=ASSETS / "examples" / "overhead.mp4",
    ),
    Example(
        name="twist_transfer",
        title="Turning with a load",
        shows="a turn between two places",
        path=ASSETS / "examples" / "twist_transfer.mp4",
    ),
)


def error_dict(error: ErgoError) -> dict[str, dict[str, str]]:
    """An error as the browser gets it; a raising server function would reach it as nothing at all."""
    return {"error": {"code": error.code, "message": error.message, "hint": error.hint}}


class UploadCalls:
    """The functions the browser calls while it uploads, bound to the services behind them.

    Each takes one dict (Gradio passes one argument) and who asks, and returns a dict: the answer, or ``{"error": …}``.
    """

    def __init__(self, uploads: UploadService, waiting: WaitingStarts, starts: RateLimit) -> None:
        self._uploads = uploads
        self._waiting = waiting
        self._starts = starts

    def begin(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Plan an upload: ``{filename, sizeBytes}`` → the plan."""
        may_start(self._starts, visitor)
        plan = self._uploads.begin(str(data["filename"]), int(data["sizeBytes"]), visitor.owner)
        note(visitor, "upload", plan.video_key)
        return {
            "videoKey": plan.video_key,
            "uploadId": plan.upload_id,
            "sizeBytes": int(data["sizeBytes"]),
            "partSizeBytes": plan.part_size_bytes,
            "partCount": plan.part_count,
        }

    def sign(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Addresses for parts: the plan and ``{numbers}`` → ``{urls: {number: url}}``."""
        numbers = [int(number) for number in data["numbers"]]
        urls = self._uploads.sign(self._key(data, visitor), str(data["uploadId"]), numbers)
        return {"urls": _with_text_keys(urls)}

    def parts(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """The parts the store has, and whether the analysis begins by itself: the plan → ``{finished, starts}``."""
        key = self._key(data, visitor)
        finished = self._uploads.finished_parts(key, str(data["uploadId"]))
        return {"finished": _with_text_keys(finished), "starts": self._waiting.wished(key)}

    def complete(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Make the parts one object: the plan → ``{job: the analysis that has begun by itself, or None}``."""
        key = self._key(data, visitor)
        self._uploads.complete(key, str(data["uploadId"]))
        return {"job": self._waiting.arrived(key)}

    def abort(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Drop an unfinished upload."""
        try:
            self._uploads.abort(self._key(data, visitor), str(data["uploadId"]))
        except KeyNotFound:  # forgotten already
            return {"done": True}
        return {"done": True}

    def example(self, data: Mapping[str, Any], visitor: Visitor) -> dict[str, Any]:
        """Put an example clip into the store, as if this browser had uploaded it: ``{name}`` → its key."""
        example = next((entry for entry in EXAMPLES if entry.name == data["name"]), None)
        if example is None:
            raise InputError("There is no such example.", "Choose one of those shown, or a video of your own.")
        may_start(self._starts, visitor)
        return {"videoKey": self._uploads.take_file(example.path, visitor.owner)}

    def _key(self, data: Mapping[str, Any], visitor: Visitor) -> str:
        return check_video(self._uploads, str(data["videoKey"]), visitor)

    def guarded(self) -> list[Callable[..., dict[str, Any]]]:
        """The functions for ``server_functions``, with typed errors as values."""
        calls = (self.begin, self.sign, self.parts, self.complete, self.abort, self.example)
        return [_guard(call) for call in calls]


def _with_text_keys(values: Mapping[int, Any]) -> dict[str, Any]:
    """JSON has no other keys."""
    return {str(key): value for key, value in values.items()}


def _guard(call: Callable[[Mapping[str, Any], Visitor], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def answer(data: Mapping[str, Any], request: gr.Request) -> dict[str, Any]:
        try:
            return call(data, visitor_of(request))
        except ErgoError as error:
            return error_dict(error)
        except (KeyError, TypeError, ValueError):
            return error_dict(InputError("The upload request was incomplete.", "Reload the page and try again."))

    answer.__name__ = call.__name__
    return answer


def uploader(services: Services, examples: Sequence[Example] = EXAMPLES) -> gr.HTML:
    """The component; its value is described in ``assets/uploader/uploader.js``."""
    names = ", ".join(f"'{name}'" for name in _EVENTS)
    module = import_module(ASSETS / "uploader" / "uploader.js")
    max_bytes = int(services.settings.max_upload_gb * 1e9)
    return gr.HTML(
        value=greeting(False, services.settings),  # pyright: ignore[reportArgumentType]
        html_template=_markup(max_bytes, services.store, [example for example in examples if example.path.is_file()]),
        js_on_load=(
            f"const events = [{names}];\n"
            "const emit = (name, data) => events.includes(name) && trigger(name, data);\n"
            f"{module}.then((uploader) => uploader.mount({{ element, props, server, watch, emit }}));"
        ),
        server_functions=UploadCalls(services.uploads, services.waiting, services.starts).guarded(),
        apply_default_css=False,
        elem_id="ergo-uploader",
    )


def greeting(known: bool, settings: Settings) -> dict[str, Any]:
    """What the component is told: whether the server has met this page, and the largest file accepted."""
    return {"known": known, "maxBytes": int(settings.max_upload_gb * 1e9)}


def _markup(max_bytes: int, store: Store, examples: Sequence[Example]) -> str:
    template = (ASSETS / "uploader" / "uploader.html").read_text(encoding="utf-8")
    cards = "".join(
        f'<li><button type="button" class="example" data-example="{escape(example.name)}"'
        f' data-title="{escape(example.title)}"><video src="{escape(asset_url(example.path))}#t=1.5" muted playsinline'
        f' preload="metadata" tabindex="-1" aria-hidden="true"></video>'
        f'<span>{escape(example.title)}<small class="muted">{escape(example.shows)}</small></span></button></li>'
        for example in examples
    )
    shelf = f'<div class="examples"><p class="muted">Or try an example</p><ul>{cards}</ul></div>' if cards else ""
    for mark, text in (
        ("@@DRAWING@@", FILMING),
        ("@@STORE@@", "here" if isinstance(store, LocalStore) else "bucket"),
        ("@@LIMIT@@", texts.size_words(max_bytes)),
        ("@@EXAMPLES@@", shelf),
        ("@@GUIDE@@", filming_guide()),
    ):
        template = template.replace(mark, text)
    return template
