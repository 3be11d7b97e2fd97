"""Situations of real shops and real lives, from the files to the published tables: money, people, consent, decisions.

The folder of cases lies next to the repository. All of them live in one small home, in three deliveries; those that
need many ordinary people around them stand in ``test_identity_cases.py``. Every time, the unit tests of the models
(``dbt_project/test_unit_tests.py``) and ``test_consent.py`` cover their kinds.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from delivered_cases import deliver_cases
from release_comparison import release_of

pytestmark = pytest.mark.long

Row = tuple[Any, ...]
Ask = Callable[[str], list[Row]]

OF_INGEST = ("02", "03", "05", "06", "09", "10", "11", "12", "13", "15", "17", "18", "19", "21", "22", "23", "24")
OF_IDENTITY = ("20", "21", "23", "24", "25", "26", "27", "30", "31")
CASES = [*(f"ingest/{number}" for number in OF_INGEST), *(f"identity/{number}" for number in OF_IDENTITY)]
TO_LINK = ("crm:contact:003CV0000000001AAA", "ecommerce:customer:6299000003101")
TO_PART = ("crm:contact:003CV0000000002AAA", "ecommerce:customer:6299000003102")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory, cdp: Callable[..., Any]) -> list[Ask]:
    """Ask the release after each of three deliveries; two decisions stand before the second and are taken back."""
    home = tmp_path_factory.mktemp("cases") / "home"

    def run(*arguments: str) -> None:
        result = cdp(home, *arguments)
        assert result.returncode == 0, result.stdout + result.stderr

    def synced(inbox: str) -> Ask:
        deliver_cases(home, *CASES, inbox=inbox)
        run("sync")
        release = release_of(home).connect()
        return lambda query: release.execute(query).fetchall()

    first = synced("inbox")
    run("identity", "link", *TO_LINK, "--why", "she called", "--by", "oda")
    run("identity", "unlink", *TO_PART, "--why", "father and son", "--by", "oda")
    second = synced("inbox2")
    for pair in (TO_LINK, TO_PART):
        run("identity", "withdraw", *pair, "--why", "a mistake", "--by", "tor")
    return [first, second, synced("inbox3")]


@pytest.fixture
def ask(releases: list[Ask]) -> Ask:
    """Ask the release of the first delivery."""
    return releases[0]


@pytest.fixture
def ask_last(releases: list[Ask]) -> Ask:
    """Ask the release of the last delivery."""
    return releases[-1]


def _profiles(ask: Ask, *records: str) -> list[str | None]:
    """The profile of each record, None where it is in none."""
    found = dict(ask("select person_record_id, profile_id from profile_records"))
    return [found.get(record) for record in records]


def _is_one(profiles: list[str | None]) -> bool:
    return None not in profiles and len(set(profiles)) == 1


def _touchpoints(ask: Ask, columns: str, *records: str) -> list[Row]:
    listed = ", ".join(f"'{record}'" for record in records)
    return ask(f"select {columns} from touchpoints where source_record_id in ({listed}) order by source_record_id")


def _of_customer(customer: str, columns: str) -> str:
    return (
        f"select {columns} from profile_metrics join profile_records using (profile_id) "
        f"where person_record_id = 'ecommerce:customer:{customer}'"
    )


@pytest.mark.parametrize(
    ("customer", "revenue", "orders"),
    [
        pytest.param("7301001", "25.00", 1, id="an order that tries the shop"),
        pytest.param("7305001", "0.00", 1, id="a refund that was paid in another currency"),
        pytest.param("7311001", "50.00", 2, id="a gift card that is bought and spent"),
        pytest.param("7312001", "40.00", 1, id="a payment that was voided"),
        pytest.param("7318001", "70.00", 1, id="an order that was edited"),
        pytest.param("6299000002401", "40.00", 1, id="test, voided and unpaid orders"),
        pytest.param("6299000002501", "0.00", 1, id="a refund ten weeks later"),
        pytest.param("6299000002701", "125.00", 5, id="a subscription with four renewals"),
        pytest.param("7319001", "33.00", 1, id="an order whose customer a data frame wrote with a decimal point"),
    ],
)
def test_what_is_no_revenue_counts_nowhere(ask: Ask, customer, revenue, orders) -> None:
    assert ask(_of_customer(customer, "revenue_amount, order_count")) == [(Decimal(revenue), orders)]


def test_a_refund_ten_weeks_later_takes_the_credit_of_the_campaign(ask: Ask) -> None:
    credited = ask(
        "select rule, channel, campaign, credited_amount, is_fallback from journey_attribution "
        "where order_id = 'ecommerce:order:5499000002501' order by rule"
    )
    assert {row[0] for row in credited} == {"first", "last", "linear", "position"}
    assert {row[1:] for row in credited} == {("paid_media", "winter_sale", Decimal(0), False)}
    assert ask(
        "select occurred_at::date::varchar, amount from touchpoints "
        "where touchpoint_id = 'ecommerce:refund:5499000002501:99025'"
    ) == [("2026-04-20", Decimal(-300))]


def test_a_renewal_is_a_touchpoint_without_conversion_or_credit(ask: Ask) -> None:
    renewals = "'ecommerce:order:5499000002702', 'ecommerce:order:5499000002705'"
    assert ask(
        "select distinct touchpoint_type, is_renewal, is_goal, amount from touchpoints "
        f"where touchpoint_id in ({renewals})"
    ) == [("subscription_renewal", True, False, Decimal(25))]
    assert ask(f"select count(*) from journey_attribution where order_id in ({renewals})") == [(0,)]
    assert ask(
        "select distinct channel, campaign, credited_amount from journey_attribution "
        "where order_id = 'ecommerce:order:5499000002701'"
    ) == [("paid_media", "coffee_club", Decimal(25))]
    assert ask("select line, amount from revenue_reconciliation where line = 'renewals'") == [
        ("renewals", Decimal(-100))
    ]


def test_the_parts_lead_from_all_orders_to_what_channels_are_credited_with(ask: Ask) -> None:
    lines = dict(ask("select line, amount from revenue_reconciliation"))
    assert lines["test_orders"] == -(999 + 9000)
    assert lines["voided_orders"] == -(300 + 700)
    assert lines["unpaid_orders"] == -80
    assert lines["edits"] == -30
    assert lines["gift_cards"] == -50
    assert lines["refunds"] == -(60 + 300)
    ((receipt,),) = ask(
        "select sum(revenue_amount) from profile_metrics join profile_records using (profile_id) "
        "where person_record_id = 'in_store:loyalty_member:LMC300001'"
    )
    assert lines["revenue"] == 25 + 0 + 50 + 40 + 70 + 40 + 0 + 125 + 33 + receipt
    assert lines["revenue_of_profiles"] == lines["revenue"] + lines["without_profile"]
    assert lines["attributed"] == lines["revenue_of_profiles"] + lines["renewals"]


def test_salesforce_ids_of_15_and_18_characters_are_one(ask: Ask) -> None:
    (contact,) = _profiles(ask, "crm:contact:003Kq00000BbbbAIAR")
    assert contact is not None
    assert _touchpoints(ask, "profile_id, campaign", "00vKq00000DddddIAB") == [(contact, "Autumn Fair")]
    assert ask("select account_id, profile_count from accounts where name = 'Fjellpost AS'") == [
        ("001Kq00000CcccAIAR", 1)
    ]
    assert _profiles(ask, "crm:contact:003Kq00000PpppAIAR", "crm:contact:003Kq00000PpppA") == [None, None]


def test_users_and_tickets_that_the_help_desk_deleted_are_none(ask: Ask) -> None:
    (user,) = _profiles(ask, "support:user:3601")
    assert _profiles(ask, "support:user:3602", "support:user:3603", "support:user:3604") == [None] * 3
    assert _touchpoints(ask, "source_record_id", "4601", "4602", "4603") == [("4601",)]
    assert ask(f"select ticket_count from profile_metrics where profile_id = '{user}'") == [(1,)]


def test_words_for_no_user_merge_no_one(ask: Ask) -> None:
    found = [
        each for each in _profiles(ask, *(f"ecommerce:anonymous_visitor:anon-un-{n}" for n in (1, 2, 3, 4))) if each
    ]
    assert len(set(found)) == len(found)


def test_the_account_of_a_person_is_no_organisation(ask: Ask) -> None:
    assert _profiles(ask, "crm:contact:003Kq00000FfffAIAR") != [None]
    assert ask("select count(*) from accounts where account_id = '001Kq00000GgggAIAR'") == [(0,)]


def test_an_alias_joins_what_the_visitor_did_before(ask: Ask) -> None:
    (customer,) = _profiles(ask, "ecommerce:customer:7313001")
    assert _touchpoints(ask, "profile_id", "al-1") == [(customer,)]


def test_a_score_off_its_scale_is_no_score(ask: Ask) -> None:
    scores = _touchpoints(ask, "source_record_id, satisfaction_score", *(f"sv-{n}" for n in range(1, 7)))
    assert [row for row in scores if row[1] is not None] == [("sv-6", 90.0)]


def test_who_is_deleted_in_the_year_9999_is_a_member(ask: Ask) -> None:
    assert None not in _profiles(ask, "in_store:loyalty_member:M-1701", "in_store:loyalty_member:M-1702")


def test_ids_with_a_decimal_point_are_the_ids(ask: Ask) -> None:
    found = _profiles(ask, "support:user:3901", "ecommerce:customer:7319001")
    assert _is_one(found)
    assert _touchpoints(ask, "profile_id", "4901", "pf-1", "pf-2", "931900001") == [(found[0],)] * 4


def test_a_refusal_stands_when_a_later_export_lacks_its_column(ask: Ask) -> None:
    emails = "'evangeline.prowse@heronmail.net', 'hyacinth.mowbray@heronmail.net'"
    columns = "given_name, email_consent, call_consent, is_contactable"
    assert ask(f"select {columns} from profiles where email in ({emails}) order by given_name") == [
        ("Evangeline", False, False, False),
        ("Hyacinth", False, None, False),
    ]


def test_a_deleted_campaign_member_is_no_touchpoint(ask: Ask) -> None:
    assert _profiles(ask, "crm:contact:003Kq00000LlllAIAR") != [None]
    assert _touchpoints(ask, "source_record_id", "00vKq00000MmmmAIAR") == []


def test_an_event_did_not_happen_after_it_was_received_and_now_is_not_later(ask: Ask) -> None:
    assert _touchpoints(ask, "occurred_at::varchar", "fu-1") == [("2026-10-25 10:00:01+00",)]
    ((as_of_at, newest),) = ask("select as_of_at, (select max(occurred_at) from touchpoints) from as_of")
    assert newest <= as_of_at <= datetime.now(UTC)


def test_a_refusal_outlives_the_record_that_held_it(ask_last: Ask) -> None:
    query = "select email_consent, is_contactable from profiles where email = 'rosalind.feather@quillpost.net'"
    assert set(ask_last(query)) == {(False, False)}


def test_a_later_confirmation_lifts_an_older_refusal_and_both_are_kept(ask: Ask) -> None:
    query = "select profile_id, email_consent from profiles where email = 'evadne.tollemache@quillpost.net'"
    ((profile, consent),) = ask(query)
    assert consent is True
    query = f"select distinct state from consent_history where profile_id = '{profile}' and channel = 'email'"
    assert {state for (state,) in ask(query)} >= {"granted", "refused"}


def test_an_opt_in_that_waits_for_its_confirmation_is_no_consent(ask: Ask) -> None:
    query = "select email_consent, is_contactable from profiles where email = 'g.arbuthnot@quillpost.net'"
    assert ask(query) == [(None, False)]


def test_who_answers_twice_is_one_respondent_with_the_last_answer(ask: Ask) -> None:
    (respondent,) = set(_profiles(ask, "support:user:9799002601", "support:survey_respondent:RC260003"))
    columns = "nps_score, nps_group, average_csat_score"
    assert ask(f"select {columns} from profile_metrics where profile_id = '{respondent}'") == [(9, "promoter", 5)]


def test_who_was_erased_does_not_come_back_with_a_late_export(releases: list[Ask]) -> None:
    erased = ("crm:contact:003CU0000000001AAA", "in_store:loyalty_member:LMC300001")
    assert None not in _profiles(releases[0], *erased)
    assert [_profiles(release, *erased) for release in releases[1:]] == [[None, None]] * 2


def test_a_decision_that_is_taken_back_leaves_each_with_the_former_id(releases: list[Ask]) -> None:
    first, second, third = (_profiles(release, *TO_LINK, *TO_PART) for release in releases)
    assert [_is_one(pair) for pair in (first[:2], first[2:])] == [False, True]
    assert [_is_one(pair) for pair in (second[:2], second[2:])] == [True, False]
    assert third == first
    redirects = dict(releases[2]("select old_profile_id, profile_id from profile_redirects"))
    assert [redirects.get(profile, profile) for profile in first if profile] == first


def test_events_name_who_decided_and_why(releases: list[Ask]) -> None:
    query = "select distinct cause, decided_by, decision_reason from profile_events where override_id is not null"
    assert set(releases[1](query)) == {
        ("override_must_link", "oda", "she called"),
        ("override_cannot_link", "oda", "father and son"),
    }
    assert set(releases[2](query)) >= {
        ("withdrawn_must_link", "tor", "a mistake"),
        ("withdrawn_cannot_link", "tor", "a mistake"),
    }
