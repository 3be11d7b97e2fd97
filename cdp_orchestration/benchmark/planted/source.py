"""A source that a home declares itself, filled from the demo's stores: other names of fields, the same people.

The gates must know from its declaration what its fields are, since no list of ours has their names.
"""

from pathlib import Path

from cdp_orchestration.benchmark.planted.rows import Row, read_rows, write_rows

DECLARATION = """
source: club
label: Club
owner: team:marketing
streams:
  mitglieder:
    key: [nr]
    cursor: geaendert
    fields:
      nr: identifier
      vorname: {kind: text, staged: given_name}
      nachname: {kind: text, staged: family_name}
      mailadresse: {kind: text, staged: email}
      rufnummer: {kind: digits, staged: phone}
      plz: {kind: digits, staged: postcode}
      ort: {kind: text, staged: city}
      geboren: {kind: date_of_birth, staged: date_of_birth}
      werbung: text
      karte: text
      geaendert: {kind: timestamp, staged: updated_at}
    person:
      record_type: mitglied
      given_name: vorname
      family_name: nachname
      emails: mailadresse
      phones: rufnummer
      postcode: plz
      city: ort
      date_of_birth: geboren
      loyalty_numbers: karte
      consents:
        - {field: werbung, channel: email, granted: ja, refused: nein}
  buchungen:
    key: [buchung]
    cursor: gebucht
    fields:
      buchung: identifier
      mitglied: text
      gebucht: {kind: timestamp, staged: booked_at}
      preis: {kind: signed_amount, staged: price}
      waehrung: {kind: currency, staged: currency}
      art: {kind: text, staged: booking_type}
    interaction:
      record_type: buchung
      occurred_at: gebucht
      event: art
      of: {field: mitglied, record_type: mitglied}
      amount: preis
      currency: waehrung
      taxonomy:
        storno: {touchpoint_type: refund, channel: store, stage: service}
        "*": {touchpoint_type: booking, channel: store, stage: purchase}
"""
MEMBERS, BOOKINGS = "club/mitglieder", "club/buchungen"


def write_own_source(folder: Path) -> None:
    """Write its declaration and, beside the demo's files, its deliveries.

    Args:
        folder: with the demo's ``inbox``; ``sources`` is made.
    """
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "club.yml").write_text(DECLARATION, encoding="utf-8")
    stores = folder / "inbox" / "in_store"
    for file in sorted((stores / "loyalty_members").iterdir()):
        _write(folder, MEMBERS, file, [_member(row) for row in read_rows(file)])
    for file in sorted((stores / "transactions").iterdir()):
        _write(folder, BOOKINGS, file, [_booking(row) for row in read_rows(file) if row["total_amount"] is not None])


def _write(folder: Path, stream: str, file: Path, rows: list[Row]) -> None:
    path = folder / "inbox" / stream / f"{file.name.partition('_')[0]}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_rows(path, rows)


def _member(row: Row) -> Row:
    return {
        "nr": row["member_id"],
        "vorname": row["given_name"],
        "nachname": row["family_name"],
        "mailadresse": row["email"],
        "rufnummer": row["phone"],
        "plz": row["postcode"],
        "ort": row["city"],
        "geboren": row["date_of_birth"],
        "werbung": {True: "ja", False: "nein", None: ""}[row["email_opt_in"]],
        "karte": row["loyalty_number"],
        "geaendert": row["updated_at"].isoformat(),
    }


def _booking(row: Row) -> Row:
    return {
        "buchung": row["transaction_id"],
        "mitglied": row["loyalty_number"] or "",
        "gebucht": row["updated_at"].isoformat(),
        "preis": str(row["total_amount"]),
        "waehrung": row["currency"],
        "art": "storno" if row["is_return"] else "kauf",
    }
