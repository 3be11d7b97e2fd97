"""A large erasure is no lost delivery: what it explains passes, and a further loss is found all the same."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_releases import make_live

from cdp_orchestration.figures.comparing import Comparison, compare_release, compare_table
from cdp_orchestration.figures.release_figures import ReleasedTable
from cdp_orchestration.figures.stage_figures import MEASURED_TABLES
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.privacy.requests import Pending
from cdp_orchestration.privacy.usual_figures import measure_without

COUNT = 400
# Every customer has an account, whose creation is a fact of its own, and orders once; every second one has an e-mail
TABLES = f"""
    create table staging.person_records as
    select
        'ecommerce:customer:' || n as person_record_id, 'ecommerce' as source_system, 'customer' as source_record_type,
        'Ann' as full_name, null::varchar as given_name, null::varchar as family_name,
        if(n % 2 = 0, ['a@example.org'], []) as emails, []::varchar[] as phones, null::date as date_of_birth,
        null as postcode, 'FR' as country_code, []::varchar[] as loyalty_numbers, []::varchar[] as shop_customer_ids,
        []::varchar[] as card_fingerprints, []::varchar[] as other_identifiers
    from range({COUNT}) as numbers (n);
    create table staging.interactions as
    select
        'ecommerce' as source_system, kind as source_record_type, prefix || n as source_record_id,
        'ecommerce:customer:' || n as person_record_id, if(kind = 'order', 10.0, null) as amount, 'EUR' as currency,
        'web' as channel, null as topic, null as campaign, null::int as survey_score, null::varchar as text_language
    from range({COUNT}) as numbers (n)
    cross join (values ('order', 'o'), ('account_creation', '')) as kinds (kind, prefix);
    create table identity.profile_assignments as
    select person_record_id, split_part(person_record_id, ':', 3) as profile_id from staging.person_records;
    create table identity.profile_events (
        profile_id varchar, event_type varchar, run_id varchar, occurred_at timestamp
    );
"""
LOST = "person_record_id in (select 'ecommerce:customer:' || n from range({first}, {last}) as numbers (n))"


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    """A home whose tables were accepted as they are."""
    settings = Settings(tmp_path / "home")
    with open_warehouse(settings.warehouse, is_new=True) as connection:
        connection.execute(TABLES)
    assert [each.is_credible for each in _compare(settings, "first")] == [True, True, True]
    return settings


def _compare(settings: Settings, run_id: str) -> list[Comparison]:
    with open_warehouse(settings.warehouse) as connection:
        return [compare_table(connection, subject, run_id) for subject in MEASURED_TABLES]


def _build_without(settings: Settings, first: int, last: int) -> None:
    """Do what a build does after an erasure: accounts go, orders lose their customer."""
    with open_warehouse(settings.warehouse) as connection:
        lost = LOST.format(first=first, last=last)
        connection.execute(f"delete from staging.interactions where source_record_type <> 'order' and {lost}")
        connection.execute(f"update staging.interactions set person_record_id = null where {lost}")
        connection.execute(f"delete from staging.person_records where {lost}")
        connection.execute(f"delete from identity.profile_assignments where {lost}")


def _request(number: int, first: int, last: int) -> Pending:
    records = tuple(f"ecommerce:customer:{each}" for each in range(first, last))
    return Pending(f"r-{number}", "2026-11-29", "2026-12-29", "ada", (), records, (), (), ())


def _unlike(found: Sequence[Comparison]) -> set[str]:
    return {each.figure.of for comparison in found for each in comparison.figures if not each.is_credible}


def test_without_a_measure_of_it_a_large_erasure_is_taken_for_a_loss(home: Settings) -> None:
    _build_without(home, 0, 120)
    assert _unlike(_compare(home, "second")) >= {"ecommerce customer", "profiles", "ecommerce order, person"}


def test_what_an_erasure_took_passes_whatever_it_took(home: Settings) -> None:
    measure_without(home, [_request(1, 0, 60), _request(2, 60, 120)])
    _build_without(home, 0, 120)
    found = _compare(home, "second")
    assert _unlike(found) == set()
    # It is exactly what is usual, in whatever figure has been compared
    assert all(each.figure.value == pytest.approx(each.usual) for one in found for each in one.figures if each.usual)


def test_a_further_loss_is_found_as_it_is_without_an_erasure(home: Settings) -> None:
    measure_without(home, [_request(1, 0, 120)])
    _build_without(home, 0, 120)
    _build_without(home, 120, 240)
    assert _unlike(_compare(home, "second")) >= {"ecommerce customer", "profiles", "ecommerce order, person"}


def test_an_erasure_that_goes_on_after_a_kill_counts_once(home: Settings) -> None:
    first, second = _request(1, 0, 60), _request(2, 60, 120)
    assert measure_without(home, [first]) > 0
    assert measure_without(home, [first]) == 0
    measure_without(home, [first, second])
    _build_without(home, 0, 120)
    found = _compare(home, "second")
    assert all(each.figure.value == pytest.approx(each.usual) for one in found for each in one.figures if each.usual)


def test_a_loss_that_waits_for_a_person_is_not_accepted_with_an_erasure(home: Settings) -> None:
    _build_without(home, 200, 400)
    assert _unlike(_compare(home, "lost"))
    measure_without(home, [_request(1, 0, 20)])
    _build_without(home, 0, 20)
    assert _unlike(_compare(home, "second")) >= {"ecommerce customer", "profiles"}


@pytest.mark.parametrize(("left", "is_credible"), [(280, True), (160, False)])
def test_readers_miss_what_was_erased_and_nothing_else(
    home: Settings, tmp_path: Path, left: int, is_credible: bool
) -> None:
    def compare(rows: int, live_rows: int, run_id: str) -> Comparison:
        file = tmp_path / f"{rows}.parquet"
        pq.write_table(pa.table({"profile_id": [str(n) for n in range(rows)]}), file)
        table = ReleasedTable(file, rows, ("profile_id",), file, live_rows)
        with open_warehouse(home.warehouse) as connection:
            return compare_release(connection, {"profile_records": table}, run_id)

    assert compare(COUNT, COUNT, "first").is_credible
    # The live release has lost the people when their erasure is measured
    columns = {"profile_records": {"profile_id": "varchar"}}
    make_live(home.home, "r1", {"profile_records": [(str(n),) for n in range(280)]}, columns)
    measure_without(home, [_request(1, 0, 120)])
    _build_without(home, 0, 120)
    assert compare(left, 280, "second").is_credible == is_credible
