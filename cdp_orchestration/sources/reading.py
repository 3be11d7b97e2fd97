"""Reading declarations: YAML to a checked declaration; an error names file, line, field, found and expected."""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.declaration import SourceDeclaration

MAX_SHOWN_CHARACTERS = 60
_CONNECTION = "from"
_WORDS = {"extra_forbidden": "a declaration has no such key here", "missing": "this key is missing"}
_REMEDY = "Correct the file; `cdp source check` reads it again."
_EXPECTED = "`source: <name>` and `streams:`"

Declared = TypeVar("Declared", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """Reads true and false alone as truth values, as YAML 1.2 does: a column may be called no, or have value off."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:bool"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def read_checked(
    path: Path, declared: type[Declared], *, expected: str, remedy: str, secret: Collection[str] = ()
) -> Declared:
    """Read a YAML file of another kind as its pydantic model.

    Args:
        path: the file.
        declared: what it may say.
        expected: the keys at its top, for the error about a file without them.
        remedy: what to do about an error, and what reads the file again.
        secret: fields below which an error repeats no value, because it may be a secret that stands there by mistake.

    Returns:
        The checked values.

    Raises:
        DeclarationError: the file cannot be read, or says something that the model does not allow.
    """
    tree = _tree(path, expected, remedy)
    try:
        return declared.model_validate(_plain(tree, path, remedy))
    except ValidationError as error:
        lines = [_line_of(problem, tree, path, secret) for problem in error.errors(include_url=False)]
        raise DeclarationError("\n".join([*lines, remedy])) from None


def read_declaration(path: Path, base: Mapping[str, Any] | None = None) -> SourceDeclaration:
    """Read one declaration.

    Args:
        path: its YAML file.
        base: what the file adds to or replaces, as plain values: the declaration of a source that ships.

    Returns:
        The declaration.

    Raises:
        DeclarationError: the file cannot be read, or says something that a declaration may not say.
    """
    tree = _tree(path)
    plain = _plain(tree, path)
    try:
        return SourceDeclaration.model_validate(merged(base, plain) if base else plain)
    except ValidationError as error:
        lines = [_line_of(problem, tree, path) for problem in error.errors(include_url=False)]
        raise DeclarationError("\n".join([*lines, _REMEDY])) from None


def plain_values(path: Path) -> dict[str, Any]:
    """Return a declaration as plain values, unchecked; raises DeclarationError where the file is no YAML mapping."""
    return _plain(_tree(path), path)


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ships with what an installation says of it: mappings are merged, anything else is replaced."""
    result = dict(base)
    for name, value in own.items():
        former = result.get(name)
        both_map = isinstance(former, Mapping) and isinstance(value, Mapping)
        result[name] = merged(former, value) if both_map else value  # type: ignore[arg-type]
    return result


def _tree(path: Path, expected: str = _EXPECTED, remedy: str = _REMEDY) -> yaml.Node:
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), _Loader)
    except UnicodeDecodeError:
        raise DeclarationError(f"{path}: the file is not UTF-8. Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise DeclarationError(f"{path}{line}: {problem}. {remedy}") from None
    if not isinstance(tree, yaml.MappingNode):
        raise DeclarationError(f"{path}: found no mapping; expected {expected}. {remedy}")
    for node in _mappings(tree):
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise DeclarationError(f"{path} line {key.start_mark.line + 1}: {key.value} stands twice. {remedy}")
            seen.add(key.value)
    return tree


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _mappings(item)


def _plain(tree: yaml.Node, path: Path, remedy: str = _REMEDY) -> dict[str, Any]:
    try:
        found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    except yaml.YAMLError as error:
        line = tree.start_mark.line + 1
        raise DeclarationError(f"{path} line {line}: {getattr(error, 'problem', error)}. {remedy}") from None
    return found


def _line_of(problem: Any, tree: yaml.Node, path: Path, secret: Collection[str] = (_CONNECTION,)) -> str:
    """Return one problem as a line; a value that pydantic's own rule refuses is shown, as it is what was found."""
    place = [str(part) for part in problem["loc"]]
    node, line = _node_at(tree, place)
    message = _WORDS.get(problem["type"]) or str(problem["msg"]).removeprefix("Value error, ")
    is_value = isinstance(node, yaml.ScalarNode) and problem["type"] not in ("missing", "extra_forbidden")
    # What a connector is declared by may be a secret by mistake: it is never repeated.
    is_shown = is_value and not set(secret) & set(place)
    found = f"found {node.value[:MAX_SHOWN_CHARACTERS]!r}; " if is_shown else ""
    name = ".".join(place)
    return f"{path} line {line}: {name + ': ' if name else ''}{found}{message}"


def _node_at(tree: yaml.Node, place: list[str]) -> tuple[yaml.Node, int]:
    """Return the node at a place and its line; of a part that is not there, the nearest one above it."""
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
    return node, line
