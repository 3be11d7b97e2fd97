"""The effective code of a source file: what is left of it when comments, docstrings and descriptions are taken out."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

# CSafeLoader is SafeLoader in C, ten times as fast; a platform without it has the other.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_ENDINGS = (".yml", ".yaml")
# A string comes before a comment, so that a comment's sign inside a string stays part of the string.
_SQL_PIECES = re.compile(
    r"""(?P<string>'(?:[^']|'')*'|"[^"]*")|(?P<gap>(?:\s+|--[^\n]*|/\*.*?\*/|\{\#.*?\#\})+)""", re.DOTALL
)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_DBT_DOCUMENTATION = {"description", "docs", "exposures", "unit_tests"}
# Below these, a key is a name that the project chose: `description` may be a column there.
_DBT_SETTINGS = {"arguments", "config", "vars"}


def effective_code(path: Path) -> bytes:
    """Return what of a source file decides what it does.

    Python is returned without comments and docstrings, SQL without comments and line breaks, and dbt's YAML without
    comments, descriptions, exposures and unit tests. A file of another kind, and one that does not parse, is returned
    whole.

    Args:
        path: a file of code, configuration or seed rows.

    Returns:
        Bytes that are equal for two files of equal effect; they need not be valid code.
    """
    content = path.read_bytes()
    read = _READERS.get(path.suffix)
    if read is None:
        return content
    try:
        return read(content.decode()).encode()
    except (SyntaxError, UnicodeDecodeError, yaml.YAMLError):
        return content  # whoever runs the file reports what is wrong with it


def effective_declaration(path: Path) -> bytes:
    """Return what of a declaration of a home's sources decides what its rows become: all but where they come from.

    Args:
        path: a YAML file of ``$CDP_HOME/sources/``, or a model of the home's own beside it.

    Returns:
        Bytes as of ``effective_code``; none where the file says nothing else.
    """
    try:
        declared = yaml.load(path.read_bytes(), _LOADER) if path.suffix in _YAML_ENDINGS else None  # noqa: S506
    except yaml.YAMLError:
        declared = None
    found = declared if isinstance(declared, dict) else {}
    streams = found.get("streams")
    if not isinstance(streams, dict) or not all(isinstance(stream, dict) for stream in streams.values()):
        return effective_code(path)
    rest = {name: {word: said for word, said in stream.items() if word != "from"} for name, stream in streams.items()}
    if not any(rest.values()) and set(found) <= {"source", "streams"}:
        return b""
    return json.dumps({**found, "streams": rest}, default=str).encode()


def _python(text: str) -> str:
    pieces: list[str] = []
    _add_pieces(ast.parse(text), pieces)
    return " ".join(pieces)


def _add_pieces(value: object, pieces: list[str]) -> None:
    # One walk with the docstrings left out takes half the time of ast.dump and a walk that removes them before.
    if isinstance(value, ast.AST):
        pieces.append(type(value).__name__)
        if isinstance(value, _DOCUMENTED) and ast.get_docstring(value, clean=False) is not None:
            del value.body[0]
        for field in value._fields:
            _add_pieces(getattr(value, field, None), pieces)
    elif isinstance(value, list):
        pieces.append("[")
        for item in value:
            _add_pieces(item, pieces)
        pieces.append("]")
    else:
        pieces.append(repr(value))


def _sql(text: str) -> str:
    return _SQL_PIECES.sub(lambda piece: piece["string"] or " ", text).strip()


def _yaml(text: str) -> str:
    return json.dumps(_without_documentation(yaml.load(text, _LOADER)), default=str)  # noqa: S506 - both are safe loaders


def _without_documentation(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_documentation(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: item if key in _DBT_SETTINGS else _without_documentation(item)
        for key, item in value.items()
        if key not in _DBT_DOCUMENTATION
    }


_READERS: dict[str, Callable[[str], str]] = {".py": _python, ".sql": _sql, ".yml": _yaml}
