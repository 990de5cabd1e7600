"""Ways out for short messages: a webhook, Slack, e-mail. Each raises OSError or httpcore's errors when it does not get
through; what is sent twice does no harm, so whoever sends may try again."""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import httpcore
import httpx

from ergo.errors import SettingsError
from ergo.video.web import PUBLIC, CheckedBackend, Reach, check_url

_TIMEOUT_S = 10.0
_SLACK_HOST = "hooks.slack.com"
_PORTS = {"smtp": 587, "smtps": 465}


def post_to_stranger(url: str, content: Mapping[str, object], reach: Reach = PUBLIC) -> None:
    """POST JSON to an address that a user gave: public ones only, and no redirect is followed.

    Slack takes nothing but a text, so it gets that alone.

    Raises:
        VideoUnreachable: the address may not be asked.
        OSError: it does not take the message.
        httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: it does not answer.
    """
    parsed = check_url(url)
    sent = {"text": content["text"]} if parsed.host == _SLACK_HOST else content
    target = httpcore.URL(scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path)
    headers = [("Host", parsed.netloc.decode()), ("Content-Type", "application/json"), ("User-Agent", "ergo")]
    timeouts = {"connect": _TIMEOUT_S, "read": _TIMEOUT_S, "write": _TIMEOUT_S, "pool": _TIMEOUT_S}
    backend = CheckedBackend(reach)
    with (
        httpcore.ConnectionPool(ssl_context=ssl.create_default_context(), network_backend=backend) as pool,
        pool.stream(
            "POST", target, headers=headers, content=json.dumps(sent).encode(), extensions={"timeout": timeouts}
        ) as answer,  # its body is nobody's business, however long it is
    ):
        if answer.status >= 300:
            raise OSError(f"the webhook answers {answer.status}")


def post_to_slack(url: str, text: str) -> None:
    """Post to the operator's own incoming webhook. Raises OSError."""
    try:
        answer = httpx.post(url, json={"text": text}, timeout=_TIMEOUT_S)
    except httpx.HTTPError as error:
        raise OSError(f"Slack cannot be reached ({type(error).__name__})") from None
    if not answer.is_success:
        raise OSError(f"Slack answers {answer.status_code}")


def send_mail(server: str, to: str, subject: str, text: str) -> None:
    """Send a plain mail.

    Args:
        server: ``smtps://user:password@host:465``, or ``smtp://…:587``, which goes over to TLS where a password is
            to be sent and otherwise where the server offers it.
        to: recipients, separated by commas; the first is the sender, too.
        subject: one line.
        text: the body.

    Raises:
        OSError: no such server, or it refuses (smtplib's errors are among them).
        SettingsError: `server` is not of that form.
    """
    parts = urlsplit(server)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingsError("ERGO_SMTP is not the address of a mail server.", "Write smtps://user:password@host:465.")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = to.split(",", maxsplit=1)[0].strip(), to, " ".join(subject.split())
    mail.set_content(text)
    kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    with kind(parts.hostname, parts.port or _PORTS[parts.scheme], timeout=_TIMEOUT_S) as connection:
        if parts.scheme == "smtp" and (parts.username or connection.has_extn("starttls")):
            connection.starttls(context=ssl.create_default_context())
        if parts.username:
            connection.login(unquote(parts.username), unquote(parts.password or ""))
        connection.send_message(mail)
