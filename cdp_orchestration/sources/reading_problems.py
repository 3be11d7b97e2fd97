"""What is wrong with a declaration, in its own words: where it stands, what was found there and what was expected."""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import Any

import yaml
from pydantic import BaseModel

from cdp_orchestration.sources.mappings import PlacedError

MAX_SHOWN_CHARACTERS = 60
_MAX_LISTED = 30
_NO_SUCH_KEY = "extra_forbidden"
# Pydantic's words are those of Python.
_EXPECTED = {
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected names with something said of each, as in `name: value`",
    "model_type": "expected names with something said of each, as in `name: value`",
    "string_type": "expected a text; a number or true needs quotes to be one",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "missing": "this key is missing",
}
_ADDRESS = "expected an address such as https://api.example.com/v2, without user, password and parameters"
_BY_FIELD = {"base_url": _ADDRESS, "token_url": _ADDRESS, "endpoint": _ADDRESS}


def problem_lines(
    problems: Sequence[Any], tree: yaml.Node, declared: type[BaseModel], secret: Collection[str]
) -> Iterator[str]:
    """Yield each problem as ``line <number>: <key>: found …; expected …``.

    Args:
        problems: what pydantic has found.
        tree: the YAML file.
        declared: the model that it was checked by.
        secret: keys below which no value is repeated, because it may be a secret that stands there by mistake.
    """
    schema = declared.model_json_schema(by_alias=True)
    seen: set[str] = set()
    for problem in _without_other_forms(problems):
        line = _line_of(problem, tree, schema, secret)
        if line not in seen:
            seen.add(line)
            yield line


def _without_other_forms(problems: Sequence[Any]) -> Iterator[Any]:
    """Leave out what only follows: that a value of another form is not false, or that a list of wrong ones is empty."""
    for problem in problems:
        place = problem["loc"]
        is_false_meant = bool(place) and str(place[-1]).startswith("literal[")
        above = place[:-1] if is_false_meant else place
        has_others = any(each is not problem and each["loc"][: len(above)] == above for each in problems)
        if not has_others or not (is_false_meant or problem["type"] == "too_short"):
            yield problem


def _line_of(problem: Any, tree: yaml.Node, schema: dict[str, Any], secret: Collection[str]) -> str:
    raw = [str(part) for part in problem["loc"]]
    cause = problem.get("ctx", {}).get("error")
    placed = cause if isinstance(cause, PlacedError) else None
    sought = [*raw, *placed.place] if placed else raw
    place, node, _ = _node_at(tree, sought)
    line = line_at(tree, sought, placed.found if placed else None)
    if problem["type"] == "missing":
        place.append(raw[-1])
    # What a connector is declared by may be a secret by mistake: it is never repeated.
    is_shown = not placed and problem["type"] not in ("missing", _NO_SUCH_KEY) and not set(secret) & set(raw)
    found = _found(node) if is_shown else ""
    name = ".".join(place)
    return f"line {line}: {name + ': ' if name else ''}{found}{_message(problem, raw, schema)}"


def _found(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return ""  # its keys are what is wrong, and the message names them
    if isinstance(node, yaml.SequenceNode):
        return "found a list; "
    value = node.value[:MAX_SHOWN_CHARACTERS]
    return f"found {value!r}; " if value else "found nothing; "


def _message(problem: Any, raw: Sequence[str], schema: dict[str, Any]) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == _NO_SUCH_KEY:
        known = sorted(_keys_at(schema, raw[:-1]))
        near = get_close_matches(raw[-1], known, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        listed = f"; expected one of {', '.join(known)}" if 0 < len(known) <= _MAX_LISTED else ""
        return f"a declaration has no such key here{listed}{meant}"
    if kind == "string_pattern_mismatch" and raw[-1] in _BY_FIELD:
        return _BY_FIELD[raw[-1]]
    if kind == "too_short":
        return "expected at least one"
    if kind == "literal_error":
        return f"expected {context['expected']}"
    if kind == "union_tag_invalid":
        return f"kind is {context['tag']!r}; expected one of {context['expected_tags']}"
    if kind == "union_tag_not_found":
        return f"`kind` is missing; expected one of {', '.join(_tags_at(schema, raw))}"
    return _EXPECTED.get(kind) or str(problem["msg"]).removeprefix("Value error, ")


def line_at(tree: yaml.Node, place: Sequence[str], value: str | None = None) -> int:
    """Return the line of a place in a file, or of a value below it; of a part that is not there, the one above it."""
    _, node, line = _node_at(tree, place)
    return (_line_with(node, value) if value is not None else None) or line


def _node_at(tree: yaml.Node, place: Sequence[str]) -> tuple[list[str], yaml.Node, int]:
    """Return the parts of a place that the file has, the node there and its line.

    Pydantic names the form of a value as well where a key takes several; the file has no such part.
    """
    found: list[str] = []
    node, line = tree, tree.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            entry = next(((key, value) for key, value in node.value if key.value == part), None)
            if entry is None:
                continue
            line, node = entry[0].start_mark.line + 1, entry[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
        else:
            continue
        found.append(part)
    return found, node, line


def _line_with(node: yaml.Node, value: str) -> int | None:
    """Return the line below a node that has a value first."""
    if isinstance(node, yaml.ScalarNode):
        return int(node.start_mark.line) + 1 if node.value == value else None
    parts = [each for entry in node.value for each in (entry if isinstance(entry, tuple) else (entry,))]
    return next((line for part in parts if (line := _line_with(part, value))), None)


def _keys_at(schema: dict[str, Any], place: Sequence[str]) -> set[str]:
    """Return the keys that may stand at a place, of all forms that a value there may have."""
    return {name for part in _parts_at(schema, place) for name in part.get("properties", {})}


def _tags_at(schema: dict[str, Any], place: Sequence[str]) -> list[str]:
    return [tag for part in _parts_at(schema, place) for tag in part.get("discriminator", {}).get("mapping", {})]


def _parts_at(schema: dict[str, Any], place: Sequence[str]) -> list[dict[str, Any]]:
    parts = _forms(schema, schema)
    for name in place:
        inner = [below for part in parts for below in _below(part, name)]
        parts = [form for each in inner for form in _forms(each, schema)] or parts
    return parts


def _below(part: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """Yield what may stand at a key or position; the name of a form leads to that form."""
    tagged = part.get("discriminator", {}).get("mapping", {}).get(name)
    further = part.get("additionalProperties")
    if tagged:
        yield {"$ref": tagged}
    elif name in part.get("properties", {}):
        yield part["properties"][name]
    elif isinstance(further, dict):
        yield further
    elif name.isdigit() and "items" in part:
        yield part["items"]


def _forms(part: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a part of a schema with each form that it may have, references followed."""
    if "$ref" in part:
        return _forms(schema["$defs"][part["$ref"].rpartition("/")[2]], schema)
    others = [
        form for key in ("anyOf", "oneOf", "allOf") for each in part.get(key, []) for form in _forms(each, schema)
    ]
    return [part, *others]
