"""Who asks: a browser by its cookie, a user by a login or a token, or a script that says nothing of itself."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Literal

VISITOR = "ergo.visitor"
"""Where a request's ASGI scope carries its visitor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who asks.

    `owner` is to whom jobs and videos belong; `user` is the name behind a login, empty without one; `address` is the
    network address they come from.
    """

    owner: str
    kind: Literal["browser", "user", "script"] = "script"
    user: str = ""
    address: str = ""


SCRIPT = Visitor(owner="local")
"""A caller without cookie or token where nobody logs in: all of them are one owner."""


def visitor_in(scope: MutableMapping[str, Any]) -> Visitor:
    """The visitor that the gate wrote into an ASGI scope."""
    return scope.get(VISITOR, SCRIPT)


def user_owner(user: str) -> str:
    """To whom the jobs of a user belong; no browser's name and no other user's can be the same."""
    return f"user {user}"
