"""What is shown of a request: what belongs to a person, what became of an erasure, the log."""

from collections import Counter
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cdp_orchestration.dagster.erasures import Erased
from cdp_orchestration.privacy.closure import Closure
from cdp_orchestration.privacy.inactivity import Due
from cdp_orchestration.privacy.old_texts import OldTexts
from cdp_orchestration.privacy.requests import LogEntry
from cdp_orchestration.terminal.tables import lines, table

MAX_NAMED = 10


def closure_lines(closure: Closure) -> Text:
    """Return what belongs to the person, and who else bears one of their contacts."""
    said = [
        f"Profiles: {', '.join(closure.profile_ids) or 'none'}",
        f"Records, {len(closure.records)}: {', '.join(closure.records)}",
        "Delivered rows, people and facts: "
        + (", ".join(f"{name} {count:,}" for name, count in closure.row_counts.items()) or "none"),
        f"Named by {len(closure.names)} contacts and ids that no one else has, which will not land again",
    ]
    if not closure.profile_ids and not closure.records:
        said.append("No profile has this address: what was refused with it goes, and it will not land")
    others = Counter(each.kind for each in closure.shared)
    for kind, count in sorted(others.items()):
        named = [each.person_record_id for each in closure.shared if each.kind == kind][:MAX_NAMED]
        more = f", and {count - MAX_NAMED:,} more" if count > MAX_NAMED else ""
        said.append(f"The same {kind} is borne by others, and stays with them: {', '.join(named)}{more}")
    return lines(said)


def due_lines(due: Sequence[Due]) -> Text:
    """Return how many people of each kind are due, and the first of them."""
    if not due:
        return lines(["No one is due: everyone was active, or `people` of retention.yml keeps them for ever"])
    kinds = Counter(each.kind for each in due)
    said = [f"Due, {sum(kinds.values()):,}: " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))]
    said += [f"{each.profile_id}, {each.kind}, last seen {each.last_seen_at:%Y-%m-%d}" for each in due[:MAX_NAMED]]
    more = [f"and {len(due) - MAX_NAMED:,} more"] if len(due) > MAX_NAMED else []
    return lines([*said, *more])


def text_lines(texts: Sequence[OldTexts]) -> Text:
    """Return which rows have texts that are too old."""
    if not texts:
        return lines(["No text is too old: all are newer, or `texts` of retention.yml keeps them for ever"])
    counts = ", ".join(f"{each.stream} {each.row_count:,}" for each in texts)
    return lines([f"Texts that are too old, {sum(each.row_count for each in texts):,} rows: {counts}"])


def erased_lines(erased: Erased) -> Text:
    """Return what became of the erasures."""
    people = sum(rows.people for removed in erased.removed for rows in removed.rows)
    facts = sum(rows.facts for removed in erased.removed for rows in removed.rows)
    files = [each for removed in erased.removed for each in removed.deliveries]
    requests = ", ".join(erased.requests)
    gone = f"{people:,} rows of people are gone, {facts:,} facts have lost theirs"
    said = [f"Erased by {requests}: {gone}, {len(files):,} files of the inbox held them"]
    said += [
        f"inbox/{each.stream.source}/{each.stream.name}/{each.source_file} still does: {each.left_because}"
        for each in files
        if each.left_because
    ]
    if erased.destinations:
        said.append(f"Published again, without anything older: {', '.join(erased.destinations)}")
    if erased.left:
        said += [f"Something is left: {each}" for each in erased.left]
        said.append("Remove what is left by hand, then `cdp privacy resume`")
    else:
        said.append("Every file of the home was searched, unpacked too: nothing of them is left")
    return lines(said)


def log_table(entries: Sequence[LogEntry]) -> Table:
    """Return the log, a row a request, profile and system."""
    headings = ("request", "type", "profile", "system", "requested", "due", "completed", "tables", "rows")
    rows = (
        (
            *(each.request_id, each.request_type, each.profile_id, each.system_name),
            *(each.requested_at[:10], each.due_at[:10], (each.completed_at or "")[:10]),
            *(f"{each.tables_affected:,}", f"{each.rows_affected:,}"),
        )
        for each in entries
    )
    return table("Requests", headings, rows)
