"""A file that is written again without a person has such a form that its stream's declaration reads it as before."""

import gzip

import pytest

from cdp_orchestration.landing.erasure.erased_deliveries import erase_from_inbox
from cdp_orchestration.landing.erasure.erased_people import suppress
from cdp_orchestration.landing.erasure.erasure import Erasure
from cdp_orchestration.sources import declared_stream
from tests.cdp_orchestration.landing.conftest import Feed

COLUMNS = "Id, FirstName, LastName, SystemModstamp, junk"
HEADER = COLUMNS.replace(" ", "") + "\n"


@pytest.mark.parametrize(
    ("forms", "text"),
    [
        ("encoding: windows-1252", HEADER),
        ("encoding: utf-16-le, skip_lines: 2, separator: ^", "Report\nof today\n" + HEADER.replace(",", "^")),
        (f"encoding: shift_jis, columns: [{COLUMNS}]", ""),
        (f"encoding: shift_jis, skip_lines: 1, separator: ^, columns: [{COLUMNS}]", "Report\n"),
        (
            f"separator: '|', columns: [junk, {COLUMNS.removesuffix(', junk')}]",
            "Id|FirstName|LastName|SystemModstamp|junk\n",
        ),
        ("separator: '~|~', quote: \"'\"", HEADER.replace(",", "~|~")),
        ("escape: \\, no_value: ['-']", HEADER),
        ("escape: \\, quote: none", HEADER),
    ],
)
@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_a_file_written_again_without_a_person_is_read_by_the_same_declaration(settings, forms, text, name):
    settings.own_sources.mkdir(parents=True)
    declared = f"source: crm\nstreams: {{contacts: {{files: {{{forms}}}}}}}\n"
    (settings.own_sources / "crm.yml").write_text(declared, encoding="utf-8")
    stream = declared_stream("crm/contacts", settings)
    feed = Feed(stream, settings)
    name_of_person = "山田" if "shift_jis" in forms else "Quästenberg"
    rows = f"1,Ada,Lind,2026-03-01,x\n003zoe,Zoe,{name_of_person},2026-03-01,y\n"
    content = (text + rows.replace(",", stream.files.separator or ",")).encode(stream.files.encoding)
    path = feed.deliver(name, gzip.compress(content) if name.endswith(".gz") else content)
    feed.land()
    before = feed.landed("Id, FirstName, LastName, _extra")
    erasure = Erasure("request-1", frozenset({("crm:contact", "003zoe")}), frozenset({name_of_person}))
    suppress(settings, erasure.names, erasure.request_id, "2026-11-29T10:00:00+00:00")

    found = erase_from_inbox(settings, erasure)

    written = gzip.decompress(path.read_bytes()) if name.endswith(".gz") else path.read_bytes()
    assert [each.left_because for each in found] == [None]
    assert name_of_person not in written.decode("utf-8")
    assert not erase_from_inbox(settings, erasure)
    path.rename(path.with_name(f"again-{name}"))
    assert feed.land().rows_landed == 1
    assert before[0] == ("1", "Ada", "Lind", '{"junk":"x"}')
    again = feed.query(
        "select Id, FirstName, LastName, _extra from landing.crm_contacts where _source_file like 'again%'"
    )
    assert again == before[:1]
