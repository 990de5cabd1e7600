"""Where the page's own scripts, styles and example clips lie, and under which address the page finds them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

ASSETS = Path(__file__).resolve().parents[2] / "assets"

#: Folders whose files the page may fetch.
PUBLIC = (ASSETS / "page", ASSETS / "uploader", ASSETS / "viewer", ASSETS / "examples")


#: Sheets of every page of ours, in the order in which they lie over each other.
PAGE_STYLES = tuple(
    ASSETS / "page" / f"{name}.css"
    for name in ("base", "intake", "settings", "job", "result", "compare", "media", "task")
)


def asset_url(path: Path) -> str:
    """The address of a public asset, relative to the page, as Gradio serves static files."""
    return f"gradio_api/file={quote(path.as_posix())}"


def import_module(path: Path) -> str:
    """JavaScript that imports an ES module of ours from wherever the page is mounted."""
    return f"import(new URL({asset_url(path)!r}, document.baseURI).href)"
