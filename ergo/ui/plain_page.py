"""Pages without Gradio: the login, a shared result, what happens to personal data. One look with the page itself."""

from __future__ import annotations

from functools import cache
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ergo.ui import texts
from ergo.ui.assets import ASSETS, PAGE_STYLES
from ergo.ui.drawings import MARK
from ergo.ui.headers import PageHeaders

_STYLES = (*PAGE_STYLES, ASSETS / "page" / "plain.css")
_DARK = 'if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark");'


@cache
def _styles() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in _STYLES)


def plain_page(
    request: Request, headers: PageHeaders, title: str, body: str, *, script: str = "", status: int = 200
) -> HTMLResponse:
    """A whole page around `body`, trusted HTML; `script` is a module of ours.

    Addresses in it are relative to the root of the site, wherever that is mounted.
    """
    nonce = request.scope.get("ergo.nonce", "")
    up = "../" * (request.url.path.count("/") - 1) or "./"
    module = f'<script type="module" nonce="{nonce}">{script}</script>' if script else ""
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><base href="{up}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(title)} · {texts.TITLE}</title>"
        f'<style nonce="{nonce}">{_styles()}</style><script nonce="{nonce}">{_DARK}</script></head>'
        f'<body class="gradio-container ergo-plain"><div id="ergo-page"><header class="ergo-head"><a href="./">{MARK}'
        f"<h1>{texts.TITLE}</h1></a><p>{texts.SUBTITLE}</p></header>{body}{FOOT}</div>{module}</body></html>"
    )
    own = {"Content-Security-Policy": headers.plain_policy(nonce), "Cache-Control": "no-store"}
    return HTMLResponse(page, status_code=status, headers=own)


FOOT = '<footer class="ergo-foot"><a href="./ergo/privacy">Privacy</a></footer>'
"""The last line of every page."""

FOOT_LOGGED_IN = FOOT.replace(
    "</footer>",
    '<form class="who" method="post" action="./ergo/logout"><button type="submit">Log out</button></form></footer>',
)
"""The same where people log in."""
