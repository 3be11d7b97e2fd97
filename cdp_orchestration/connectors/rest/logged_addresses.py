"""Addresses in the logs of the HTTP library, which may have a key among their parameters."""

import logging


class _AddressesCut(logging.Filter):
    """Cuts the parameters off the addresses that urllib3 logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, with short addresses."""
        if isinstance(record.args, tuple):
            record.args = tuple(each.partition("?")[0] if isinstance(each, str) else each for each in record.args)
        return True


def shorten_logged_addresses() -> None:
    """Let urllib3 log addresses without their parameters, from now on."""
    for name in ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, _AddressesCut) for each in logger.filters):
            logger.addFilter(_AddressesCut())
