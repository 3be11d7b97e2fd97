"""The weights of a few pairs of records, comparison by comparison: the basis of an explanation."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from identity.explanation.weighed_pair import Finding, SuppressedValue, WeighedPair
from identity.explanation.wording import words_of_level
from identity.model.comparison import NOT_COMPARABLE
from identity.model.levels import gammas_of
from identity.model.trained_model import TrainedModel, comparisons_of
from identity.prepare.features import create_features
from identity.prepare.overrides import create_overrides
from identity.prepare.records import STRONG_IDENTIFIER_TYPES, RecordMapping, load_records, read_caller_records
from identity.prepare.shared_identifiers import create_identifiers, suppress_shared_values
from identity.prepare.units import create_units
from identity.scoring.blocking import create_blocks
from identity.scoring.match_weights import create_weighed_pairs, household_weight
from identity.scoring.scoring import score_pairs, weigh_comparisons
from identity.workspace import open_workspace


def weigh_pairs(
    person_records: pa.Table,
    mapping: RecordMapping,
    pairs: Iterable[tuple[str, str]],
    model: TrainedModel,
    shared_identifiers: pa.Table,
    overrides: pa.Table | None = None,
) -> dict[tuple[str, str], WeighedPair]:
    """Weigh pairs of records as a resolution does; fails with IdentityError if the records do not fit the mapping.

    Args:
        person_records: at least the records of the pairs, and their exact duplicates whose strong identifiers count.
        mapping: which column of person_records holds what.
        pairs: pairs of record keys.
        model: the trained model.
        shared_identifiers: the suppressed values of the whole population; see OUTPUT_SCHEMAS.
        overrides: the overrides of the resolution about these records; see OVERRIDES.

    Returns:
        Each pair of keys with its weighed pair.
    """
    wanted = list(dict.fromkeys(pairs))
    with duckdb.connect() as caller, open_workspace(caller) as workspace:
        work = workspace.connection
        read_caller_records(caller, person_records, mapping, workspace)
        create_overrides(work, overrides)
        load_records(work, mapping)
        _create_units(work, model, shared_identifiers)
        records = dict(work.execute("select person_record_id, record from records").fetchall())
        unit_of = dict(work.execute("select record, unit from unit_members").fetchall())
        units = {pair: (unit_of[records[pair[0]]], unit_of[records[pair[1]]]) for pair in wanted}
        scored = _score(work, model, {(min(pair), max(pair)) for pair in units.values()})
        suppressed = _suppressed(work)
    weighed = {}
    for pair, (left, right) in units.items():
        row = scored[min(left, right), max(left, right)]
        values = tuple(value for key in pair for value in suppressed.get(key, ()))
        weighed[pair] = _weighed(pair, row, model, is_exact_duplicate=left == right, suppressed=values)
    return weighed


def _create_units(work: duckdb.DuckDBPyConnection, model: TrainedModel, shared: pa.Table) -> None:
    create_features(work, model)
    create_identifiers(work)
    work.register("shared_arrow", shared)
    # conflicting numbers link no records, but are still compared; contacts of several names count less
    work.execute(
        """
        create table suppressed_values as
        select distinct identifier_type, value, record_count, name_count, reason
        from identifiers
        inner join shared_arrow using (identifier_type, identifier_value)
        where reason in ('too_many_names', 'blocklisted') or identifier_type in ('email', 'phone')
        """
    )
    suppress_shared_values(work)
    create_units(work)
    create_blocks(work)


def _suppressed(work: duckdb.DuckDBPyConnection) -> dict[str, list[SuppressedValue]]:
    rows = work.execute(
        """
        select person_record_id, identifier_type, identifier_value, name_count, reason
        from identifiers
        inner join shared_arrow using (identifier_type, identifier_value)
        order by person_record_id, identifier_type, identifier_value, reason
        """
    ).fetchall()
    found: dict[str, list[SuppressedValue]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(SuppressedValue(*row))
    return found


def _score(
    work: duckdb.DuckDBPyConnection, model: TrainedModel, pairs: set[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    ordered = sorted(pairs)
    work.register(
        "pairs_arrow",
        pa.table(
            {
                "join_key_l": pa.array([left for left, _ in ordered], pa.int32()),
                "join_key_r": pa.array([right for _, right in ordered], pa.int32()),
            }
        ),
    )
    work.execute("create table chosen as select *, '' as match_key from pairs_arrow")
    score_pairs(work, model, "chosen")
    create_weighed_pairs(work, model, "scored_chosen", "weighed_chosen")
    weigh_comparisons(work, model, "chosen")
    found = work.execute(_SCORED_SQL).to_arrow_table().to_pylist()
    return {(row["left_unit"], row["right_unit"]): row for row in found}


_SHARED_STRONG = ", ".join(
    f"if(list_has_any(l.{column}, r.{column}), '{kind}', null)" for column, kind in STRONG_IDENTIFIER_TYPES.items()
)

_SCORED_SQL = f"""
with meetings as (
    select left_unit, right_unit, list(distinct cast(l.rule as varchar) order by cast(l.rule as varchar)) as met_by
    from weighed_chosen
    inner join blocks as l on left_unit = l.unit
    inner join blocks as r on right_unit = r.unit and l.rule = r.rule and l.block = r.block
    group by left_unit, right_unit
)

select
    weighed_chosen.*,
    weights_of_chosen.* exclude (left_unit, right_unit),
    coalesce(met_by, []) as met_by,
    list_filter([{_SHARED_STRONG}], lambda x: x is not null) as strong_identifiers,
    l.is_sparse or r.is_sparse as is_sparse
from weighed_chosen
inner join weights_of_chosen using (left_unit, right_unit)
inner join units as l on left_unit = l.unit
inner join units as r on right_unit = r.unit
left join meetings using (left_unit, right_unit)
"""


def _weighed(
    pair: tuple[str, str],
    row: Mapping[str, Any],
    model: TrainedModel,
    *,
    is_exact_duplicate: bool,
    suppressed: tuple[SuppressedValue, ...],
) -> WeighedPair:
    findings = tuple(_findings(row, model))
    prior = math.log2(model.prior / (1 - model.prior))
    return WeighedPair(
        left=pair[0],
        right=pair[1],
        findings=findings,
        prior_weight=round(prior, 4),
        doubt=round(min(row["match_weight"] - prior - sum(f.weight for f in findings), 0.0), 4),
        match_weight=row["match_weight"],
        stranger_weight=round(row["stranger_weight"], 4),
        conflict_weight=row["conflict_weight"],
        met_by=tuple(row["met_by"]),
        strong_identifiers=tuple(row["strong_identifiers"]),
        is_sparse=row["is_sparse"],
        is_exact_duplicate=is_exact_duplicate,
        suppressed=suppressed,
    )


def _findings(row: Mapping[str, Any], model: TrainedModel) -> Iterable[Finding]:
    for compared in comparisons_of(model.parameters):
        name = compared.name
        level = gammas_of(compared).get(row[f"gamma_{name}"], NOT_COMPARABLE)
        in_household = household_weight(model, name, level)
        yield Finding(name, level, words_of_level(name, level), round(row[f"weight_{name}"], 4), round(in_household, 4))
