"""The query of each table of the open tier, over the tables of the release that it is made of."""

from collections.abc import Iterator, Mapping, Sequence

from cdp_orchestration.open_tier.rules import NOTHING, TableRules

COMMON = "common_values"
"""The values that at least k profiles have: column_name, value."""
AS_OF = "coalesce((select max(as_of_on) from main.as_of), current_date)"
"""The day on which people have an age."""
_BAND_YEARS, _YOUNGEST, _OLDEST = 10, 20, 80

Column = Mapping[str, str]


def open_columns(columns: Sequence[Column], rules: TableRules) -> list[dict[str, str]]:
    """Return the columns that the open tier has of a table, in the order of the release.

    Args:
        columns: the columns of the published table.
        rules: those of the table.

    Returns:
        Each with its name, type, meaning and classification there; empty where the table is left out.
    """
    return [_open_column(column, rules.rule(column["name"])) for column in columns if _is_shown(column, rules)]


def open_query(table: str, columns: Sequence[Column], rules: TableRules, k: int) -> str:
    """Return the query of a table.

    Args:
        table: the published table.
        columns: its columns.
        rules: its rules.
        k: what fewer share is left out.

    Returns:
        A query over the tables of the release, ``keyed_hash`` and the common values.
    """
    shown = [column for column in columns if _is_shown(column, rules)]
    values = ", ".join(f"{_value(column, rules)} as {_quoted(_open_name(column, rules))}" for column in shown)
    few = f" where {_quoted(rules.at_least_k)} >= {k}" if rules.at_least_k else ""
    query = f"select {values} from main.{_quoted(table)}{few}"
    names = [_open_name(column, rules) for column in shown if rules.rule(column["name"]) == "combined"]
    given_up_first = sorted(names, key=lambda name: _place(name, rules))
    return _without_rare_combinations(query, given_up_first, k)


def common_values_query(tables: Mapping[str, Sequence[Column]], rules: Mapping[str, TableRules], k: int) -> str:
    """Return the query of the values that at least k profiles have in a table, by the column's name.

    Args:
        tables: the columns of each published table.
        rules: their rules.
        k: how many profiles.
    """
    return " union ".join(_common_of(tables, rules, k)) or "select ''::varchar as column_name, ''::varchar as value"


def _common_of(tables: Mapping[str, Sequence[Column]], rules: Mapping[str, TableRules], k: int) -> Iterator[str]:
    for table, columns in tables.items():
        if "profile_id" not in {column["name"] for column in columns}:
            continue
        for column in columns:
            if rules.get(table, NOTHING).rule(column["name"]) == "common":
                name = _quoted(column["name"])
                value = f"unnest({name})" if _is_list(column) else name
                yield (
                    f"select '{column['name']}' as column_name, value from (select profile_id, {value} as value from "
                    f"main.{_quoted(table)}) where value is not null "
                    f"group by value having count(distinct profile_id) >= {k}"
                )


def _without_rare_combinations(query: str, names: Sequence[str], k: int) -> str:
    """Return the query in which no combination of these columns is that of fewer than k rows, but for all of them null.

    A combination that is too rare gives up one column after the other (k-anonymity by suppression: Sweeney, 2002).
    """
    for name in names:
        together = ", ".join(map(_quoted, names))
        kept = f"case when count(*) over (partition by {together}) >= {k} then {_quoted(name)} end"
        query = f"select * replace ({kept} as {_quoted(name)}) from ({query})"
    return query


def _value(column: Column, rules: TableRules) -> str:
    name = _quoted(column["name"])
    rule = rules.rule(column["name"])
    if rule == "keyed_hash":
        return f"list_transform({name}, each -> keyed_hash(each))" if _is_list(column) else f"keyed_hash({name})"
    if rule == "hour":
        return f"date_trunc('hour', {name})"
    if rule == "common":
        return _common_value(column)
    if rule == "combined":
        return _coarse(column["name"])
    return name


def _common_value(column: Column) -> str:
    name = _quoted(column["name"])
    known = f"from main.{COMMON} where column_name = '{column['name']}'"
    if _is_list(column):
        # No query can stand in a function of a list's values
        return f"list_filter({name}, each -> list_contains(getvariable('{COMMON}')['{column['name']}'], each))"
    return f"case when {name} in (select value {known}) then {name} end"


def _coarse(name: str) -> str:
    if name == "postcode":
        return "upper(left(trim(postcode), 2))"
    if name == "date_of_birth":
        age = f"date_sub('year', date_of_birth, {AS_OF})"
        band = f"({age} // {_BAND_YEARS}) * {_BAND_YEARS}"
        return (
            f"case when {age} < {_YOUNGEST} then 'under {_YOUNGEST}' when {age} >= {_OLDEST} then '{_OLDEST} or more' "
            f"else ({band}) || ' to ' || ({band} + {_BAND_YEARS - 1}) end"
        )
    return _quoted(name)


_NAMES = {"postcode": "postcode_area", "date_of_birth": "age_band"}
_MEANINGS = {
    "postcode": "First two characters of the postcode, where enough rows share it together with the other "
    "coarse columns.",
    "date_of_birth": "Age in bands of ten years on the day of the release, where enough rows share it together with "
    "the other coarse columns.",
}
_PREFIXES = {
    "keyed_hash": "Keyed hash, the same in all tables. Of: ",
    "hour": "Cut to the hour. ",
    "common": "Null, or left out of the list, where few profiles have it. ",
    "combined": "Null where few rows share it together with the other coarse columns. ",
}


def _open_column(column: Column, rule: str) -> dict[str, str]:
    name = column["name"]
    meaning = _MEANINGS[name] if rule == "combined" and name in _MEANINGS else None
    return {
        "name": _NAMES.get(name, name) if rule == "combined" else name,
        "type": "varchar" if rule == "combined" else column["type"],
        "description": meaning or f"{_PREFIXES.get(rule, '')}{column['description']}",
        "classification": "none" if column["classification"] == "none" and rule == "keep" else "personal",
        "open_rule": rule,
    }


def _open_name(column: Column, rules: TableRules) -> str:
    return _open_column(column, rules.rule(column["name"]))["name"]


def _place(open_name: str, rules: TableRules) -> int:
    return [_NAMES.get(name, name) for name in rules.combined].index(open_name)


def _is_shown(column: Column, rules: TableRules) -> bool:
    return rules.rule(column["name"]) != "left_out"


def _is_list(column: Column) -> bool:
    return column["type"].endswith("[]")


def _quoted(name: str | None) -> str:
    return f'"{name}"'
