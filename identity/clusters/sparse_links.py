"""The links of sparse units (neither given name nor date of birth) with the units that they may belong to."""

import duckdb

from identity.limits import Limits, threshold_weight


def create_sparse_links(work: duckdb.DuckDBPyConnection, limits: Limits) -> None:
    """Create table `sparse_links`: one row per sparse unit and unit that it is linked with.

    Columns: sparse_unit, other_unit, match_weight (bits, against two strangers), record_count (of the other unit),
    is_other_sparse, trust (0: strong identifier, 1: e-mail or phone, 2: address), names_person (whether a shared
    e-mail contains the given name of the other unit).

    Args:
        work: the workspace, with `weighed_pairs`, `deterministic_pairs`, `units` and `unit_members`.
        limits: a pair that shares an e-mail or phone counts from review_probability on, all others from
            link_probability on.
    """
    thresholds = {
        "link": threshold_weight(limits.link_probability),
        "review": threshold_weight(limits.review_probability),
    }
    work.execute(f"create table sparse_links as {_SPARSE_LINKS_SQL}", thresholds)


# A shared e-mail or phone may be less certain, because a sparse unit is assigned only when one cluster alone fits
_SPARSE_LINKS_SQL = """
with both_ways as (
    select left_unit as sparse_unit, right_unit as other_unit, stranger_weight as match_weight, reason
    from weighed_pairs
    left join deterministic_pairs using (left_unit, right_unit)
    union all
    select right_unit, left_unit, stranger_weight, reason
    from weighed_pairs
    left join deterministic_pairs using (left_unit, right_unit)
),

sizes as (select unit, count(*) as record_count from unit_members group by unit)

select
    sparse_unit,
    other_unit,
    match_weight,
    record_count,
    units.is_sparse as is_other_sparse,
    case
        when reason is not null then 0
        when list_has_any(sparse_units.emails, units.emails) or list_has_any(sparse_units.phones, units.phones) then 1
        else 2
    end as trust,
    len(list_filter(
        list_intersect(sparse_units.emails, units.emails),
        lambda e: (length(units.given_name) >= 3 and contains(split_part(e, '@', 1), units.given_name))
            -- a formal name is one of several that a short form may stand for, and the short ones occur in any word
            or len(list_filter(units.given_roots, lambda r: length(r) >= 4 and contains(split_part(e, '@', 1), r))) > 0
    )) > 0
        as names_person
from both_ways
inner join units as sparse_units on sparse_unit = sparse_units.unit
inner join units on other_unit = units.unit
inner join sizes on other_unit = sizes.unit
where sparse_units.is_sparse
    -- "Ann & Bob" is Ann or Bob, and no one else of the house
    and (
        sparse_units.joint_names is null
        or units.given_name is null
        or list_has_any(sparse_units.joint_names, list_append(units.given_roots, units.given_name))
        or len(list_filter(sparse_units.joint_names, lambda w: starts_with(w, units.given_name))) > 0
    )
    and (
    reason is not null
    or match_weight >= $link
    or (match_weight >= $review and (
        list_has_any(sparse_units.emails, units.emails) or list_has_any(sparse_units.phones, units.phones)))
)
"""
