"""The commands about releases: which there are, what differs, whether they are whole, going back, and removing."""

import getpass
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson
from cdp_orchestration.terminal.tables import show, show_json, show_wait

releases_app = typer.Typer(
    invoke_without_command=True, help="The published releases: list, compare, verify, go back, prune, publish further."
)

ReleaseId = Annotated[str, typer.Argument(help="The release: the first characters of its id, or live.")]
Why = Annotated[str, typer.Option(help="Why; it is kept.")]
By = Annotated[str | None, typer.Option(help="Who does it; by default the user of this system.")]


@releases_app.callback()
def releases(context: typer.Context, as_json: AsJson = False) -> None:
    """List the releases where no command is named, as earlier versions did."""
    if context.invoked_subcommand is None:
        list_releases(as_json)


@releases_app.command(
    "list",
    epilog="Example: cdp releases list\n\nJSON: a list, the live release first, of release_id, is_live, pinned_by, "
    "pinned_why, problem, folder, and of one that opens created_at, profile_count, code_version, model_version, "
    "sources (those paused, stale or degraded when it was cut).",
)
def list_releases(as_json: AsJson = False) -> None:
    """List the published releases, the live one first."""
    from cdp_orchestration.release.kept import kept_releases
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.stages.rollback import rollback_sentence
    from cdp_orchestration.terminal.release_report import releases_json, releases_table

    settings = Settings.from_environment()
    found = kept_releases(settings.releases)
    if not found:
        require_live_release(settings.releases)
    if as_json:
        show_json(releases_json(found))
        return
    show(releases_table(found))
    if sentence := rollback_sentence(settings):
        show(sentence)


@releases_app.command("show", epilog="Example: cdp releases show live\n\nJSON: the manifest of the release.")
def show_release(release: ReleaseId = "live", as_json: AsJson = False) -> None:
    """Show one release: when and from what it was cut, its tables and their rows."""
    from cdp_orchestration.release.kept import find_release
    from cdp_orchestration.terminal.release_report import release_details

    found = find_release(Settings.from_environment().releases, release)
    if as_json:
        show_json(found.manifest)
    else:
        show(release_details(found))


@releases_app.command(
    epilog="Example: cdp releases diff 20260101 live\n\nJSON: before, after (ids), profiles (created, merged, split, "
    "retired, changed, same, moved_records), tables (table, rows_before, rows_after, columns, is_same), audiences and "
    "measures (name, unit, before, after)."
)
def diff(before: ReleaseId, after: ReleaseId = "live", as_json: AsJson = False) -> None:
    """Show in numbers what readers see in one release and not in the other."""
    from cdp_orchestration.release.comparison import compare_releases
    from cdp_orchestration.release.kept import find_release
    from cdp_orchestration.terminal.release_report import difference_json, difference_tables

    releases = Settings.from_environment().releases
    found = compare_releases(find_release(releases, before), find_release(releases, after))
    if as_json:
        show_json(difference_json(found))
    else:
        show(difference_tables(found))


@releases_app.command(
    epilog="Example: cdp releases verify --all\n\nExits with 2 if a file is not what was published. JSON: a list of "
    "release_id, file_count, damage (a list of sentences)."
)
def verify(
    release: ReleaseId = "live",
    all_of_them: Annotated[bool, typer.Option("--all", help="Every release.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read every file of a release, and compare it with what was published."""
    from cdp_orchestration.release.integrity import verify_releases
    from cdp_orchestration.release.reader import require_live_release
    from cdp_orchestration.terminal.release_report import damage_lines

    settings = Settings.from_environment()
    found = verify_releases(settings.releases, None if all_of_them else release)
    if not found:
        require_live_release(settings.releases)
    if as_json:
        show_json(
            [{"release_id": each.release_id, "file_count": each.file_count, "damage": each.damage} for each in found]
        )
    else:
        show(*damage_lines(found))
    if any(each.damage for each in found):
        raise typer.Exit(2)


@releases_app.command(epilog='Example: cdp releases rollback 20260101T08 --why "the shop exported test orders"')
def rollback(release: ReleaseId, why: Why, by: By = None) -> None:
    """Make an older release live again, until there is something new; the newest, named again, undoes it."""
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.open_tier.following import follow_live_release
    from cdp_orchestration.stages.rollback import roll_back, rollback_sentence
    from cdp_orchestration.terminal.destination_report import followed_lines

    settings = Settings.from_environment()
    reason = _in_words(why)
    with writer_lock(settings.writer_lock, "cdp releases rollback", settings.short_wait_seconds, show_wait):
        pointer = roll_back(settings, release, by or getpass.getuser(), reason)
        follow_live_release(settings)
    undone = f"Release {pointer.release_id} is live; the rollback is undone"
    show(rollback_sentence(settings) or undone, *followed_lines(settings))


@releases_app.command(epilog='Example: cdp releases pin live --why "the figures of the annual report"')
def pin(release: ReleaseId, why: Why, by: By = None) -> None:
    """Keep a release whatever the retention says."""
    from cdp_orchestration.home.audit import record
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.release.kept import find_release, new_pin, set_pin

    settings = Settings.from_environment()
    reason = _in_words(why)
    with writer_lock(settings.writer_lock, "cdp releases pin", settings.short_wait_seconds, show_wait):
        found = find_release(settings.releases, release)
        made = new_pin(by or getpass.getuser(), reason)
        set_pin(settings.releases, found.release_id, made)
        record(settings.audit, "pin", found.release_id, by=made.by, why=made.why)
    show(f"Release {found.release_id} is pinned.")


@releases_app.command(epilog="Example: cdp releases unpin 20260101T08")
def unpin(release: ReleaseId) -> None:
    """Let the retention decide about a pinned release again."""
    from cdp_orchestration.home.audit import record
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.release.kept import find_release, set_pin

    settings = Settings.from_environment()
    with writer_lock(settings.writer_lock, "cdp releases unpin", settings.short_wait_seconds, show_wait):
        found = find_release(settings.releases, release)
        set_pin(settings.releases, found.release_id, None)
        record(settings.audit, "unpin", found.release_id)
    show(f"Release {found.release_id} is not pinned.")


@releases_app.command(epilog="Example: cdp releases prune --keep 24 --keep-daily 30 --dry-run")
def prune(
    keep: Annotated[int | None, typer.Option(min=1, help="How many of the newest releases stay.")] = None,
    keep_daily: Annotated[
        int | None, typer.Option(min=0, help="For how many days the last one of the day stays.")
    ] = None,
    is_trial: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove old releases, runs and refused rows, by retention.yml of the home where no option says otherwise.

    The live release, pinned ones, and those that somebody reads, stay.
    """
    from cdp_orchestration.dagster.pruning import prune_home
    from cdp_orchestration.home.retention import read_retention
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.terminal.release_report import pruned_lines

    settings = Settings.from_environment()
    retention = read_retention(settings.retention).with_releases(keep, keep_daily)
    with writer_lock(settings.writer_lock, "cdp releases prune", settings.short_wait_seconds, show_wait):
        pruned = prune_home(settings, retention, is_trial=is_trial)
    show(*pruned_lines(pruned, retention, is_trial=is_trial))


@releases_app.command(
    epilog="Example: cdp releases publish warehouse\n\nJSON: a list of name, kind, place, release_id (what it shows), "
    "published_at, is_behind, problem."
)
def publish(
    names: Annotated[list[str] | None, typer.Argument(help="Destinations; without any, all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Publish the live release to the destinations of the home; ends with 1 where one cannot be reached.

    Raises:
        Exit: with 1 where a destination could not be reached.
    """
    from cdp_orchestration.dagster.destinations import run_publish
    from cdp_orchestration.terminal.destination_report import destinations_json, published_lines

    found = run_publish(Settings.from_environment(), names or ())
    if as_json:
        show_json(destinations_json(found))
    else:
        show(*published_lines(found))
    if not all(each.is_reached for each in found):
        raise typer.Exit(1)


@releases_app.command(
    epilog="Example: cdp releases destinations\n\nJSON: a list of name, kind, place, release_id (what it shows), "
    "published_at, is_behind, problem."
)
def destinations(as_json: AsJson = False) -> None:
    """Show each destination of destinations.yml: where it is, which release it shows, and why it is behind."""
    from cdp_orchestration.destinations import standings
    from cdp_orchestration.terminal.destination_report import destinations_json, destinations_table

    settings = Settings.from_environment()
    found = standings(settings)
    show_json(destinations_json(found)) if as_json else show(destinations_table(settings, found))


def _in_words(why: str) -> str:
    reason = " ".join(why.split())
    if not reason:
        raise typer.BadParameter("expected a reason in words", param_hint="--why")
    return reason
