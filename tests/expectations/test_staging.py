"""The gates between staging and identity: person records and interactions."""

from datetime import date

from expectations import GATES

PERSON_RECORDS = GATES["staging"]["person_records"]
INTERACTIONS = GATES["staging"]["interactions"]

PERSON_COLUMNS = (
    "person_record_id varchar, source_system varchar, source_record_type varchar, source_record_id varchar, "
    "full_name varchar, given_name varchar, family_name varchar, date_of_birth date, emails varchar[], "
    "phones varchar[], loyalty_numbers varchar[], shop_customer_ids varchar[], card_fingerprints varchar[], "
    "other_identifiers varchar[], "
    "country_code varchar"
)
INTERACTION_COLUMNS = (
    "interaction_id varchar, source_system varchar, source_record_type varchar, source_record_id varchar, "
    "person_record_id varchar, occurred_at timestamp, channel varchar, stage varchar, amount decimal(18, 2), "
    "currency varchar, satisfaction_score double, effort_score double, duration_minutes double"
)


def person(number, **changes):
    return {
        "person_record_id": f"crm:contact:{number}",
        "source_system": "crm",
        "source_record_type": "contact",
        "source_record_id": str(number),
        "full_name": "Ida Lund",
        "given_name": "Ida",
        "family_name": "Lund",
        "date_of_birth": date(1984, 2, 29),
        "emails": [f"ida{number}@lund.dk"],
        "phones": [f"+45322512{number:02}"],
        "loyalty_numbers": [],
        "shop_customer_ids": [],
        "card_fingerprints": [],
        "other_identifiers": [],
        "country_code": "DK",
        **changes,
    }


def interaction(number, **changes):
    return {
        "interaction_id": f"ecommerce:order:{number}",
        "source_system": "ecommerce",
        "source_record_type": "order",
        "source_record_id": str(number),
        "person_record_id": "ecommerce:customer:1",
        "occurred_at": "2026-05-01",
        "channel": "web",
        "stage": "purchase",
        "amount": 20,
        "currency": "EUR",
        **changes,
    }


def key(number):
    return f"crm:contact:{number}"


def test_good_person_records_pass_whatever_they_lack(store, failures):
    nothing_known = {"full_name": None, "given_name": None, "family_name": None, "date_of_birth": None}
    store(
        "staging.person_records",
        PERSON_COLUMNS,
        person(1),
        person(2, **nothing_known, country_code=None),
        person(3, emails=[], phones=[], full_name="Жанна Ли"),
        person(4, emails=["o'neil+shop@büro.example.co.uk", "zoë@post.de"]),
    )

    assert failures(PERSON_RECORDS) == {}


def test_no_person_records_at_all_only_warn(store, failures):
    store("staging.person_records", PERSON_COLUMNS)

    assert failures(PERSON_RECORDS) == {"there are person records": ("warning", None, ())}


def test_what_staging_promises_about_person_records_stops_when_broken(store, failures):
    store(
        "staging.person_records",
        PERSON_COLUMNS,
        person(1),
        person(2, emails=["ida@lund.dk", "ida at lund"]),
        person(3, emails=["IDA@lund.dk"]),
        person(4, phones=["+4532251204", "32 25 12"]),
        person(5, country_code="Denmark"),
        person(6, card_fingerprints=None),
        person(7, source_record_id="1"),
    )

    assert failures(PERSON_RECORDS) == {
        "e-mails look like e-mails": ("critical", 2, (key(2), key(3))),
        "phones are in E.164": ("critical", 1, (key(4),)),
        "country codes have two letters": ("critical", 1, (key(5),)),
        "the list of card fingerprints is never null": ("critical", 1, (key(6),)),
        "source, type and id name one record": ("critical", 2, (key(1), key(7))),
    }


def test_what_sources_got_wrong_about_persons_warns(store, failures):
    store(
        "staging.person_records",
        PERSON_COLUMNS,
        person(1),
        person(2, date_of_birth=date(2031, 1, 1)),
        person(3, date_of_birth=date(1890, 1, 1)),
        person(4, full_name="Unknown"),
        person(5, emails=["noreply@lund.dk"]),
        person(6, phones=["+4500000000"]),
    )

    assert failures(PERSON_RECORDS) == {
        "dates of birth are plausible": ("warning", 2, (key(2), key(3))),
        "no name is a placeholder": ("warning", 1, (key(4),)),
        "no e-mail is a placeholder": ("warning", 1, (key(5),)),
        "no phone is a placeholder": ("warning", 1, (key(6),)),
    }


def test_records_without_identifier_and_name_warn_once_they_are_the_majority_but_visitors_do_not_count(store, failures):
    blank = {"full_name": None, "given_name": None, "family_name": None, "emails": [], "phones": []}
    visitors = [person(n, **blank, source_record_type="anonymous_visitor") for n in (11, 12, 13)]
    store("staging.person_records", PERSON_COLUMNS, person(1), person(2, **blank), *visitors)
    assert failures(PERSON_RECORDS) == {}

    store("staging.person_records", PERSON_COLUMNS, person(1), person(2, **blank), person(3, **blank), *visitors)
    assert failures(PERSON_RECORDS) == {"records carry an identifier or a name": ("warning", 2, (key(2), key(3)))}


def test_an_e_mail_on_very_many_records_warns_with_its_count_alone(store, check):
    desk = [person(n, emails=["desk@shop.dk"]) for n in range(101)]
    store("staging.person_records", PERSON_COLUMNS, *desk)

    (warning,) = check(PERSON_RECORDS).failed("warning")

    assert warning.check_name == "no e-mail is on very many records"
    assert (warning.observed_value, warning.sample_keys) == (1, ())
    assert warning.failure() == "no e-mail is on very many records: found 1, allowed none"


def test_good_interactions_pass_with_or_without_amounts_and_scores(store, failures):
    store(
        "staging.interactions",
        INTERACTION_COLUMNS,
        interaction(1),
        interaction(2, source_record_type="refund", amount=-20),
        interaction(3, source_record_type="ticket", amount=None, currency=None, satisfaction_score=100),
        interaction(4, source_record_type="survey_response", amount=None, currency=None, effort_score=0),
    )

    assert failures(INTERACTIONS) == {}


def test_a_company_that_has_declared_people_alone_has_no_interactions_and_no_warning(store, failures):
    store("staging.interactions", INTERACTION_COLUMNS)

    assert failures(INTERACTIONS) == {}


def test_what_staging_promises_about_interactions_stops_when_broken(store, failures):
    store(
        "staging.interactions",
        INTERACTION_COLUMNS,
        interaction(1),
        interaction(2, occurred_at=None),
        interaction(3, channel="fax"),
        interaction(4, stage="checkout"),
        interaction(5, currency="€"),
        interaction(6, source_record_type="refund"),
        interaction(7, satisfaction_score=101),
        interaction(8, effort_score=-1),
        interaction(9, source_record_id="1"),
    )

    assert failures(INTERACTIONS) == {
        "time is known": ("critical", 1, ("ecommerce:order:2",)),
        "channel is a known one": ("critical", 1, ("ecommerce:order:3",)),
        "stage is a known one": ("critical", 1, ("ecommerce:order:4",)),
        "currencies have three letters": ("critical", 1, ("ecommerce:order:5",)),
        "refunds and cancellations subtract": ("critical", 1, ("ecommerce:order:6",)),
        "satisfaction is from 0 to 100": ("critical", 1, ("ecommerce:order:7",)),
        "effort is from 0 to 100": ("critical", 1, ("ecommerce:order:8",)),
        "source, type and id name one interaction": ("critical", 2, ("ecommerce:order:1", "ecommerce:order:9")),
    }


def test_what_sources_got_wrong_about_interactions_warns(store, failures):
    store(
        "staging.interactions",
        INTERACTION_COLUMNS,
        interaction(1, person_record_id=None),
        interaction(2, person_record_id=None, occurred_at="2027-01-01"),
        interaction(3, person_record_id=None, amount=5_000_000),
        interaction(4, currency=None),
        interaction(5, channel=None, stage=None, duration_minutes=-1),
    )

    assert failures(INTERACTIONS) == {
        "time is plausible": ("warning", 1, ("ecommerce:order:2",)),
        "amounts are sane": ("warning", 1, ("ecommerce:order:3",)),
        "amounts have a currency": ("warning", 1, ("ecommerce:order:4",)),
        "channel and stage are found": ("warning", 1, ("ecommerce:order:5",)),
        "durations are not negative": ("warning", 1, ("ecommerce:order:5",)),
        "interactions name a person": (
            "warning",
            3,
            ("ecommerce:order:1", "ecommerce:order:2", "ecommerce:order:3"),
        ),
    }
