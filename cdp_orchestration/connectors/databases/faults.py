"""What can go wrong with a database: a fault that passes by itself, or one that will be the same again."""

import re
from urllib.parse import unquote

from cdp_orchestration.connectors.fetching import FetchError

# As PostgreSQL, MySQL and SQLite, and the libraries that connect to them, write them in English
_PASSING = re.compile(
    r"connection refused|connection reset|connection timed out|timeout expired|broken pipe|network is unreachable"
    r"|no route to host|temporary failure in name resolution|server closed the connection unexpectedly"
    r"|SSL SYSCALL error|SSL connection has been closed unexpectedly|canceling statement due to lock timeout"
    r"|the database system is (?:starting up|shutting down|in recovery mode|not yet accepting connections)"
    r"|terminating connection|too many clients already|remaining connection slots"
    r"|deadlock detected|could not serialize access|due to conflict with recovery"
    r"|can't connect to (?:local )?(?:mysql )?server|lost connection|server has gone away|server shutdown in progress"
    r"|too many connections|deadlock found|lock wait timeout exceeded"
    r"|database is locked"
    # The engine's own word where one of its threads met the fault and another one is asked for the rows
    r"|INTERRUPT Error: Interrupted"
    # Whatever ends the answer of MySQL after its first rows: what the server says of it is lost
    r"|Failed to fetch result row",
    re.IGNORECASE,
)

_SAID = re.compile(r"(?:ERROR|FATAL):\s*(.*)")
# The engine repeats the statement before what MySQL or SQLite says
_STATEMENT = re.compile(r'Failed to (?:prepare|execute|fetch result row for) (?:MySQL )?query ".*":(?: |$)')
# Without the statement, without a value, and without the rows that a server names below its sentence
_SHOWN = re.compile(r"((?:(?! LINE \d| DETAIL:| CONTEXT:|: [\"']).)*)")


_ENDED_EARLY = ("IO Error:", "INTERRUPT Error: Interrupted!")  # and nothing more
_MAX_MESSAGE_CHARACTERS = 300
_SHORTEST_SECRET = 2  # shorter parts of an address are none, and would cut words
_ENCRYPTION = re.compile(r"\bssl_?mode=[\w-]+", re.IGNORECASE)  # one of a few known words, which errors are about


class PassingDatabaseError(FetchError):
    """A fault that may pass when the rows are asked for again."""


def is_passing(text: str) -> bool:
    """Return whether an error of a database may pass: who asked wrongly gets the same answer again."""
    return _PASSING.search(text) is not None


def fault_of(error: Exception, what: str, kind: str, place: str, address: str) -> FetchError:
    """Return what to raise instead of an error of a database, which may repeat the address with its password.

    Args:
        error: the error.
        what: the table, or that it is a query.
        kind: which database it is.
        place: where the address is.
        address: the address itself; no part of it is shown.
    """
    said = said_by(error)
    for part in sorted(_parts_of(address), key=len, reverse=True):
        said = said.replace(part, "…") if len(part) > _SHORTEST_SECRET else said
    said = said[:_MAX_MESSAGE_CHARACTERS].rstrip(" .")
    raised = PassingDatabaseError if is_passing(str(error)) else FetchError
    return raised(
        f"{what} of the {kind} database at {place} cannot be read: {said}. Check address, rights and names; the next "
        "sync goes on from the last position."
    )


def _parts_of(address: str) -> set[str]:
    """Return what an error may repeat of an address: each part, also one with blanks, as written and as meant."""
    shown = " ".join(address.split())  # as an error is shown
    rest = _ENCRYPTION.sub("", shown)
    parts = {shown, *re.split(r"[:@/?&=\s]+", rest), *re.split(r"[:@/?&=]+", rest)}
    return parts | {unquote(part) for part in parts}


def said_by(error: Exception) -> str:
    """Return the sentence of the server in an error of a database, without the statement and without values.

    Args:
        error: the error; where no server has answered it may repeat the address with its password.
    """
    text = " ".join(str(error).split())
    text = _STATEMENT.sub("", text)
    if text.strip() in _ENDED_EARLY:
        return "the answer ended before its last row, as where a connection is lost"
    found = _SAID.search(text)
    shown = _SHOWN.match(found[1] if found else text)
    return shown[1] if shown else type(error).__name__
