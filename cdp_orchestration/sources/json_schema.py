"""The JSON Schema of a declaration, for editors."""

from typing import Any

from cdp_orchestration.sources.declaration import SourceDeclaration
from cdp_orchestration.sources.kinds import KINDS

# A kind alone is a field, one value is a list of one.
_SHORT_FORMS: dict[str, dict[str, Any]] = {
    "FieldDeclaration": {"enum": sorted(KINDS)},
    "Schedule": {"type": "string"},
    "Freshness": {"type": "string"},
}
_LISTS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "event")
_VALUES = ("granted", "refused", "values", "format")


def declaration_schema() -> dict[str, Any]:
    """Return the schema of a YAML file of ``sources/``.

    Returns:
        The schema, in which no part is required that a file may leave out because a source that ships has it.
    """
    schema = SourceDeclaration.model_json_schema(by_alias=True)
    parts: dict[str, Any] = schema["$defs"]
    for part in ("StreamDeclaration", "FieldDeclaration"):
        parts[part].pop("required")
    for part in ("FieldDeclaration", "PersonMapping", "InteractionMapping", "ConsentMapping", "DeletedRows"):
        for name, rule in parts[part]["properties"].items():
            if name in (*_LISTS, *_VALUES):
                parts[part]["properties"][name] = {"anyOf": [rule["items"], rule]}
    for name, short in _SHORT_FORMS.items():
        parts[name] = {"anyOf": [short, parts[name]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
