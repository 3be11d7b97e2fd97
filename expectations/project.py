"""A project folder of Great Expectations: suites, definitions, checkpoints, results and Data Docs of the gates.

It is an outcome, written by every run, which people open with Great Expectations' own commands
(``gx.get_context(mode="file", project_root_dir=...)`` after ``import expectations.warehouse``). The gates do not read
it: what is expected stands in ``expectations/``.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import great_expectations as gx
from great_expectations.checkpoint import UpdateDataDocsAction
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.store import ValidationResultsStore
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.render.renderer import ExpectationSuitePageRenderer, ValidationResultsPageRenderer

from expectations.checking import asset_of, quiet_context, suite_of
from expectations.data_docs.figure_trends import FigureTrends, store_trends
from expectations.data_docs.index import FIGURES_FOLDER, OUTCOMES, RESULTS, write_overviews
from expectations.data_docs.site import site_config
from expectations.data_docs.view import OfflineView
from expectations.gates import Gate
from expectations.results import GateResult
from expectations.warehouse import WHOLE_TABLE

KEPT_RESULTS = 10
"""How many results of a suite are kept, with their pages."""

SITE_NAME = "local_site"
_SOURCE, _CONTENT = "warehouse", "content_of_gate"


Described = tuple[Gate, str]
"""A gate and the relation that it is about."""


@dataclass(frozen=True)
class GateProject:
    """The project of one home.

    Attributes:
        home: the folder in which the project is the folder ``gx``.
        site: the folder of the pages.
    """

    home: Path
    site: Path

    @property
    def folder(self) -> Path:
        """The project."""
        return self.home / "gx"

    def record(
        self,
        results: Sequence[GateResult],
        run_name: str,
        every_gate: Callable[[], Sequence[Described]] = tuple,
        figures: Mapping[str, FigureTrends] | None = None,
    ) -> dict[str, Path]:
        """Store what a run found, and write its pages.

        Args:
            results: the results of gates, as ``check_table`` returned them.
            run_name: the run.
            every_gate: returns all gates that the project may describe; where it has to be written, it is written for
                all of them at once, since each time costs as much as all gates that there are.
            figures: the figures of suites, for their pages; also of suites that were not evaluated now.

        Returns:
            The page of each gate, by the gate's name.
        """
        described = [(result.gate, result.relation) for result in results if result.gate]
        if self._changed(described):
            every = {gate.name: (gate, relation) for gate, relation in [*every_gate(), *described]}
            self._configure(self._changed(every.values()))
        run = RunIdentifier(run_name=run_name)
        pages = {f"{result.stage}.{result.table}": self._store(result, run) for result in results}
        for suite in pages:
            self._forget_old(suite)
        for suite, trends in (figures or {}).items():
            store_trends(self.folder / OUTCOMES / FIGURES_FOLDER, suite, trends)
        write_overviews(self.site, self.folder / OUTCOMES, list(dict.fromkeys([*pages, *(figures or {})])))
        return pages

    @property
    def _stored(self) -> Path:
        return self.folder / OUTCOMES / RESULTS

    def _store(self, result: GateResult, run: RunIdentifier) -> Path:
        validation = result.validation
        if validation is None or validation.batch_id is None:
            raise ValueError(f"The result of {result.stage}.{result.table} does not come from check_table.")
        validation.meta |= {"run_id": run, "validation_time": run.run_time}
        suite = ExpectationSuiteIdentifier(validation.suite_name)
        key = ValidationResultIdentifier(suite, run, validation.batch_id)
        store = ValidationResultsStore(
            store_backend={"class_name": "TupleFilesystemStoreBackend", "base_directory": str(self._stored)}
        )
        store.set(key, validation)
        page = self.site.joinpath("validations", *key.to_tuple()[:-1], f"{key.to_tuple()[-1]}.html")
        _write(page, OfflineView().render(ValidationResultsPageRenderer().render(validation)))
        return page

    def _changed(self, described: Iterable[Described]) -> list[Described]:
        return [(gate, place) for gate, place in described if self._known(gate.name) != _content_of(gate, place)]

    def _configure(self, changed: Sequence[Described]) -> None:
        """Write suite, definition and checkpoint of gates that are new or say something else than before."""
        context = self._context()
        self._put_assets(context, changed)
        for gate, relation in changed:
            suite = suite_of(gate)
            suite.meta[_CONTENT] = _content_of(gate, relation)
            _put_suite(context, suite)
            page = self.site.joinpath("expectations", *suite.name.split(".")).with_suffix(".html")
            _write(page, OfflineView().render(ExpectationSuitePageRenderer().render(suite)))

    def _known(self, suite: str) -> str | None:
        file = self.folder.joinpath("expectations", *suite.split(".")).with_suffix(".json")
        meta = json.loads(file.read_text(encoding="utf-8"))["meta"] if file.exists() else {}
        content: str | None = meta.get(_CONTENT)
        return content

    def _context(self) -> Any:
        self.home.mkdir(parents=True, exist_ok=True)
        context = quiet_context(mode="file", project_root_dir=str(self.home))
        site = site_config(os.path.relpath(self.site, self.folder))
        if context.variables.data_docs_sites != {SITE_NAME: site}:
            context.variables.data_docs_sites = {SITE_NAME: site}
            context.variables.analytics_enabled = False
            context.variables.progress_bars = {"globally": False}
            context.variables.save()
            # Read again, so that what follows writes the file as it stands.
            context = quiet_context(mode="file", project_root_dir=str(self.home))
        return context

    def _put_assets(self, context: Any, described: Sequence[Described]) -> None:
        """Describe the rows of these gates in one write: each write costs time for every asset there is."""
        known = context.data_sources.all().get(_SOURCE) if _SOURCE in context.data_sources.all() else None
        new = [asset_of(gate, relation) for gate, relation in described]
        names = {asset.name for asset in new}
        others = [asset for asset in known.assets if asset.name not in names] if known else []
        put = context.data_sources.add_or_update_warehouse_duckdb
        put(name=_SOURCE, assets=sorted([*others, *new], key=lambda asset: asset.name))

    def _forget_old(self, suite: str) -> None:
        folder = self._stored.joinpath(*suite.split("."))
        stored = sorted(folder.glob("*/*/*.json"), key=lambda path: path.parent.name, reverse=True)
        for path in stored[KEPT_RESULTS:]:
            page = self.site / "validations" / path.relative_to(self._stored).with_suffix(".html")
            for file in (path, page):
                file.unlink(missing_ok=True)
                _remove_empty(file.parent)


def _put_suite(context: Any, suite: gx.ExpectationSuite) -> None:
    batch = context.data_sources.get(_SOURCE).get_asset(suite.name).get_batch_definition(WHOLE_TABLE)
    added = context.suites.add_or_update(suite)
    definition = gx.ValidationDefinition(name=suite.name, data=batch, suite=added)
    checkpoint = gx.Checkpoint(
        name=suite.name,
        validation_definitions=[context.validation_definitions.add_or_update(definition)],
        actions=[UpdateDataDocsAction(name="data_docs")],
        result_format="SUMMARY",
    )
    context.checkpoints.add_or_update(checkpoint)


def _content_of(gate: Gate, relation: str) -> str:
    """Return a hash of all that the project says about a gate."""
    suite = [each.to_json_dict() for each in suite_of(gate).expectation_configurations]
    said: Mapping[str, Any] = {
        "asset": None if gate.is_of_one_run else json.loads(asset_of(gate, relation).json()),
        "suite": [(each["type"], each["description"]) for each in suite] if gate.is_of_one_run else suite,
        "version": gx.__version__,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _write(path: Path, page: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _remove_empty(folder: Path) -> None:
    for each in (folder, folder.parent):
        if each.is_dir() and not any(each.iterdir()):
            each.rmdir()
