"""Who is named by the term of a request: a profile, a contact or the key of a record, also one that has no profile."""

from collections.abc import Collection

from cdp_orchestration.errors import CdpError, ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.privacy.closure import Closure, find_closure
from cdp_orchestration.release.lookup import find_profile_ids
from cdp_orchestration.release.reader import live_release, require_live_release

_KEY_COLONS = 2  # in the key of a record: <source>:<record type>:<id>


class SeveralPeopleError(CdpError):
    """A term names several profiles; whose data it is about is not guessed."""


def closure_of(settings: Settings, term: str, also: Collection[str] = ()) -> Closure:
    """Return everything that belongs to the person that a term names; the caller holds the writer's lock.

    Args:
        settings: the home.
        term: a profile id, also a former one, an e-mail, a phone or the key of a record.
        also: keys of further records that are to go with them.

    Returns:
        The closure; of an e-mail that no profile has, what was refused or is to come under it. ProfileNotFoundError
        where the term names no profile, and is neither an e-mail nor the key of a record.

    Raises:
        SeveralPeopleError: the term names several profiles.
    """
    profile_ids = _profiles(settings, term)
    records = set(also)
    if len(profile_ids) > 1:
        raise SeveralPeopleError(
            f"{len(profile_ids)} profiles share that value ({', '.join(profile_ids[:10])}); name one of them by its "
            "id, and the records of others that are to go with --also"
        )
    emails = [term] if not profile_ids and not _is_key(term) else []
    if not profile_ids and not emails:
        records.add(term)
    with open_warehouse(settings.warehouse) as connection:
        return find_closure(connection, settings, profile_ids, records, emails)


def _profiles(settings: Settings, term: str) -> list[str]:
    """Return the profiles that a term names; none where it is an e-mail or the key of a record without one."""
    release = live_release(settings.releases)
    is_named = _is_key(term) or _is_email(term)
    if release is None and is_named:
        return []
    with require_live_release(settings.releases).connect() as connection:
        try:
            return find_profile_ids(connection, term)
        except ProfileNotFoundError:
            if is_named:
                return []
            raise


def _is_key(term: str) -> bool:
    """Return whether a term is the key of a record; the id in it may be an e-mail."""
    return term.count(":") >= _KEY_COLONS


def _is_email(term: str) -> bool:
    before, _, domain = term.strip().rpartition("@")
    return bool(before) and "." in domain and " " not in term.strip()
