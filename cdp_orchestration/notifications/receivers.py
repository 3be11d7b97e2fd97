"""Handing one message to one target. What goes wrong is named without an address, a secret or a server's own text."""

import json
import smtplib
import socket
import ssl
import subprocess
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from cdp_orchestration.connectors.secret_values import secret_value
from cdp_orchestration.errors import CdpError
from cdp_orchestration.notifications.declaration import LOOPBACK, Command, Email, Webhook

WAIT_SECONDS = 15.0
_JSON = "application/json; charset=utf-8"


class NotDeliveredError(CdpError):
    """A target has not taken a message; the message says why, and holds no address and no secret."""


def deliver(target: Webhook | Email | Command, body: dict[str, Any], name: str, folder: Path) -> str | None:
    """Hand a message to a target.

    Args:
        target: the target.
        body: the message, as ``message_body`` returns it.
        name: the name of the target.
        folder: where a command runs.

    Returns:
        What else is worth knowing of a message that was taken, such as a mailbox that was refused; else None.
        Raises ``NotDeliveredError`` or ``SecretMissingError`` where it was not taken.
    """
    if isinstance(target, Email):
        return _mail(target, body, name)
    if isinstance(target, Webhook):
        _post(target, body)
    else:
        _run(target, body, folder)
    return None


class _NoRedirect(HTTPRedirectHandler):
    """Follows no redirect: the headers would go to another server."""

    def redirect_request(self, *_arguments: Any, **_keywords: Any) -> None:
        """Return no further request."""


def _post(target: Webhook, body: dict[str, Any]) -> None:
    url = secret_value(target.url)
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise NotDeliveredError(f"{target.url} holds no address of the form https://…")
    if target.headers and address.scheme == "http" and address.hostname not in LOOPBACK:
        raise NotDeliveredError(f"{target.url} is http://…: its headers would be sent without encryption; use https")
    headers = {name: secret_value(reference) for name, reference in target.headers.items()}
    about = {"Content-Type": _JSON, "User-Agent": "cdp", "Idempotency-Key": str(body["id"])}
    # urllib writes no log: the library that connectors use would log the address, which is a secret here
    request = Request(url, data=_encoded(body), headers={**about, **headers}, method="POST")  # noqa: S310 - checked above
    try:
        with build_opener(_NoRedirect).open(request, timeout=WAIT_SECONDS) as answer:
            answer.read(1)
    except HTTPError as error:
        raise NotDeliveredError(f"the server answered {error.code}") from None
    except (URLError, OSError, ValueError) as error:
        raise NotDeliveredError(_reason(error)) from None


def _mail(target: Email, body: dict[str, Any], name: str) -> str | None:
    message = EmailMessage()
    message["Subject"] = str(body["title"])
    message["From"], message["To"] = target.sender, ", ".join(target.to)
    message["Date"] = formatdate()
    # The same for every try, by which a mailbox knows a second copy
    message["Message-ID"] = f"<{body['id']}.{name.replace(' ', '_')}@cdp>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_mail_text(body))
    try:
        with _connected(target) as server:
            if target.user and target.password:
                server.login(secret_value(target.user), secret_value(target.password))
            refused = server.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise NotDeliveredError(f"the mail server answered {error.smtp_code}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotDeliveredError(_reason(error)) from None
    return f"{len(refused)} of {len(target.to)} mailboxes were refused" if refused else None


def _connected(target: Email) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if target.security == "tls":
        return smtplib.SMTP_SSL(target.host, target.port, timeout=WAIT_SECONDS, context=context)
    server = smtplib.SMTP(target.host, target.port, timeout=WAIT_SECONDS)
    if target.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _mail_text(body: dict[str, Any]) -> str:
    facts = {
        "Since": body["since"],
        "Run": body["run_id"],
        "Home": body["home"],
        **{name.replace("_", " ").capitalize(): f"{count:,}" for name, count in body["counts"].items()},
        "Event": body["id"],
    }
    shown = "\n".join(f"{name}: {value}" for name, value in facts.items() if value is not None)
    return f"{body['what_happened']}\n\nWhat to do: {body['what_to_do']}\n\n{shown}\n"


def _run(target: Command, body: dict[str, Any], folder: Path) -> None:
    try:
        ended = subprocess.run(  # noqa: S603 - no shell; the home's owner names the program
            target.command, input=_encoded(body), cwd=folder, capture_output=True, timeout=WAIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotDeliveredError(f"the command did not end within {WAIT_SECONDS:.0f} s") from None
    except OSError as error:
        raise NotDeliveredError(f"the command cannot be started: {_reason(error)}") from None
    if ended.returncode:
        raise NotDeliveredError(f"the command ended with {ended.returncode}")


def _encoded(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def _reason(error: BaseException) -> str:
    """Return why a connection failed by the kind of the error alone: its text may hold the address."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, BaseException) else error
    words = {
        TimeoutError: "no answer in time",
        ConnectionRefusedError: "the connection was refused",
        socket.gaierror: "the server's name is not known",
        ssl.SSLCertVerificationError: "its certificate is not trusted",
        FileNotFoundError: "it is not there",
        PermissionError: "no permission",
    }
    return next((text for kind, text in words.items() if isinstance(cause, kind)), type(cause).__name__)
