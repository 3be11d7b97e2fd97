"""The tables and macros that repeat columns of ``profiles``, written from its contract.

The contract marks each column in its ``meta``: ``golden`` (chosen from the values of the records), ``in_history`` (a
change begins a new version; golden ones always do) and ``trait`` (its name in the shape of Segment's Profiles Sync;
``trait_after`` keeps a published place in the order).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdp_orchestration.dbt.stream_declarations import quoted


@dataclass(frozen=True)
class ProfileColumn:
    """A column of ``profiles`` and its part in the other tables."""

    name: str
    data_type: str
    description: str
    classification: str
    is_golden: bool
    is_in_history: bool
    trait: str | None
    trait_after: str | None


def profile_columns(contract: Mapping[str, Any]) -> tuple[ProfileColumn, ...]:
    """Return the columns of the model ``profiles`` in their order.

    Args:
        contract: the parsed YAML file that declares the model.
    """
    model = next(model for model in contract["models"] if model["name"] == "profiles")
    return tuple(_column(column) for column in model["columns"])


def _column(column: Mapping[str, Any]) -> ProfileColumn:
    meta = column["config"]["meta"]
    is_golden = bool(meta.get("golden"))
    return ProfileColumn(
        name=column["name"],
        data_type=column["data_type"],
        description=" ".join(column["description"].split()),
        classification=meta["classification"],
        is_golden=is_golden,
        is_in_history=is_golden or bool(meta.get("in_history")),
        trait=meta.get("trait"),
        trait_after=meta.get("trait_after"),
    )


def derived_tables(columns: Sequence[ProfileColumn]) -> str:
    """Return the YAML that declares the golden values, the history and the traits of profiles."""
    golden = "".join(_declared(column.name, column) for column in columns if column.is_golden)
    history = "".join(
        _declared(column.name, column, prefix="In this version: ") for column in columns if column.is_in_history
    )
    traits = "".join(_declared(column.trait or column.name, column) for column in _in_order_of_traits(columns))
    return f"models:\n{_GOLDEN_HEAD}{golden}{_GOLDEN_KEYS}\n{_HISTORY_HEAD}{history}\n{_TRAITS_HEAD}{traits}"


def column_macros(columns: Sequence[ProfileColumn]) -> str:
    """Return the macros by which the models iterate over these columns."""
    golden = [column.name for column in columns if column.is_golden]
    history = [column.name for column in columns if column.is_in_history]
    traits = {column.trait or column.name: column.name for column in _in_order_of_traits(columns)}
    return "\n".join(
        (
            _macro("golden_attributes", "The attributes of which a profile has one golden value.", golden),
            _macro("history_columns", "The columns whose change begins a new version of a profile.", history),
            _macro("segment_traits", "The traits of Segment's Profiles Sync, with their columns of profiles.", traits),
        )
    )


def _in_order_of_traits(columns: Sequence[ProfileColumn]) -> list[ProfileColumn]:
    ordered = [column for column in columns if column.trait and not column.trait_after]
    for column in columns:
        if column.trait_after:
            places = [other.name for other in ordered]
            if column.trait_after not in places:
                raise ValueError(
                    f"Column {column.name} of profiles has trait_after {column.trait_after}; expected a column with a "
                    "trait and without trait_after. Correct its meta."
                )
            ordered.insert(places.index(column.trait_after) + 1, column)
    return ordered


def _declared(name: str, column: ProfileColumn, prefix: str = "") -> str:
    text = column.description
    sentence = prefix + (text[0].lower() + text[1:] if prefix and not text.startswith("{{") else text)
    return "\n".join(
        (
            f"      - name: {name}",
            f"        data_type: {column.data_type}",
            f"        description: {quoted(sentence)}",
            f"        config: {{meta: {{classification: {column.classification}}}}}",
            "",
        )
    )


def _macro(name: str, meaning: str, value: Sequence[str] | Mapping[str, str]) -> str:
    pairs = value.items() if isinstance(value, Mapping) else ((item, "") for item in value)
    opening, closing = ("{", "}") if isinstance(value, Mapping) else ("[", "]")
    return "\n".join(
        (
            f"{{# {meaning} #}}",
            f"{{% macro {name}() -%}}",
            f"    {{{{ return({opening}",
            *_items(pairs),
            f"    {closing}) }}}}",
            "{%- endmacro %}",
            "",
        )
    )


def _items(pairs: Any) -> Iterator[str]:
    for key, value in pairs:
        yield f"        '{key}': '{value}'," if value else f"        '{key}',"


_GOLDEN_HEAD = """\
  - name: int_golden_values
    description: >-
      One row per profile that has golden values: each of them in a column, and the normalised forms by which addresses
      and family names are compared.
    config: {access: protected, group: profiles}
    columns:
      - name: profile_id
        data_type: varchar
        description: The profile.
        data_tests: [primary_key]
"""

_GOLDEN_KEYS = """\
      - name: address_key
        data_type: varchar
        description: Street and number in the form in which they are compared.
      - name: place_key
        data_type: varchar
        description: Postcode, or else city, in the form in which they are compared.
      - name: family_name_keys
        data_type: varchar[]
        description: Words of the family name, or else of the whole name, in the form in which they are compared.
"""

_HISTORY_HEAD = """\
  - name: profile_history
    description: >-
      One row per profile and version of its golden values, as releases published them. A sync that changes nothing
      about a profile adds no row.
    config: {group: profiles, meta: {primary_key: [profile_id, valid_from]}}
    data_tests:
      - unique_combination:
          arguments: {columns: [profile_id, valid_from]}
    columns:
      - name: profile_id
        data_type: varchar
        constraints: [{type: not_null}]
        description: The profile; it may have been merged or retired since.
        config: {meta: {classification: personal}}
      - name: valid_from
        data_type: timestamp
        constraints: [{type: not_null}]
        description: When the first release with this version was built, UTC.
        config: {meta: {classification: none}}
      - name: valid_to
        data_type: timestamp
        description: >-
          When the first release with another version, or without the profile, was built, UTC; null for the current
          version.
        config: {meta: {classification: none}}
      - name: changed_columns
        data_type: varchar[]
        constraints: [{type: not_null}]
        description: Columns that differ from the version before; empty for the first.
        config: {meta: {classification: none}}
"""

_TRAITS_HEAD = """\
  - name: profile_traits
    description: >-
      One row per current profile with its traits: a view in the shape of Segment's Profiles Sync, under the names of
      Segment's traits.
    config: {group: profiles}
    columns:
      - name: canonical_segment_id
        data_type: varchar
        description: The profile.
        config: {meta: {classification: personal}}
        data_tests: [primary_key]
"""
