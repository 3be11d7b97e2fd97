"""Reading declarations: YAML to a checked declaration; an error names file, line, field, found and expected."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cdp_orchestration.connectors.secret_values import reading_in
from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.sources.declaration import SourceDeclaration
from cdp_orchestration.sources.reading_problems import line_at, problem_lines

_CONNECTION = "from"
_TEXT, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"
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
        return declared.model_validate(_plain(tree, path, remedy), context=reading_in(path.parent))
    except ValidationError as error:
        raise DeclarationError(_all_problems(error, tree, path, declared, remedy, secret)) from None


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
        home = path.parent.parent
        return SourceDeclaration.model_validate(merged(base, plain) if base else plain, context=reading_in(home))
    except ValidationError as error:
        raise DeclarationError(_all_problems(error, tree, path, SourceDeclaration)) from None


def plain_values(path: Path) -> dict[str, Any]:
    """Return a declaration as plain values, unchecked; raises DeclarationError where the file is no YAML mapping."""
    return _plain(_tree(path), path)


def place_in(path: Path, place: Sequence[str], value: str | None = None) -> str:
    """Return a file and the line of a place in it, or of a value there, as an error names them."""
    return f"{path} line {line_at(_tree(path), place, value)}"


def merged(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ships with what an installation says of it: mappings are merged, anything else is replaced."""
    result = dict(base)
    for name, value in own.items():
        former = result.get(name)
        both_map = isinstance(former, Mapping) and isinstance(value, Mapping)
        result[name] = merged(former, value) if both_map else value  # type: ignore[arg-type]
    return result


def _all_problems(
    error: ValidationError,
    tree: yaml.Node,
    path: Path,
    declared: type[BaseModel],
    remedy: str = _REMEDY,
    secret: Collection[str] = (_CONNECTION,),
) -> str:
    lines = problem_lines(error.errors(include_url=False), tree, declared, secret)
    return "\n".join([*(f"{path} {line}" for line in lines), remedy])


def _tree(path: Path, expected: str = _EXPECTED, remedy: str = _REMEDY) -> yaml.Node:
    try:
        tree = yaml.compose(path.read_text(encoding="utf-8"), _Loader)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DeclarationError(f"{path} line {line}: the file is not UTF-8. Save it as UTF-8.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path} line {mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or "it is no YAML"
        raise DeclarationError(f"{place}: {problem}. {remedy}") from None
    if not isinstance(tree, yaml.MappingNode):
        found = "nothing" if tree is None else "a list" if isinstance(tree, yaml.SequenceNode) else "a value"
        raise DeclarationError(f"{path} line 1: found no mapping but {found}; expected {expected}. {remedy}")
    _check_names(tree, path, remedy)
    return tree


def _check_names(tree: yaml.Node, path: Path, remedy: str) -> None:
    """Refuse what is no name and what stands twice; every other name is a text from here on."""
    for node in _mappings(tree):
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise DeclarationError(f"{path} line {key.start_mark.line + 1}: expected a name, no list. {remedy}")
            if key.value in seen:
                raise DeclarationError(f"{path} line {key.start_mark.line + 1}: {key.value} stands twice. {remedy}")
            seen.add(key.value)
            if key.tag != _MERGE:
                key.tag = _TEXT  # a name of figures is a name


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
        found: dict[str, Any] = _Loader("").construct_document(tree)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or tree.start_mark
        problem = getattr(error, "problem", error)
        raise DeclarationError(f"{path} line {mark.line + 1}: {problem}. {remedy}") from None
    return found
