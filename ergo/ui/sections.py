"""A section of the story below the player."""

from __future__ import annotations


def section(name: str, title: str, body: str, note: str = "") -> str:
    """A section with its heading; `body` and `note` are HTML."""
    note = f'<p class="muted note">{note}</p>' if note else ""
    return f'<section class="part {name}"><h2>{title}</h2>{note}{body}</section>'
