"""``python -m ergo access …``: lines for the file of users, and tokens."""

from __future__ import annotations

import argparse
import getpass
import sys
import time

from ergo.access.passwords import check_user, hash_password
from ergo.access.tokens import Tokens
from ergo.config import Settings
from ergo.errors import SettingsError
from ergo.storage.open import open_store
from ergo.storage.signing import UrlSigner


def run(options: argparse.Namespace) -> int:
    """Do one of the tasks; the exit code. Raises SettingsError, KeyNotFound."""
    if options.task == "password":
        print(f"{check_user(options.user)}:{hash_password(_asked_password())}")
        return 0
    settings = Settings()
    tokens = Tokens(open_store(settings, UrlSigner(settings.signing_key())))
    if options.task == "token":
        print(tokens.make(check_user(options.user), options.label))
    elif options.task == "tokens":
        for token in tokens.all():
            day = time.strftime("%Y-%m-%d", time.gmtime(token.created_s))
            print(f"{token.token_id}  {day}  {token.user}  {token.label}")
    else:
        revoked = tokens.revoke(options.token_id)
        print(f"The token {revoked.token_id} of {revoked.user} is worthless now; a running app knows in ten seconds.")
    return 0


def _asked_password() -> str:
    if not sys.stdin.isatty():  # from a pipe: one line
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise SettingsError("The two differ.", "Type the same twice.")
    return first
