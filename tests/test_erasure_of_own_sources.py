"""A person of a company's own sources is erased: also where one row is both who somebody is and what they did."""

from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from conftest import Cdp
from release_comparison import release_of

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

SHOP = """
source: kiosk
streams:
  members:
    key: [no]
    fields: {no: identifier, name: text, mails: text, born: {kind: date_of_birth, format: "%d.%m.%Y"}}
    person: {record_type: member, full_name: name, emails: mails, date_of_birth: born}
  sales:  # each row names its customer
    key: [sale]
    fields:
      sale: identifier
      mail: text
      sold: {kind: timestamp, format: epoch_seconds}
      cents: {kind: signed_amount, divided_by: 100}
    person: {record_type: buyer, emails: mail}
    interaction:
      record_type: sale
      occurred_at: sold
      amount: cents
      currency_code: EUR
      taxonomy: {"*": {touchpoint_type: sale, channel: store, stage: purchase}}
  visits:
    key: [member, at]
    fields: {member: identifier, at: timestamp}
    interaction:
      record_type: visit
      occurred_at: at
      of: {field: member, record_type: member}
      taxonomy: {"*": {touchpoint_type: visit, channel: store, stage: research}}
"""
MEMBERS = """no,name,mails,born
1,Ada King,ada.king@mail.org; ada@work.org,01.02.1981
2,Ben Stone,Ben Stone <ben.stone@mail.org>,03.04.1985
"""
SALES = """sale,mail,sold,cents
s1,ada@work.org,1767225600,1250
s2,ADA.KING@mail.org,1767312000,750
s3,ben.stone@mail.org,1767312000,500
"""
VISITS = "member,at\n1,2026-01-05T10:00:00Z\n2,2026-01-05T10:00:00Z\n"
AGAIN = "no,name,mails,born\n9,A. King,new@mail.org; ada@work.org,01.02.1981\n3,Cleo Moor,cleo@mail.org,05.06.1990\n"


@dataclass(frozen=True)
class Erased:
    """A home from which one of two members was erased, and what the commands said."""

    home: Path
    erasure: "CompletedProcess[str]"
    next_sync: "CompletedProcess[str]"


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory, cdp: Cdp) -> Erased:
    home = tmp_path_factory.mktemp("kiosk")
    (home / "sources").mkdir()
    (home / "sources" / "kiosk.yml").write_text(SHOP, encoding="utf-8")
    for stream, text in (("members", MEMBERS), ("sales", SALES), ("visits", VISITS)):
        folder = home / "inbox" / "kiosk" / stream
        folder.mkdir(parents=True)
        (folder / "all.csv").write_text(text, encoding="utf-8")
    first = cdp(home, "sync")
    assert first.returncode == 0, first.stdout + first.stderr
    with release_of(home).connect() as release:
        found = release.execute("select profile_id, count(*) from profile_records group by 1 order by 2 desc")
        assert [count for _, count in found.fetchall()] == [3, 2]
    erasure = cdp(home, "privacy", "erase", "ada@work.org", "--why", "asked", "--yes")
    (home / "inbox" / "kiosk" / "members" / "again.csv").write_text(AGAIN, encoding="utf-8")
    return Erased(home, erasure, cdp(home, "sync"))


def test_nothing_of_the_person_is_left(erased: Erased) -> None:
    assert erased.erasure.returncode == 0, erased.erasure.stdout + erased.erasure.stderr
    assert "Something is left" not in erased.erasure.stdout
    assert not list((erased.home / "privacy" / "pending").glob("*"))
    held = [path for path in erased.home.rglob("*") if path.is_file() and b"ada@work.org" in path.read_bytes()]
    assert held == [erased.home / "inbox" / "kiosk" / "members" / "again.csv"]


def test_what_was_sold_stays_and_names_no_one(erased: Erased) -> None:
    with release_of(erased.home).connect() as release:
        orders = release.execute("select order_amount, profile_id is null from orders order by 1").fetchall()
        visits = release.execute("select count(*), count(profile_id) from touchpoints where touchpoint_type = 'visit'")
        assert [(str(amount), is_of_no_one) for amount, is_of_no_one in orders] == [
            ("5.00", False), ("7.50", True), ("12.50", True)
        ]  # fmt: skip
        assert visits.fetchall() == [(2, 1)]


def test_the_person_does_not_come_back_by_one_of_several_addresses(erased: Erased) -> None:
    assert erased.next_sync.returncode == 0, erased.next_sync.stdout + erased.next_sync.stderr
    with release_of(erased.home).connect() as release:
        names = release.execute("select full_name from profiles order by 1").fetchall()
        redirects = release.execute("select reason, count(*) from profile_redirects group by 1").fetchall()
    assert names == [("Ben Stone",), ("Cleo Moor",)]
    assert redirects == [("erased", 1)]
