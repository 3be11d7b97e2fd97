import pytest

from cdp_orchestration.landing import delivery_notices, inbox_fingerprint, land_stream
from cdp_orchestration.landing.pauses import UnknownSourceError, pause_source, paused_sources, resume_source
from cdp_orchestration.sources import shipped_streams

ACCOUNTS = next(stream for stream in shipped_streams() if stream.table == "crm_accounts")
STORES = next(stream for stream in shipped_streams() if stream.table == "in_store_stores")


def deliver(settings, stream, text, name="a.csv"):
    folder = settings.inbox / stream.source / stream.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def accounts(*ids):
    return "Id,Name,SystemModstamp\n" + "".join(f"{each},Acme,2026-01-01T00:00:00Z\n" for each in ids)


def test_of_a_paused_source_nothing_lands_and_the_others_go_on(settings):
    deliver(settings, ACCOUNTS, accounts("A1"))
    land_stream(ACCOUNTS, settings)
    pause_source(settings, "crm")
    deliver(settings, ACCOUNTS, accounts("A2", "A3"), "b.csv")
    deliver(settings, STORES, "store_id,name\nS1,Main\n")

    assert land_stream(ACCOUNTS, settings).rows_landed == 0
    assert land_stream(STORES, settings).rows_landed == 1
    assert delivery_notices(settings)[0].startswith("Paused: crm, since 20")

    assert resume_source(settings, "crm")
    assert land_stream(ACCOUNTS, settings).rows_landed == 2
    assert delivery_notices(settings) == []


def test_files_of_a_paused_source_start_no_sync(settings):
    pause_source(settings, "crm")
    before = inbox_fingerprint(settings)
    deliver(settings, ACCOUNTS, accounts("A1"))

    assert inbox_fingerprint(settings) == before
    resume_source(settings, "crm")
    assert inbox_fingerprint(settings) != before


def test_to_pause_twice_keeps_the_first_time(settings):
    assert pause_source(settings, "crm")
    since = paused_sources(settings)["crm"]

    assert not pause_source(settings, "crm")
    assert paused_sources(settings) == {"crm": since}
    assert resume_source(settings, "crm")
    assert not resume_source(settings, "crm")


def test_a_source_that_is_not_declared_is_named(settings):
    with pytest.raises(UnknownSourceError, match="'crmm' is no source of this home; expected one of crm"):
        pause_source(settings, "crmm")
