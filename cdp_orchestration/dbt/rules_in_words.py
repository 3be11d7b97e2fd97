"""What a dbt test demands, in words, and of which model.

A test's own name repeats its arguments, up to several hundred characters; the rule says the same in one sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cdp_orchestration.dbt.known_values import known_values
from cdp_orchestration.sources import declared_streams

Node = Mapping[str, Any]


def model_under_test(manifest: Node, test: Node) -> Node | None:
    """Return the model (or seed, or source) that a test is about, None if it declares none."""
    attached = test.get("attached_node")
    if attached:
        return _node(manifest, attached)
    name = test["config"]["meta"].get("dagster", {}).get("ref", {}).get("name")
    parents = (_node(manifest, parent) for parent in test["depends_on"]["nodes"])
    known = [parent for parent in parents if parent]
    return next((parent for parent in known if parent["name"] == name), known[0] if known else None)


def rule_in_words(test: Node) -> str:
    """Return what a test demands: of a generic test its rule, of a singular one its name and its first comment."""
    about = test.get("test_metadata")
    if not about:
        return _singular(test)
    arguments = about["kwargs"]
    words = _RULES.get(about["name"])
    return words(arguments) if words else _unknown(about["name"], arguments)


def rules_of_rows(arguments: Mapping[str, Any]) -> list[str]:
    """Return the rules of a test ``valid_rows`` in words, in the order in which it numbers them."""
    known = [
        _one_of(column, known_values(declared_streams())[name]) for column, name in arguments.get("known", {}).items()
    ]
    return [*known, *(" ".join(str(rule).split()) for rule in arguments["rules"])]


def _known(name: str) -> Sequence[str]:
    return known_values(declared_streams())[name]


def _one_of(column: str, values: Sequence[Any]) -> str:
    return f"{column} is one of {', '.join(map(str, values))}"


def _node(manifest: Node, unique_id: str) -> Node | None:
    found: Node | None = manifest["nodes"].get(unique_id) or manifest["sources"].get(unique_id)
    return found


def _singular(test: Node) -> str:
    rule = str(test["name"]).removeprefix("assert_").replace("_", " ")
    comment = test["description"] or _first_comment(test["raw_code"])
    return f"{rule} ({comment})" if comment else rule


def _first_comment(code: str) -> str:
    lines = re.match(r"(?:\s*--[^\n]*\n)*", code)
    return " ".join((lines[0] if lines else "").replace("--", " ").split())


def _unknown(name: str, arguments: Mapping[str, Any]) -> str:
    given = ", ".join(f"{key} {value}" for key, value in arguments.items() if key != "model")
    return f"{name.replace('_', ' ')} ({given})" if given else name.replace("_", " ")


def _listed(words: Sequence[Any]) -> str:
    *first, last = map(str, words)
    return f"{', '.join(first)} and {last}" if first else last


def _together(arguments: Mapping[str, Any]) -> str:
    return f"{_listed(arguments['columns'])} {'are unique together' if len(arguments['columns']) > 1 else 'is unique'}"


def _filled(arguments: Mapping[str, Any]) -> str:
    return f"{_listed(arguments['columns'])} {'are filled' if len(arguments['columns']) > 1 else 'is filled'}"


def _referenced(arguments: Mapping[str, Any]) -> str:
    target = re.sub(r"^(?:ref|source)\(|\)$|['\"]", "", str(arguments["to"]).strip())
    return f"every {arguments['column_name']} is a {arguments['field']} of {target}"


_RULES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "primary_key": lambda given: f"{given['column_name']} is filled and unique",
    "unique": lambda given: f"{given['column_name']} is unique",
    "not_null": lambda given: f"{given['column_name']} is filled",
    "unique_combination": _together,
    "never_null": _filled,
    "between_values": lambda given: f"{given['column_name']} is from {given['lowest']} to {given['highest']}",
    "accepted_values": lambda given: _one_of(given["column_name"], given["values"]),
    "known_value": lambda given: _one_of(given["column_name"], _known(given["of"])),
    "relationships": _referenced,
    "valid_rows": lambda given: "; ".join(rules_of_rows(given)),
    "no_rows": lambda _: "the table is empty: each of its rows is a case that must not occur",
}
