"""Why a release cannot be published to a destination."""

from cdp_orchestration.errors import CdpError

MAX_MESSAGE_CHARACTERS = 300


class DestinationError(CdpError):
    """A release cannot be published to a destination, which goes on to show what it has; no secret is repeated."""


class PassingDestinationError(DestinationError):
    """A fault that may pass by itself, such as a server that starts up or a reader that is in the way."""
