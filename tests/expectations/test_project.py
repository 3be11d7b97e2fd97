"""What a run leaves for people: a project that Great Expectations opens, and pages that ask no other computer."""

import json
import re
from dataclasses import replace

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pytest
from narrow_screen import BROWSER, measure_page

from expectations import Gate, check_table
from expectations.project import KEPT_RESULTS, SITE_NAME, GateProject
from expectations.warehouse import ExpectFigureToBeBetween, connected

COLUMNS = "id varchar, email varchar, phone varchar, amount integer"
SECRETS = ("ida.secret@lund.dk", "+4532251200", "4711")
# An address from which a browser would load something, also one without a scheme.
OUTSIDE = re.compile(
    r"""(?:src|srcset|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:)?//[^"' >)]+|@import|<script""", re.I
)


def filled(column, **more):
    return gxe.ExpectColumnValuesToNotBeNull(column=column, **more)


PEOPLE = Gate(
    stage="staging",
    table="people",
    key=("id",),
    columns=("id", "email", "phone"),
    personal=("email", "phone"),
    expectations=(
        filled("email", mostly=0.9, severity="critical", description="e-mails are filled"),
        gxe.ExpectColumnValuesToMatchRegex(
            column="email", regex="^[A-Z]", severity="warning", description="e-mails <b>begin</b> in capitals"
        ),
        gxe.ExpectColumnValuesToBeUnique(column="phone", severity="critical", description="phones differ"),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount", max_value=1, severity="warning", description="amounts are small"
        ),
        gxe.ExpectColumnMaxToBeBetween(column="phone", max_value="0", severity="warning", description="phones end"),
        gxe.ExpectTableRowCountToBeBetween(min_value=1, severity="warning", description="there are people"),
        gxe.UnexpectedRowsExpectation(
            unexpected_rows_query="select * from {batch} where email like '%@%'",
            severity="warning",
            description="no e-mail has an at sign",
        ),
        ExpectFigureToBeBetween(
            figure="sum(email::integer)", min_value=0, severity="warning", description="e-mails add up"
        ),
        ExpectFigureToBeBetween(figure="sum(amount)", min_value=0, severity="warning", description="amounts add up"),
    ),
)


@pytest.fixture
def project(tmp_path):
    return GateProject(tmp_path / "home", tmp_path / "home" / "reports" / "data_docs")


@pytest.fixture
def people(store, warehouse):
    """Store people, check them, and return the result."""

    def check(*changes, gate=PEOPLE):
        row = {"id": "k0", "email": SECRETS[0], "phone": SECRETS[1], "amount": int(SECRETS[2])}
        store("staging.people", COLUMNS, *[{**row, "id": f"k{n}", **change} for n, change in enumerate(changes)])
        return check_table(warehouse, "staging.people", gate)

    return check


def files_of(project):
    return [path for path in project.home.rglob("*") if path.is_file()]


def text_of(project):
    return "\n".join(path.read_text(encoding="utf-8", errors="ignore") for path in files_of(project))


def test_no_value_of_a_row_is_in_a_result_a_store_or_a_page(people, project):
    result = people({}, {})
    project.record([result], "run")

    # Each way in which Great Expectations shows values was taken: failed rules, a failed cast, unexpected rows.
    assert len([each for each in result.outcomes if not each.is_passed]) >= 6
    assert [each.check_name for each in result.outcomes if each.broken_by] == ["phones end", "e-mails add up"]
    written = text_of(project) + repr(result) + result.to_markdown()
    assert [secret for secret in SECRETS if secret in written] == []
    assert "k0" in written


def test_no_value_comes_out_where_a_user_asks_for_unexpected_rows(people, project, warehouse):
    project.record([people({}, {})], "run")
    context = gx.get_context(mode="file", project_root_dir=str(project.home))
    checkpoint = context.checkpoints.get("staging.people")
    checkpoint.result_format = {"result_format": "COMPLETE", "include_unexpected_rows": True}
    checkpoint.save()
    with connected(warehouse):
        report = checkpoint.run()

    assert not report.success
    written = text_of(project) + str(report.describe_dict()) + str(list(report.run_results.values()))
    assert [secret for secret in SECRETS if secret in written] == []


def test_the_project_opens_with_great_expectations_own_commands(people, project, warehouse):
    project.record([people({})], "first")
    others = [replace(PEOPLE, table=table) for table in ("a", "b")]
    project.record([people({}, gate=each) for each in others], "second")
    context = gx.get_context(mode="file", project_root_dir=str(project.home))
    with connected(warehouse):
        report = context.checkpoints.get("staging.people").run()

    assert {each.name for each in context.suites.all()} == {"staging.people", "staging.a", "staging.b"}
    assert {each.name for each in context.checkpoints.all()} == {
        each.name for each in context.validation_definitions.all()
    }
    (validation,) = report.run_results.values()
    assert len(validation.results) == 1 + len(PEOPLE.expectations)
    assert context.suites.get("staging.people").expectations[1].description == "e-mails are filled"
    pages = {path.relative_to(project.site) for path in project.site.rglob("*.html")}
    assert len([page for page in pages if page.parts[0] == "validations"]) == 4  # the user's run has its page, too


def test_great_expectations_builds_the_same_pages_from_the_project(people, project):
    project.record([people({}, {})], "run")
    before = {path: path.read_text(encoding="utf-8") for path in project.site.rglob("*.html")}
    for path in before:
        path.unlink()

    gx.get_context(mode="file", project_root_dir=str(project.home)).build_data_docs(site_names=[SITE_NAME])

    after = {path: path.read_text(encoding="utf-8") for path in project.site.rglob("*.html")}
    assert {path.relative_to(project.site) for path in after} == {path.relative_to(project.site) for path in before}
    assert {path.name for path in after if after[path] != before[path]} <= {"warehouse-staging.people.html"}


def test_no_page_loads_anything_from_elsewhere_or_runs_a_script(people, project):
    project.record([people({}, {}), people({}, gate=replace(PEOPLE, table="other"))], "run")
    pages = list(project.site.rglob("*.html"))

    assert len(pages) == 7  # the index; of each suite a page, a result and a history
    assert {path.suffix for path in project.site.rglob("*") if path.is_file()} == {".html"}
    for page in pages:
        assert OUTSIDE.findall(page.read_text(encoding="utf-8")) == [], page
    assert "http" not in (project.site / "index.html").read_text(encoding="utf-8")


def test_every_link_of_the_pages_leads_to_a_page(people, project):
    for run in ("one", "two"):
        project.record([people({}, {})], run)

    links = [
        (page, address)
        for page in project.site.rglob("*.html")
        for address in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
    ]
    assert len(links) > 8
    assert [(page.name, address) for page, address in links if not (page.parent / address).resolve().is_file()] == []


def test_what_a_description_says_is_text_not_markup(people, project):
    project.record([people({}, {})], "run<b>")

    pages = {
        path.parts[len(project.site.parts)]: path.read_text(encoding="utf-8") for path in project.site.rglob("*.html")
    }
    assert set(pages) == {"index.html", "expectations", "history", "validations"}
    assert [name for name, page in pages.items() if "<b>" in page] == []
    assert "e-mails &lt;b&gt;begin&lt;/b&gt; in capitals" in pages["validations"]


def test_the_index_names_every_suite_with_its_last_runs_and_the_history_has_a_trend(people, project):
    for count, run in ((1, "one"), (2, "two"), (3, "three")):
        project.record([people(*[{"phone": f"{n}"} for n in range(count)])], run)

    index = (project.site / "index.html").read_text(encoding="utf-8")
    assert "1 suites with 10 expectations" in index
    assert [f"run {run}" in index for run in ("one", "two", "three")] == [True] * 3
    history = (project.site / "history" / "staging.people.html").read_text(encoding="utf-8")
    assert 'aria-label="from 1 to 3"><polyline' in history


def test_the_newest_results_of_a_suite_are_kept_with_their_pages(people, project):
    results = people({})
    for number in range(KEPT_RESULTS + 2):
        project.record([results], f"run{number}")

    stored = [path for path in project.folder.rglob("*.json") if "validations" in path.parts]
    pages = list((project.site / "validations").rglob("*.html"))
    assert (len(stored), len(pages)) == (KEPT_RESULTS, KEPT_RESULTS)
    assert {path.parent.parent.name for path in stored} == {f"run{n}" for n in range(2, KEPT_RESULTS + 2)}
    assert not any(path.is_dir() and not any(path.iterdir()) for path in project.site.rglob("*"))


def test_what_another_version_kept_of_the_results_is_read_again(people, project):
    project.record([people({})], "one")
    cache = project.folder / "uncommitted" / "summaries.json"
    kept = json.loads(cache.read_text(encoding="utf-8"))
    cache.write_text(json.dumps({name: {"suite": each["suite"]} for name, each in kept.items()}), encoding="utf-8")

    project.record([people({})], "two")

    assert "run one" in (project.site / "index.html").read_text(encoding="utf-8")


def test_a_gate_that_says_the_same_is_written_once_and_a_changed_one_again(people, project):
    project.record([people({})], "one")
    described = [path for path in files_of(project) if "uncommitted" not in path.parts and "gx" in path.parts]
    times = {path: path.stat().st_mtime_ns for path in described}
    project.record([people({})], "two")
    assert {path: path.stat().st_mtime_ns for path in described} == times

    stricter = replace(PEOPLE, expectations=(filled("id", severity="critical", description="ids are filled"),))
    project.record([people({}, gate=stricter)], "three")

    suite = json.loads((project.folder / "expectations" / "staging" / "people.json").read_text(encoding="utf-8"))
    assert [each["description"] for each in suite["expectations"]] == ["promised columns are present", "ids are filled"]


@pytest.mark.slow
def test_on_a_narrow_screen_nothing_of_a_page_is_cut(people, project, tmp_path):
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome is installed to open the page")
    for run in range(3):
        project.record([people({}, {})], f"run{run}")
    pages = sorted(project.site.rglob("*.html"))

    for number, page in enumerate(pages[:3] + pages[-1:]):
        scratch = tmp_path / f"{number}"
        scratch.mkdir()
        seen = measure_page(page, 390, scratch)
        assert (seen.width, seen.cut, seen.without_bar) == (390, [], []), page
        assert seen.page_width <= seen.width


def test_a_result_from_elsewhere_is_refused(project):
    gate_result = check_table(duckdb.connect(), "nowhere", PEOPLE)

    with pytest.raises(ValueError, match="does not come from check_table"):
        project.record([replace(gate_result, validation=None)], "run")
