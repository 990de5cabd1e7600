"""``/ergo/privacy``: docs/privacy.md as a page, with what holds on this very server before it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ergo.config import Settings
from ergo.ui.headers import PageHeaders
from ergo.ui.http_errors import typed_errors
from ergo.ui.plain_page import plain_page
from ergo.ui.ways import PRIVACY

_TEXT = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


def privacy_routes(settings: Settings, headers: PageHeaders) -> list[Route]:
    """The route of the page."""

    async def show(request: Request) -> Response:
        body = f'<main class="ergo-prose">{_text()}<h2>On this server</h2>{_here(settings)}</main>'
        return plain_page(request, headers, "Privacy", body)

    return [Route(PRIVACY, typed_errors(show), methods=["GET"])]


@cache
def _text() -> str:
    from markdown_it import MarkdownIt  # noqa: PLC0415

    return MarkdownIt("commonmark", {"html": False}).enable("table").render(_TEXT.read_text(encoding="utf-8"))


def _here(settings: Settings) -> str:
    where = {"local": "on the machine that runs this page", "r2": "in a bucket at Cloudflare", "s3": "in an S3 bucket"}
    worked = {"local": "by the machine that runs this page", "runpod": "by machines rented at RunPod"}
    film = (
        f"{settings.video_hours} hours after the last analysis of it has ended"
        if settings.video_hours
        else "together with its last result"
    )
    result = f"{settings.result_days} days after its analysis" if settings.result_days else "when you delete it"
    lines = (
        f"Videos and results are kept {where[settings.storage_provider]}.",
        f"Videos are analysed {worked[settings.runner]}.",
        f"A video is deleted {film}.",
        f"A result is deleted {result}.",
        "People log in here; an analysis belongs to its user."
        if settings.people_log_in()
        else "Nobody logs in here; an analysis belongs to the browser that started it.",
    )
    return f"<ul>{''.join(f'<li>{line}</li>' for line in lines)}</ul>"
