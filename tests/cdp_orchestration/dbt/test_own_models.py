"""The models of a home's own stream, as SQL that DuckDB runs."""

import re
from pathlib import Path

import jinja2
import pytest

from cdp_orchestration.dbt.composition import project_dir
from cdp_orchestration.dbt.own_model_files import where_written
from cdp_orchestration.dbt.own_models import own_models
from cdp_orchestration.dbt.own_rows import own_consents, own_seed_rows
from cdp_orchestration.dbt.project import manifest, node_by_table, parsed_manifest
from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings
from cdp_orchestration.sources import DeclarationError, declared_streams

CLUB = """
source: club
streams:
  visits:
    key: [member, day]
    fields: {member: identifier, day: occurrence, Way In: text, left: text}
    deleted: {field: left, values: ["Yes", true, "it's"]}
    interaction:
      record_type: visit
      occurred_at: day
      event: Way In
      of: {field: member, record_type: customer, source: ecommerce}
      taxonomy:
        Main Door: {touchpoint_type: club_visit, channel: store, stage: advocacy}
        "*": {touchpoint_type: club_visit, channel: store, stage: advocacy, is_creditable: false}
"""
QUOTED_NAMES = r"""
source: club
streams:
  visits:
    key: ["ca'rd"]
    cursor: 'da\y'
    fields: {"ca'rd": identifier, 'da\y': timestamp, 'no''te\': text}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB, encoding="utf-8")
    return Settings(home=tmp_path)


def test_any_listed_value_in_any_case_marks_a_deleted_row(home):
    staging = own_models(declared_streams(home)[-1])["stg_club__visits"]

    assert "lower(trim(\"left\"::varchar)) in ('yes', 'true', 'it''s')" in staging


def test_an_interaction_belongs_to_a_record_of_another_source(home):
    interactions = own_models(declared_streams(home)[-1])["club_visits_interactions"]

    assert "'ecommerce:customer:' || \"member\" as person_record_id" in interactions
    assert "{{ event_word('\"way_in\"::varchar') }}" in interactions


def test_the_taxonomy_has_the_words_of_an_event_as_models_write_them(home):
    rows = own_seed_rows(declared_streams(home))["touchpoint_taxonomy"]

    assert [row[0] for row in rows] == ["club.visit.main_door", "club.visit.*"]
    assert [row[-1] for row in rows] == ["true", "false"]


def test_an_interaction_without_words_of_an_event_is_in_the_taxonomy_by_its_kind(tmp_path):
    declared = [line for line in CLUB.splitlines() if "event:" not in line and "Main Door" not in line]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text("\n".join(declared), encoding="utf-8")

    rows = own_seed_rows(declared_streams(Settings(home=tmp_path)))["touchpoint_taxonomy"]

    assert [row[0] for row in rows] == ["club.visit.*", "club.visit"]


def test_where_any_event_is_the_same_no_event_is_unknown(tmp_path):
    declared = [line for line in CLUB.splitlines() if "Main Door" not in line]
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text("\n".join(declared), encoding="utf-8")
    streams = declared_streams(Settings(home=tmp_path))

    assert [row[0] for row in own_seed_rows(streams)["touchpoint_taxonomy"]] == ["club.visit.*", "club.visit"]
    assert "event_word" not in own_models(streams[-1])["club_visits_interactions"]


def test_a_field_may_state_consent_for_several_channels(tmp_path):
    opt_in = "{field: opt, channel: CHANNEL, granted: yes}"
    consents = ", ".join(opt_in.replace("CHANNEL", channel) for channel in ("email", "sms"))
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {members: {key: [id], fields: {id: identifier, opt: text, news: text}, person: "
        f"{{record_type: member, consents: [{consents}, {{field: news, channel: post, refused: no}}]}}}}}}\n",
        encoding="utf-8",
    )
    streams = declared_streams(Settings(home=tmp_path))

    names = ["club.member.opt.email.marketing", "club.member.opt.sms.marketing", "club.member.news"]
    assert [name for name, *_ in own_seed_rows(streams)["consent_sources"]] == names
    assert [consent["source_field"] for consent in own_consents(streams[-1])] == names


def test_a_currency_in_small_letters_is_the_one_in_capitals(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {sales: {key: [id], "
        "fields: {id: identifier, at: occurrence, paid: amount, cur: currency},"
        " interaction: {record_type: sale, occurred_at: at, of: {field: id, record_type: customer, source: ecommerce},"
        ' amount: paid, currency: cur, taxonomy: {"*": {touchpoint_type: a, channel: web, stage: purchase}}}}}\n',
        encoding="utf-8",
    )

    sales = own_models(declared_streams(Settings(home=tmp_path))[-1])["club_sales_interactions"]

    assert 'upper("cur") as currency' in sales


def test_a_model_of_a_home_never_has_the_name_of_one_that_ships(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "support.yml").write_text(
        "source: support\nstreams: {ticket: {key: [id], fields: {id: identifier, at: occurrence}, "
        "interaction: {record_type: phone_call, occurred_at: at, of: {field: id, record_type: user}, "
        'taxonomy: {"*": {touchpoint_type: a, channel: phone, stage: service}}}}}\n',
        encoding="utf-8",
    )
    ticket = next(stream for stream in declared_streams(Settings(home=tmp_path)) if stream.is_own)

    assert list(own_models(ticket)) == ["stg_support__ticket", "own_support_ticket_interactions"]


def test_a_row_that_is_an_interaction_is_of_no_one_where_it_names_no_one(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(
        "source: club\nstreams: {forms: {key: [id], fields: {id: identifier, at: occurrence, mail: text, name: text}, "
        "person: {record_type: guest, emails: mail, full_name: name, created_at: at}, "
        "interaction: {record_type: form, occurred_at: at, "
        'taxonomy: {"*": {touchpoint_type: a, channel: web, stage: service}}}}}\n',
        encoding="utf-8",
    )

    people = own_models(declared_streams(Settings(home=tmp_path))[-1])["club_forms_person_records"]

    named = [f"nullif(trim({field}::varchar), '') is not null" for field in ('"name"', '"mail"')]
    assert f"where not is_deleted and ({' or '.join(named)})" in people


def test_names_with_quotes_or_backslashes_reach_the_macros_as_they_are(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(QUOTED_NAMES, encoding="utf-8")
    staging = own_models(declared_streams(Settings(home=tmp_path))[-1])["stg_club__visits"]
    read: list[object] = []

    jinja2.Environment(autoescape=False).from_string(staging).render(
        filled=read.append, source=lambda *_: "", newest_version=lambda *given: read.append(given)
    )

    assert read == [("landed", ["ca'rd"], "da\\y"), '"ca\'rd"', '"no\'te\\"']


def test_a_home_without_declarations_runs_the_project_that_ships(tmp_path):
    assert project_dir(Settings(home=tmp_path)) == DBT_PROJECT_DIR


def test_the_project_of_a_home_has_its_models_and_those_that_it_writes_itself(home):
    own = home.own_sources / "club" / "stg_club__visits.sql"
    own.parent.mkdir()
    own.write_text("select 1 as one\n", encoding="utf-8")

    folder = project_dir(home)

    staging = folder / "models" / "staging"
    assert (staging / "club" / "stg_club__visits.sql").read_text() == "select 1 as one\n"
    assert (staging / "club" / "club_visits_interactions.sql").exists()
    assert (staging / "crm" / "stg_crm__contacts.sql").exists()
    assert "club.visit.main_door" in (folder / "seeds" / "touchpoint_taxonomy.csv").read_text()
    assert not list(folder.rglob("*__unit_tests.yml"))


@pytest.mark.parametrize(
    ("place", "text", "says"),
    [
        ("club/club_best.sql", "select * from {{ ref('touchpoints') }}", "it reads touchpoints, a table of journeys"),
        ("club/club_names.sql", 'select * from {{ ref( "profiles" ) }}', "it reads profiles, a table of profiles"),
        ("club/club_ids.sql", "from {{ source('identity', 'profile_assignments') }}", "a table of identity"),
        ("club/person_records.sql", "select 1 as one", "a model person_records ships in models/staging/person_records"),
        ("clubb/stg_club__visits.sql", "select 1 as one", "clubb is no source of this home; did you mean club?"),
    ],
)
def test_a_model_that_cannot_be_one_of_staging_is_named(home: Settings, place: str, text: str, says: str) -> None:
    path = home.own_sources / place
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=re.escape(says)):
        project_dir(home)


def test_a_declaration_that_is_gone_leaves_no_model(home):
    project_dir(home)
    (home.own_sources / "club.yml").write_text(CLUB.replace("visits:", "calls:"), encoding="utf-8")

    names = {path.stem for path in (project_dir(home) / "models" / "staging" / "club").glob("*.sql")}

    assert names == {"stg_club__calls", "club_calls_interactions"}


@pytest.mark.slow
def test_an_error_in_a_model_of_a_home_names_its_file_and_not_the_copy(home: Settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CDP_HOME", str(home.home))
    own = home.own_sources / "club" / "club_guests.sql"
    own.parent.mkdir()
    own.write_text("select * from {{ ref('stg_club__visit') }}\n", encoding="utf-8")

    with pytest.raises(DbtFailedError, match="correct the file that is named") as error:
        parsed_manifest()

    assert f"({own})" in str(error.value)
    assert "models/staging" not in str(error.value)
    assert where_written("models/staging/crm/stg_crm__contacts.sql", home) == "models/staging/crm/stg_crm__contacts.sql"


@pytest.mark.slow
def test_a_model_that_was_removed_is_one_of_the_project_no_more(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_HOME", str(home.home))
    own = home.own_sources / "club" / "club_guests.sql"
    own.parent.mkdir()
    own.write_text("select 1 as one\n", encoding="utf-8")
    assert "staging/club_guests" in node_by_table(manifest())
    own.unlink()
    assert "staging/club_guests" not in node_by_table(manifest())
