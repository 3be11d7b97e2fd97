"""The one base exception of this package."""


class IdentityError(Exception):
    """An input, a model or a limit that the caller can mend; the message says how, and holds no personal data."""
