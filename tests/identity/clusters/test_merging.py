"""Whole clusters are compared; a difference that several records of each side repeat counts twice."""

from identity import Limits

HOME = {"address_line": "7 Mill Lane", "city": "Hexham", "postcode": "NE46 1AA"}
LANDLINE, HIS, HERS = ["+441434600100"], ["tuba.player@mail.example"], ["alma.reedy@mail.example"]
OTTO = {"given_name": "Otto", "family_name": "Reedy"}
ALMA = {"given_name": "Alma", "family_name": "Reedy"}
LOW = Limits(link_probability=0.55)


def test_a_partner_who_once_used_the_others_mailbox_is_not_the_other(groups_of):
    people = {
        "o1": {**OTTO, **HOME, "phones": LANDLINE, "emails": HIS},
        "o2": {**OTTO, "emails": HIS, "city": "Hexham"},
        "a1": {**ALMA, **HOME, "phones": LANDLINE, "emails": HERS},
        "a2": {**ALMA, "emails": HERS, "city": "Hexham"},
        "a3": {**ALMA, **HOME, "emails": HIS},
        "a4": {**ALMA, **HOME, "emails": HERS},
    }
    groups = groups_of(people, limits=LOW)
    assert not any({"o", "a"} <= set(group) for group in groups)


def test_one_record_with_another_given_name_is_joined_where_all_else_agrees(groups_of):
    same = {**HOME, "phones": LANDLINE, "emails": HIS}
    people = {"o1": {**OTTO, **same}, "o2": {**OTTO, **same, "city": None}, "x": {**ALMA, **same}}
    assert groups_of(people, limits=LOW) == {"o1+o2+x"}
