"""Explanation and review on a small release: what people type, what they see, what they answer."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from rich.console import Console

from cdp_orchestration.errors import DecisionError, ExplanationError, NoReleaseError, ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.decisions import Override, add_overrides, read_overrides
from cdp_orchestration.identity_stage.explanation import Explained, draw_pair, explain_terms
from cdp_orchestration.identity_stage.labels import read_labels
from cdp_orchestration.identity_stage.record_terms import override_between, records_to_decide
from cdp_orchestration.identity_stage.review import import_answers, write_review
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.terminal.explanation_report import explanation
from identity import PLATFORM_MAPPING, TrainedModel, resolve
from identity.model.trained_model import default_parameters, term_frequency_columns
from identity.quality.reviewed_pairs import replaced_pairs

pytestmark = pytest.mark.slow

MAIL, TWO = "jane.doe@example.com", "the.crows@example.com"
PEOPLE: dict[str, dict[str, Any]] = {
    "crm:contact:1": {"given_name": "Jane", "family_name": "Doe", "emails": [MAIL]},
    "ecommerce:customer:2": {"given_name": "Jnae", "family_name": "Doe", "emails": [MAIL]},
    "support:user:3": {"given_name": "Jane", "family_name": "Doe", "emails": [MAIL], "phones": ["+447700900001"]},
    "crm:contact:4": {"given_name": "Anton", "family_name": "Crow", "emails": [TWO], "postcode": "YO1 1AA"},
    "crm:contact:5": {"given_name": "Ann", "family_name": "Crow", "emails": [TWO], "postcode": "YO1 1AA"},
}
_TEXTS = ("full_name", "given_name", "middle_name", "family_name", "address_line", "city", "region", "postcode")
_LISTS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")


def person_records() -> pa.Table:
    schema = pa.schema(
        [(name, pa.string()) for name in ("person_record_id", *_TEXTS, "country_code")]
        + [("date_of_birth", pa.date32())]
        + [(name, pa.list_(pa.string())) for name in _LISTS]
    )
    empty: dict[str, Any] = {name: [] for name in _LISTS}
    return pa.Table.from_pylist([{**empty, "person_record_id": key, **row} for key, row in PEOPLE.items()], schema)


def untaught_model() -> TrainedModel:
    frequencies = {
        column: pa.table({column: pa.array([], pa.string()), f"tf_{column}": pa.array([], pa.float64())})
        for column in term_frequency_columns(default_parameters())
    }
    return TrainedModel(1e-4, 0.5, default_parameters(), frequencies)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home whose release holds the people above, each cluster as a profile named after its first record."""
    settings = Settings(tmp_path_factory.mktemp("home"))
    with duckdb.connect() as connection:
        resolution = resolve(connection, person_records(), PLATFORM_MAPPING, model=untaught_model())
        connection.execute("create schema profiles")
        for name, rows in (
            ("clusters", resolution.clusters),
            ("match_edges", resolution.edges),
            ("shared_identifiers", resolution.shared_identifiers),
            ("person_record_values", person_records()),
        ):
            connection.register("incoming", rows)
            connection.execute(f"create table profiles.{name} as from incoming")
            connection.unregister("incoming")
        for statement in _PROFILE_TABLES:
            connection.execute(statement)
        tables = [
            _promise(connection, row[0])
            for row in connection.execute("select table_name from information_schema.tables").fetchall()
        ]
        now = datetime(2026, 1, 1, tzinfo=UTC)
        about = {"release_id": new_release_id(now), "model_version": resolution.model.version}
        folder = candidate_folder(settings.releases, about["release_id"])
        publish(settings.releases, write_candidate(connection, folder, tables, about), now)
    resolution.model.save(settings.models / resolution.model.version)
    return settings


_PROFILE_TABLES = (
    """
    create table profiles.profile_records as
    select
        cluster_id as profile_id,
        person_record_id,
        split_part(person_record_id, ':', 1) as source_system,
        split_part(person_record_id, ':', 2) as source_record_type,
        split_part(person_record_id, ':', 3) as source_record_id
    from profiles.clusters
    """,
    "create table profiles.profiles as select distinct profile_id, 'GB' as country_code from profiles.profile_records",
    "create table profiles.profile_redirects as select 'old' as old_profile_id, 'crm:contact:1' as profile_id",
    """
    create table profiles.profile_identifiers as
    select distinct profile_id, unnest(emails || phones) as identifier_value
    from profiles.person_record_values
    inner join profiles.profile_records using (person_record_id)
    """,
)


def _promise(connection: duckdb.DuckDBPyConnection, name: str) -> PublishedTable:
    described = connection.execute(f"describe profiles.{name}").fetchall()
    columns = tuple({"name": row[0], "type": row[1], "description": "", "classification": "none"} for row in described)
    return PublishedTable(name, f"profiles.{name}", f"One row per {name}.", columns)


@pytest.fixture
def home(published: Settings, tmp_path: Path) -> Settings:
    """The published home with decisions of its own."""
    for name in ("releases", "models"):
        (tmp_path / name).symlink_to(published.home / name)
    return Settings(tmp_path)


def shown(explained: Explained) -> str:
    console = Console(width=250, record=True, file=Path("/dev/null").open("w"))  # noqa: SIM115
    console.print(explanation(explained))
    return console.export_text()


def asked(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ends(row: dict[str, str]) -> frozenset[str]:
    return frozenset((row["person_record_id_left"], row["person_record_id_right"]))


@pytest.mark.parametrize(
    ("left", "right", "records"),
    [
        pytest.param("crm:contact:1", "ecommerce:customer:2", (1, 1), id="two record keys"),
        pytest.param(MAIL, "support:user:3", (3, 1), id="an e-mail and a record key"),
        pytest.param("old", "crm:contact:1", (3, 1), id="a former profile id and a record key"),
    ],
)
def test_what_a_user_types_names_records_or_a_whole_profile(
    home: Settings, left: str, right: str, records: tuple[int, int]
) -> None:
    explained = explain_terms(home, left, right)

    assert (len(explained.left_records), len(explained.right_records)) == records
    assert explained.explanation.is_one_profile


def test_a_value_of_several_profiles_asks_for_their_ids(home: Settings) -> None:
    with pytest.raises(ProfileNotFoundError, match="crm:contact:4, crm:contact:5"):
        explain_terms(home, TWO, "crm:contact:1")


def test_two_profiles_are_explained_in_words_with_values_and_bits(home: Settings) -> None:
    text = shown(explain_terms(home, "crm:contact:4", "crm:contact:5"))

    assert "Two profiles" in text
    assert "bits short of the 67% that a link needs" in text
    assert "Anton" in text
    assert "same e-mail" in text
    assert "two of one household would agree as well" in text


def test_one_profile_is_explained_by_its_link_and_what_agrees(home: Settings) -> None:
    text = shown(explain_terms(home, "crm:contact:1", "ecommerce:customer:2"))

    assert "One profile: linked directly" in text
    assert "given names differ by a typo, same family name, same e-mail" in text
    assert "Compared because of: same e-mail" in text


def test_the_json_form_has_the_evidence_and_no_value(home: Settings) -> None:
    explained = json.dumps(explain_terms(home, "crm:contact:1", "ecommerce:customer:2").as_json(), default=str)

    assert json.loads(explained)["links"][0]["pair"]["findings"][0]["level"] == "similar"
    assert "Jane" not in explained
    assert MAIL not in explained


@pytest.mark.parametrize(("name", "start"), [("pair.png", b"\x89PNG"), ("pair.svg", b"<svg")])
def test_a_pair_is_drawn_as_the_file_ending_says(home: Settings, tmp_path: Path, name: str, start: bytes) -> None:
    draw_pair(explain_terms(home, "crm:contact:4", "crm:contact:5"), tmp_path / "charts" / name)

    assert (tmp_path / "charts" / name).read_bytes().startswith(start)


def test_a_record_and_itself_cannot_be_drawn(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExplanationError, match="no single pair to draw"):
        draw_pair(explain_terms(home, "crm:contact:1", "crm:contact:1"), tmp_path / "pair.png")


def test_a_release_without_evidence_says_how_to_get_one(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "other" / "releases" / "r1"
    folder.mkdir(parents=True)
    manifest = {"release_id": "r1", "model_version": None, "tables": {}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder.parent / "CURRENT.json").write_text('{"release_id": "r1"}', encoding="utf-8")

    with pytest.raises(NoReleaseError, match="cdp sync --full"):
        explain_terms(Settings(tmp_path / "other"), "a", "b")


def test_a_missing_model_is_named(home: Settings) -> None:
    (home.home / "models").unlink()

    with pytest.raises(ExplanationError, match="No trained model"):
        explain_terms(home, "crm:contact:1", "ecommerce:customer:2")


@pytest.fixture
def review(home: Settings) -> Callable[..., Path]:
    """Write a review with all pairs, and answer them in order."""

    def answer(*answers: str) -> Path:
        path = home.home / "review.csv"
        write_review(home, path, 10, with_values=False)
        rows = asked(path)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows({**row, "answer": given} for row, given in zip(rows, answers, strict=False))
        return path

    return answer


def test_a_review_asks_in_words_and_holds_no_values_unless_asked_for(home: Settings, tmp_path: Path) -> None:
    count = write_review(home, tmp_path / "review.csv", 10, with_values=False)
    write_review(home, tmp_path / "values.csv", 10, with_values=True)

    rows = asked(tmp_path / "review.csv")
    assert len(rows) == count == 1
    assert (rows[0]["is_linked"], rows[0]["answer"]) == ("yes", "")
    assert "same e-mail" in rows[0]["evidence"]
    assert MAIL not in (tmp_path / "review.csv").read_text()
    assert MAIL in (tmp_path / "values.csv").read_text()


def test_answers_become_overrides_and_labels_and_are_not_asked_again(
    home: Settings, review: Callable[..., Path]
) -> None:
    path = review("different")

    assert import_answers(home, path, "ada") == (1, 1)
    (override,) = read_overrides(home)
    assert (override.decision, override.decided_by) == ("cannot_link", "ada")
    assert read_labels(home).to_pylist()[0]["match_weight"] > 2
    write_review(home, home.home / "next.csv", 10, with_values=False)
    assert {_ends(row) for row in asked(path)}.isdisjoint({_ends(row) for row in asked(home.home / "next.csv")})


def test_a_review_first_asks_about_records_that_changed_everything(home: Settings, tmp_path: Path) -> None:
    release = live_release(home.releases)
    assert release
    with release.connect() as connection:
        edges = connection.execute("select * from match_edges").to_arrow_table()
    changed = {
        **dict.fromkeys(edges.column_names),
        "person_record_id_left": "crm:contact:4",
        "person_record_id_right": "support:user:3",
        "reason": "same_record_key",
        "model_version": "v",
        "is_used": False,
        "kept_apart_by": "changed_identity",
    }
    kept = {**changed, "person_record_id_right": "crm:contact:5", "is_used": True, "kept_apart_by": None}
    rows = pa.Table.from_pylist([*edges.to_pylist(), kept, changed], schema=edges.schema)
    answered = pa.table({"person_record_id_left": ["crm:contact:5"], "person_record_id_right": ["crm:contact:4"]})

    assert [row["is_linked"] for row in replaced_pairs(rows, answered.slice(0, 0)).to_pylist()] == [False, True]
    (left,) = replaced_pairs(rows, answered).to_pylist()
    assert (left["person_record_id_right"], left["kept_apart_by"]) == ("support:user:3", "changed_identity")


@pytest.mark.parametrize(
    ("left", "right", "records"),
    [
        ("crm:contact:1", "5", ("crm:contact:1", "crm:contact:5")),
        ("crm:contact:4", MAIL.upper(), ("crm:contact:4", "crm:contact:1")),
        ("old", "crm:contact:4", ("crm:contact:1", "crm:contact:4")),
        ("+447700900001", "crm:contact:5", ("support:user:3", "crm:contact:5")),
    ],
    ids=["a key and a source's own key", "an e-mail", "a former profile id", "a phone"],
)
def test_a_decision_names_records_as_an_explanation_does(
    home: Settings, left: str, right: str, records: tuple[str, str]
) -> None:
    assert records_to_decide(home, left, right) == records


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ("crm:contact:99", "crm:contact:1", "the first term names no record of the live release"),
        ("crm:contact:1", "lost@example.com", "the second term names no record of the live release"),
        ("crm:contact:1", TWO, r"the second term names 2 profiles \(crm:contact:4, crm:contact:5\)"),
        (MAIL, "crm:contact:1", "both terms name the record crm:contact:1"),
    ],
)
def test_a_decision_about_what_does_not_exist_is_refused_without_its_value(
    home: Settings, left: str, right: str, found: str
) -> None:
    with pytest.raises(DecisionError, match=found) as refusal:
        records_to_decide(home, left, right)
    assert "@" not in str(refusal.value)
    assert not home.identity_overrides.exists()


def test_a_decision_is_withdrawn_by_the_same_terms_and_one_about_a_record_that_is_gone_by_its_keys(
    home: Settings,
) -> None:
    pairs = [("crm:contact:1", "crm:contact:4"), ("crm:contact:gone", "crm:contact:5")]
    add_overrides(home, [Override("must_link", *pair, "ada", "2026-11-01T00:00:00Z", "") for pair in pairs])
    assert override_between(home, MAIL, "4") == pairs[0]
    assert override_between(home, *pairs[1]) == pairs[1]
    assert override_between(home, "crm:contact:gone", "5") == pairs[1]
    assert override_between(home, "crm:contact:5", "crm:contact:4") == ("crm:contact:5", "crm:contact:4")
    add_overrides(home, [Override("must_link", "support:user:3", "crm:contact:4", "ada", "2026-11-02T00:00:00Z", "")])
    with pytest.raises(DecisionError, match="the two terms name 2 overrides"):
        override_between(home, MAIL, "crm:contact:4")


def test_a_review_never_overwrites_answers(home: Settings, review: Callable[..., Path]) -> None:
    path = review("same")

    with pytest.raises(DecisionError, match="holds 1 answer"):
        write_review(home, path, 10, with_values=False)


def test_an_answer_that_is_no_answer_is_refused(home: Settings, review: Callable[..., Path]) -> None:
    path = review("perhaps")

    with pytest.raises(DecisionError, match="perhaps; expected same, different, unsure"):
        import_answers(home, path)


def test_an_unknown_record_is_refused(home: Settings, tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_text("person_record_id_left,person_record_id_right,answer\ncrm:contact:1,crm:contact:99,same\n")

    with pytest.raises(DecisionError, match="1 record"):
        import_answers(home, path)


def test_a_missing_file_says_how_to_write_it(home: Settings, tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="cdp identity review"):
        import_answers(home, tmp_path / "none.csv")
