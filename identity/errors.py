"""The one base exception of this package."""

from collections.abc import Iterable


class IdentityError(Exception):
    """An input, a model or a limit that the caller can correct; the message says how, without personal data.

    Attributes:
        records: the keys of the records that the error is about; none where it is about no single pair.
    """

    def __init__(self, message: str, records: Iterable[str] = ()) -> None:
        """Take the message and the records that it is about."""
        super().__init__(message)
        self.records = tuple(records)
