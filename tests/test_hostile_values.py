"""Values that would be markup, scripts, formulas, SQL or templates: through a whole sync, into pages in a browser."""

import csv
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.demo import write_demo
from cdp_orchestration.reader import open_home

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]

RUN = "document.documentElement.setAttribute('data-ran', '1')"
HOSTILE = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f'\'><svg onload="{RUN}">',
    f"</title></textarea></style></script><script>{RUN}</script>",
    f"```\n<script>{RUN}</script>\n```",
    f"[x](javascript:{RUN})",
    '=HYPERLINK("http://x.example","x")',
    "@SUM(1+1)",
    "'; drop table profiles; --",
    "{{ 7 * 7 }}{% for x in y %}${7*7}",
    "[bold red]x[/] \x1b[31mred",
)
TEXTS = {
    *("FirstName", "LastName", "MiddleName", "Name", "CampaignName", "Industry", "LeadSource", "MailingStreet"),
    *("MailingCity", "MailingState", "first_name", "last_name", "name", "title", "subject", "description", "comment"),
    *(
        "body",
        "address1",
        "city",
        "province",
        "note",
        "tags",
        "query",
        "campaign",
        "store_name",
        "item_name",
        "product",
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Path:
    """A home whose deliveries have a hostile value before every name, title and text, after a sync."""
    home = tmp_path_factory.mktemp("hostile") / "home"
    write_demo(home / "inbox", home / "truth.csv", customers=60, seed=3, drops=(0,))
    values = cycle(HOSTILE)
    changed = sum(_make_hostile(file, values) for file in sorted((home / "inbox").rglob("*")))
    assert changed > 1_000
    result = cdp(home, "sync")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "\x1b[31mred" not in result.stdout
    return home


def _make_hostile(file: Path, values: "cycle[str]") -> int:
    """Put hostile values into a delivery of text; return how many."""
    count = 0

    def changed(value: Any, name: str = "") -> Any:
        nonlocal count
        if isinstance(value, dict):
            return {key: changed(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [changed(each, name) for each in value]
        if isinstance(value, str) and value and name in TEXTS:
            count += 1
            return f"{next(values)}{value}"
        return value

    if file.suffix == ".jsonl":
        rows = [changed(json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    elif file.suffix == ".csv":
        read = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline=""))
        rows = [changed(row) for row in read]
        with file.open("w", encoding="utf-8", newline="") as written:
            writer = csv.DictWriter(written, read.fieldnames or ())
            writer.writeheader()
            writer.writerows(rows)
    return count


def test_hostile_values_are_published_as_they_were_delivered(home: Path) -> None:
    with open_home(home) as reader:
        names = " ".join(str(row["full_name"]) for row in reader.profiles.to_dicts())
        assert len(reader.profiles) > 30
    assert "drop table profiles" in names
    assert "onerror" in names


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome is installed to open the pages")
def test_no_page_runs_a_script_of_a_customer(home: Path, tmp_path: Path) -> None:
    control = tmp_path / "control.html"
    for value in HOSTILE[:4]:
        control.write_text(f"<html><body><textarea title='a'></textarea>{value}</body></html>", encoding="utf-8")
        assert _runs_a_script(control, tmp_path)
    pages = [*sorted((home / "reports").glob("*.html")), *_pages_of_gates(home)]
    assert len(pages) > 3
    assert [page.name for page in pages if _runs_a_script(page, tmp_path)] == []


def _runs_a_script(page: Path, scratch: Path) -> bool:
    """Open a page in a browser, and return whether a hostile value has marked it."""
    opened = subprocess.run(
        [
            str(BROWSER),
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--virtual-time-budget=3000", f"--user-data-dir={scratch / 'browser'}", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    (element,) = re.findall(r"<html[^>]*>", opened.stdout)[:1]
    return "data-ran" in element


def _pages_of_gates(home: Path) -> list[Path]:
    """Return the first page, and of the pages of results those that are longest: they have failures with their keys."""
    docs = home / "reports" / "data_docs"
    results = sorted(docs.glob("validations/**/*.html"), key=lambda page: page.stat().st_size, reverse=True)
    return [docs / "index.html", *results[:3]]


def test_no_list_for_spreadsheets_holds_a_formula(home: Path, cdp: Cdp) -> None:
    result = cdp(home, "quarantine", "list")
    assert result.returncode == 0
    lists = sorted(home.glob("reports/**/*.csv"))
    assert lists
    for file in lists:
        with file.open(encoding="utf-8-sig", newline="") as read:
            cells = [cell for row in csv.reader(read) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r"))] == []
        assert [cell for cell in cells if cell[:1] in "+-" and not re.fullmatch(r"[+-]?[\d .:-]+", cell)] == []


def test_no_command_lets_a_value_steer_the_terminal(home: Path, cdp: Cdp) -> None:
    with open_home(home) as reader:
        query = "select profile_id from profiles where full_name like '%red%' limit 1"
        (found,) = reader.sql(query).to_dicts()
    shown = cdp(home, "profile", found["profile_id"])
    assert shown.returncode == 0, shown.stderr
    assert "\x1b[31mred" not in shown.stdout
