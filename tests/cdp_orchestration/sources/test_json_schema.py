import jsonschema
import pytest
import yaml

from cdp_orchestration.sources.declared import SHIPPED_DIR
from cdp_orchestration.sources.json_schema import declaration_schema
from cdp_orchestration.sources.reading import read_declaration

OWN = """
source: club
streams:
  members:
    key: [id]
    fields: {id: identifier, email: {kind: text}}
    person: {record_type: member, emails: email}
"""


@pytest.mark.parametrize("path", sorted(SHIPPED_DIR.glob("*.yml")), ids=lambda path: path.stem)
def test_every_source_that_ships_fits_the_schema(path):
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), declaration_schema())


def test_a_short_form_and_a_change_of_a_source_that_ships_fit_the_schema():
    jsonschema.validate(yaml.safe_load(OWN), declaration_schema())
    jsonschema.validate({"source": "crm", "streams": {"contacts": {"renames": {"A": "Id"}}}}, declaration_schema())


def test_one_value_stands_for_a_list_wherever_the_reader_takes_it(tmp_path):
    path = tmp_path / "club.yml"
    path.write_text(
        """
source: club
streams:
  visits:
    key: [id]
    fields: {id: identifier, state: text, paid: amount, at: {kind: timestamp, format: epoch_seconds}}
    deleted: {field: state, values: gone}
    person:
      record_type: member
      emails: id
      identifiers: {membership_card: id}
      consents: [{field: state, channel: email, granted: true, refused: "no"}]
    interaction:
      record_type: visit
      occurred_at: at
      event: state
      amount: paid
      currency_code: EUR
      uncounted: {field: state, values: cancelled}
      taxonomy: {"*": {touchpoint_type: visit, channel: store, stage: purchase}}
""",
        encoding="utf-8",
    )
    read_declaration(path)
    jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), declaration_schema())


@pytest.mark.parametrize("wrong", ["emails: email, mails: email", "emails: 7", "recordtype: member"])
def test_a_wrong_key_or_value_does_not_fit_the_schema(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(OWN.replace("emails: email}", wrong + "}")), declaration_schema())


def test_an_editor_explains_every_word_but_the_kinds_that_speak_for_themselves():
    schema = declaration_schema()
    parts = {"SourceDeclaration": schema, **schema["$defs"]}
    unexplained = [
        f"{name}.{word}"
        for name, part in parts.items()
        for word, said in part.get("properties", {}).items()
        if word != "kind" and not said.get("description")
    ]
    assert unexplained == []
