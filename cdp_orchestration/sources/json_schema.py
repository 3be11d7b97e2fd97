"""The JSON Schema of a declaration, for editors."""

from typing import Any

from cdp_orchestration.sources.declaration import SourceDeclaration
from cdp_orchestration.sources.kinds import KINDS

# A kind alone is a field, a time alone a schedule, an age alone a freshness
_SHORT_FORMS: dict[str, dict[str, Any]] = {
    "FieldDeclaration": {"enum": sorted(KINDS)},
    "Schedule": {"type": "string"},
    "Freshness": {"type": "string"},
}


def declaration_schema() -> dict[str, Any]:
    """Return the schema of a YAML file of ``sources/``.

    Returns:
        The schema, in which no part is required that a file may leave out because a source that ships has it.
    """
    schema = SourceDeclaration.model_json_schema(by_alias=True)
    parts: dict[str, Any] = schema["$defs"]
    for part in ("StreamDeclaration", "FieldDeclaration"):
        parts[part].pop("required")
    for name, short in _SHORT_FORMS.items():
        parts[name] = {"anyOf": [short, parts[name]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
