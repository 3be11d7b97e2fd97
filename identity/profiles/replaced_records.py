"""Records that changed everything at once: same key, but no contact or address of before is left.

Evidence of what they say now cannot lead back to the profile they belonged to. Their key can: such a record keeps its
person, unless it now contradicts what it said, or what it says belongs to another profile already.
"""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from identity.errors import IdentityError
from identity.prepare.overrides import KEPT, check_overrides
from identity.schemas import OVERRIDES, REPLACED

_CONTACTS = ("emails", "phones")
_LISTS = (*_CONTACTS, "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")
# Two given names as similar as this are one, misspelt; two dates of birth may differ by one typo
_SIMILAR_NAMES = 0.9


def find_replaced_records(
    connection: duckdb.DuckDBPyConnection, present: str, former: str, assignments: str
) -> pa.Table:
    """Find the records that say nothing any more of what they said when readers last saw them.

    Records that are alone in their profile, and those that still share a contact or number with it, are none.

    Args:
        connection: the caller's connection.
        present: the name of the table of all present records, with the columns of PLATFORM_MAPPING.
        former: the same of the records as readers last saw them.
        assignments: their profile_assignments then.

    Returns:
        One row per record; see REPLACED.
    """
    found = connection.execute(_replaced_sql(present, former, assignments)).to_arrow_table()
    return found.cast(REPLACED)


def kept_links(kept: Iterable[tuple[str, str]], overrides: pa.Table, profile_of: Mapping[str, str | None]) -> pa.Table:
    """Link records with the profile that they keep by their key, as far as no person decided otherwise.

    Args:
        kept: each record with the one it stays with.
        overrides: the decisions of people; see OVERRIDES.
        profile_of: the former profile of each record that an override names.

    Returns:
        The links, as overrides of the decision KEPT.
    """
    decided = overrides.select(OVERRIDES.names).to_pylist()
    pairs = {frozenset((row["person_record_id_left"], row["person_record_id_right"])) for row in decided}
    parted = _parted_records(decided, profile_of)
    links: list[dict[str, str]] = []
    for record, other in sorted(set(kept)):
        if frozenset((record, other)) in pairs or record in parted:
            continue
        link = {"decision": KEPT, "person_record_id_left": record, "person_record_id_right": other}
        try:
            check_overrides(pa.Table.from_pylist([*decided, *links, link], schema=OVERRIDES))
        except IdentityError:
            continue  # what people decided keeps the two apart
        links.append(link)
    return pa.Table.from_pylist(links, schema=OVERRIDES)


def _parted_records(decided: Iterable[Mapping[str, str]], profile_of: Mapping[str, str | None]) -> set[str]:
    """Return the records that a person took out of their former profile, whatever their key says."""
    parted = set()
    for row in decided:
        left, right = row["person_record_id_left"], row["person_record_id_right"]
        former = profile_of.get(left)
        if row["decision"] == "cannot_link" and former is not None and former == profile_of.get(right):
            parted |= {left, right}
    return parted


def _identifiers(alias: str, names: Iterable[str] = _LISTS) -> str:
    lists = ", ".join(f"coalesce({alias}.{name}, [])" for name in names)
    return f"list_transform(list_concat({lists}), lambda value: lower(value))"


def _address(alias: str) -> str:
    whole = f"concat_ws(' ', {alias}.address_line, coalesce({alias}.postcode, {alias}.city))"
    return f"if({alias}.address_line is null, null, lower({whole}))"


def _words(text: str) -> str:
    plain = f"lower(strip_accents(coalesce({text}, '')))"
    return rf"list_filter(regexp_split_to_array({plain}, '[^\p{{L}}]+'), lambda word: len(word) > 0)"


def _given(alias: str) -> str:
    return _words(f"{alias}.given_name")


def _names(alias: str) -> str:
    return _words(f"coalesce({alias}.full_name, concat_ws(' ', {alias}.given_name, {alias}.family_name))")


# of two words the one is the other, its beginning (an initial), or a misspelling
_AGREES = f"""
    list_has_any(one, other)
    or (len(one[1]) = 1 and starts_with(other[1], one[1]))
    or (len(other[1]) = 1 and starts_with(one[1], other[1]))
    or jaro_winkler_similarity(one[1], other[1]) > {_SIMILAR_NAMES}
"""


def _agree(one: str, other: str) -> str:
    return f"({_AGREES.replace('other', other).replace('one', one)})"


def _replaced_sql(present: str, former: str, assignments: str) -> str:
    return f"""
        with lost as ({_lost_sql(present, former, assignments)}),

        mates as (
            select lost.person_record_id, mate.person_record_id as mate_id, {_identifiers("present")} as mate_values
            from lost
            inner join {assignments} as mate using (profile_id)
            inner join {present} as present on mate.person_record_id = present.person_record_id
            where lost.person_record_id <> mate.person_record_id
        ),

        chosen as (
            select
                person_record_id,
                arg_min(mate_id, (not list_has_any(mate_values, former_values), mate_id)) as stays_with,
                bool_or(list_has_any(mate_values, present_values)) as is_still_linked
            from mates
            inner join lost using (person_record_id)
            group by person_record_id
        ),

        elsewhere as ({_held_elsewhere_sql(present, assignments)})

        select
            person_record_id,
            stays_with,
            not (person_record_id in (select person_record_id from elsewhere))
                and coalesce(is_born_same, true)
                and (coalesce(is_named_same, true) or coalesce(is_born_same, false)) as is_kept
        from lost
        inner join chosen using (person_record_id)
        where not is_still_linked
        order by person_record_id
    """


def _held_elsewhere_sql(present: str, assignments: str) -> str:
    """SQL of the records of `lost` whose new contacts and numbers a record of another profile holds."""
    return f"""
        select distinct lost.person_record_id
        from (select person_record_id, unnest({_identifiers("present")}) as value from {present} as present) as held
        inner join (select person_record_id, profile_id, unnest(present_values) as value from lost) as lost
            on held.value = lost.value and held.person_record_id <> lost.person_record_id
        inner join {assignments} as holder on held.person_record_id = holder.person_record_id
        where holder.profile_id <> lost.profile_id
    """


def _lost_sql(present: str, former: str, assignments: str) -> str:
    """SQL of the records of which no contact or address of before is left, and whether names and dates are."""
    return f"""
        select
            former.person_record_id,
            assigned.profile_id,
            {_identifiers("former")} as former_values,
            {_identifiers("present")} as present_values,
            {_identifiers("former", _CONTACTS)} as former_contacts,
            {_identifiers("present", _CONTACTS)} as present_contacts,
            {_given("former")} as former_given,
            {_given("present")} as present_given,
            {_names("former")} as former_names,
            {_names("present")} as present_names,
            damerau_levenshtein(former.date_of_birth::varchar, present.date_of_birth::varchar) <= 1 as is_born_same,
            case
                when len(former_given) > 0 and len(present_given) > 0 then {_agree("former_given", "present_given")}
                when len(former_names) > 0 and len(present_names) > 0 then {_agree("former_names", "present_names")}
            end as is_named_same
        from {present} as present
        inner join {former} as former using (person_record_id)
        inner join {assignments} as assigned using (person_record_id)
        -- a number of its own, such as a shop's customer id, stays with the record and leads to no one else
        where not list_has_any(former_contacts, present_contacts)
            and coalesce({_address("former")} <> {_address("present")}, true)
            and len(former_contacts) > 0
            and len(present_contacts) > 0
    """
