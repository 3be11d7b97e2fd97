"""The one base exception of this package."""


class IdentityError(Exception):
    """An input, a model or a limit that the caller can correct; the message says how, without personal data."""
