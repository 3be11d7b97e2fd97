"""Country names in any spelling become ISO codes; the others get a reason."""

import importlib.util
from types import ModuleType, SimpleNamespace

import duckdb
import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "staging" / "person_records"
VARIANTS = [("UK", "GB"), ("England", "GB")]


@pytest.fixture(scope="module")
def standard_countries() -> ModuleType:
    spec = importlib.util.spec_from_file_location("standard_countries", MODELS / "standard_countries.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_country_is_known_by_code_name_and_translation(standard_countries: ModuleType) -> None:
    codes = {
        "DE": "DE",
        "deu": "DE",
        " germany ": "DE",
        "Deutschland": "DE",
        "Allemagne": "DE",
        "España": "ES",
        "日本": "JP",
        "Ελλάδα": "GR",
        "uk": "GB",
        "ENGLAND": "GB",
        "Atlantis": None,
        "": None,
    }
    assert standard_countries.country_codes(list(codes), VARIANTS) == codes


def test_a_translation_that_means_two_countries_is_no_country(standard_countries: ModuleType) -> None:
    # Niger in one language, Nigeria in another
    assert standard_countries.country_codes(["Nigeri", "Niger", "Nigeria"], []) == {
        "Nigeri": None,
        "Niger": "NE",
        "Nigeria": "NG",
    }


def test_an_unknown_country_has_a_row_with_its_reason(standard_countries: ModuleType) -> None:
    connection = duckdb.connect()
    connection.execute("create table delivered_person_records (country varchar, phone_country varchar)")
    connection.execute("insert into delivered_person_records values ('UK', 'fr'), ('Atlantis', null), ('UK', null)")
    connection.execute("create table country_variants (variant varchar, country_code varchar)")
    connection.execute("insert into country_variants values ('UK', 'GB')")
    dbt = SimpleNamespace(config=lambda **options: None, ref=connection.table)
    table = standard_countries.model(dbt, connection)
    assert sorted(map(tuple, (row.values() for row in table.to_pylist())), key=str) == [
        ("Atlantis", None, False, "no_country"),
        ("UK", "GB", True, None),
        ("fr", "FR", True, None),
    ]
