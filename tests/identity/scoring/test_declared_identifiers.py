"""Identifiers of types that an installation declares: they link as any strong identifier does, each type by itself."""


def test_two_records_with_one_identifier_of_a_declared_type_are_one_person(groups_of):
    people = {
        "app": {"other_identifiers": ["membership:17"]},
        "club": {"full_name": "Ada King", "other_identifiers": ["device:9f", "membership:17"]},
    }

    assert groups_of(people) == {"app+club"}


def test_the_same_value_of_two_types_says_nothing(groups_of):
    people = {
        "app": {"other_identifiers": ["membership:17"]},
        "club": {"full_name": "Ada King", "other_identifiers": ["device:17"]},
    }

    assert groups_of(people) == {"app", "club"}


def test_two_persons_who_share_an_identifier_stay_apart(groups_of):
    people = {
        "ada": {"given_name": "Ada", "family_name": "King", "other_identifiers": ["membership:17"]},
        "ben": {"given_name": "Ben", "family_name": "King", "other_identifiers": ["membership:17"]},
    }

    assert groups_of(people) == {"ada", "ben"}


def test_what_a_spreadsheet_made_of_an_identifier_is_the_same_identifier(groups_of):
    people = {
        "export": {"other_identifiers": ["membership:0017 4"]},
        "club": {"full_name": "Ada King", "other_identifiers": ["membership:174"]},
    }

    assert groups_of(people) == {"club+export"}
