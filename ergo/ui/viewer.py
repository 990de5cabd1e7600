"""The stage as a Gradio component: video, body, timeline and the scores of a moment on one clock.

The browser's side is ``assets/viewer/``. The value is a dict of addresses; files go straight from the store to the
browser, never through Gradio. With a ``job`` among them the page offers to analyse it again with a tilt set by hand,
and the component's event ``level`` carries ``{job, pitch_deg, roll_deg}``. With ``what_if`` too it offers other inputs:
the server function ``rescore`` answers what they would score, the event ``keep`` carries ``{job, overrides, who,
why}``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import gradio as gr

from ergo.ui.assets import ASSETS, import_module

DATA_FILE = "viewer.bin"
VIDEO_FILE = "preview.mp4"


Link: TypeAlias = Callable[[str, bool], str]
"""Address of a result file by its name, to look at (False) or to download (True)."""


def viewer(value: dict[str, Any] | None = None, **arguments: Any) -> gr.HTML:
    """The stage; empty until its value is one of :func:`viewer_value`.

    ``assets/viewer`` must be among Gradio's static paths.

    Args:
        value: what to show at first.
        arguments: further arguments of ``gr.HTML``, such as ``elem_id``.
    """
    return gr.HTML(
        value,  # pyright: ignore[reportArgumentType]
        html_template='<div class="ergo-viewer-host"></div>',
        js_on_load=(
            f"{import_module(ASSETS / 'viewer' / 'gradio.js')}"
            ".then((stage) => stage.follow({ element, props, watch,"
            " server: typeof server === 'undefined' ? null : server,"
            " useLevel: (tilt) => trigger('level', tilt), keep: (changes) => trigger('keep', changes) }));"
        ),
        apply_default_css=False,
        **arguments,
    )


def viewer_value(link: Link, title: str = "") -> dict[str, str]:
    """What the stage shows of a finished job: addresses of its files, and a title if there is none beside it."""
    return {
        "data_url": link(DATA_FILE, False),
        "video_url": link(VIDEO_FILE, False),
        "title": title,
    }
