"""``$CDP_HOME/notifications.yml``: who hears of which events, and where the secrets for it are.

.. code-block:: yaml

    name: shop-eu                      # what the home is called in messages; by default the name of its folder
    targets:
      on_call:
        kind: webhook
        url: env:ON_CALL_URL           # an address of a webhook is a secret
        headers: {Authorization: env:ON_CALL_TOKEN}
        events: [failed_run, blocked_release, recovered]
        min_severity: critical
      team:
        kind: email
        host: smtp.example.org
        security: starttls             # or tls, or none
        user: env:SMTP_USER
        password: file:/run/secrets/smtp
        sender: cdp@example.org
        to: [data@example.org]
      ticket:
        kind: command                  # the JSON of a webhook on its standard input, no shell
        command: [/usr/local/bin/open-ticket, --queue, data]
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from cdp_orchestration.connectors.secret_values import SecretReference
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.notifications.findings import KINDS, Event, Kind, Severity
from cdp_orchestration.sources.reading import read_checked

ChosenKind = Literal[Kind, "recovered"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,<>]+@[^@\s,<>]+$")]
Text = Annotated[str, StringConstraints(min_length=1)]
LOOPBACK = ("localhost", "127.0.0.1", "::1")

_SECRET = frozenset({"url", "headers", "user", "password"})
_SEVERITIES: tuple[Severity, ...] = ("warning", "critical")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Target(_Strict):
    events: tuple[ChosenKind, ...] = (*KINDS, "recovered")
    min_severity: Severity = "warning"

    def wants(self, event: Event) -> bool:
        """Return whether an event is chosen; that something is healthy again, where what has ended was chosen."""
        chosen = {event.kind, event.recovers_kind} - {None}
        is_severe = _SEVERITIES.index(event.severity) >= _SEVERITIES.index(self.min_severity)
        return is_severe and chosen <= set(self.events)


class Webhook(_Target):
    """An HTTP server that takes the JSON body by POST."""

    kind: Literal["webhook"]
    url: SecretReference
    headers: dict[str, SecretReference] = Field(default_factory=dict)


class Email(_Target):
    """Mailboxes, by a server that speaks SMTP."""

    kind: Literal["email"]
    host: Text
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: SecretReference | None = None
    password: SecretReference | None = None
    sender: Address
    to: Annotated[tuple[Address, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_consistent(self) -> "Email":
        if (self.user is None) != (self.password is None):
            raise ValueError("found one of user and password; expected both or neither")
        if self.password and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("a password would be sent without encryption; expected security: starttls or tls")
        return self


class Command(_Target):
    """A program of this machine, which reads the JSON body from its standard input."""

    kind: Literal["command"]
    command: Annotated[tuple[Text, ...], Field(min_length=1)]


Target = Annotated[Webhook | Email | Command, Field(discriminator="kind")]


class Notifications(_Strict):
    """What a home declares; without a file, no target."""

    name: Name | None = None
    targets: dict[Name, Target] = Field(default_factory=dict)


def read_notifications(settings: Settings) -> Notifications:
    """Return the targets of a home, none where it declares none.

    Args:
        settings: the home. An error names file, line and field, and repeats no value that may be a secret.

    Returns:
        What the file declares; raises ``DeclarationError`` for one that cannot be read.
    """
    if not settings.notifications.exists():
        return Notifications()
    return read_checked(
        settings.notifications,
        Notifications,
        expected="`targets:`",
        remedy="Correct the file; `cdp notify list` reads it again.",
        secret=_SECRET,
    )


def name_in_messages(declared: Notifications, settings: Settings) -> str:
    """Return what the home is called in messages."""
    return declared.name or settings.home.name
