"""The demo holds the hazards that make records of different people look alike, and records of one person differ."""

import pytest

MEMBERS = """(select m.*, t.person_id from newest_in_store_loyalty_members m
    join truth t on t.source_record_id = m.member_id and t.source_record_type = 'loyalty_member')"""
CONTACTS = """(select c.*, t.person_id from newest_crm_contacts c
    join truth t on t.source_record_id = c."Id" and t.source_record_type = 'contact')"""
CUSTOMERS = """(select c.*, t.person_id from newest_ecommerce_customers c
    join truth t on t.source_record_id = c.id and t.source_record_type = 'customer')"""
PEOPLE = f"""(
    select person_id, "FirstName" as given, "LastName" as family, "MailingStreet" as street, "Birthdate"::date as birth
    from {CONTACTS} union
    select person_id, given_name, family_name, address_line, date_of_birth from {MEMBERS} union
    select person_id, first_name, last_name, default_address->>'address1', null from {CUSTOMERS})"""
TWINS = "a.birth = b.birth and lower(a.family) = lower(b.family) and a.birth > '1901-01-01'"
PHONES = f"""(
    select person_id, right(regexp_replace(phone, '[^0-9]', '', 'g'), 8) as digits from {MEMBERS} union
    select person_id, right(regexp_replace("MobilePhone", '[^0-9]', '', 'g'), 8) from {CONTACTS})"""
PLACEHOLDERS = "('none@none.com', 'test@test.com', 'noemail@noemail.com', 'na@na.com')"


def pairs(table: str, condition: str) -> str:
    return f"select count(*) from {table} a join {table} b on a.person_id < b.person_id and {condition}"


HAZARDS = {
    "two people share a phone": pairs(PHONES, "a.digits = b.digits and a.digits not like '%0000000'"),
    "a household shares a mailbox": pairs(CUSTOMERS, "a.email = b.email"),
    "father and son with one name at one address": pairs(
        PEOPLE, "a.given = b.given and a.family = b.family and a.street = b.street"
    ),
    "twins: one date of birth, one family name, two people": pairs(PEOPLE, TWINS),
    "twins with one initial": pairs(PEOPLE, f"{TWINS} and lower(a.given[1]) = lower(b.given[1])"),
    "a name before and after marriage": f"""select count(*) from {PEOPLE} a join {PEOPLE} b using (person_id)
        where a.given = b.given and levenshtein(a.family, b.family) > 5 and a.family > b.family
        and strip_accents(a.family || b.family) = a.family || b.family""",
    "people move": f"""select count(*) from {PEOPLE} a join {PEOPLE} b using (person_id)
        where levenshtein(lower(a.street), lower(b.street)) > 9 and a.street > b.street""",
    "a payment card is used with two loyalty numbers": """select count(*) from (select card_fingerprint
        from in_store_transactions where card_fingerprint is not null
        group by all having count(distinct loyalty_number) > 1)""",
    "staff type the store's own e-mail for many": """select count(*) from (select email
        from newest_in_store_loyalty_members where email like '%fernhill.example' group by all having count(*) > 1)""",
    "placeholder e-mail addresses": f'select count(*) from crm_contacts where "Email" in {PLACEHOLDERS}',
    "placeholder dates of birth": """select count(*) from crm_contacts where "Birthdate" = '1900-01-01'""",
    "e-mail addresses with a tag": "select count(*) from ecommerce_orders where email like '%+%@gmail.com'",
    "names in capitals": "select count(*) from in_store_loyalty_members where family_name = upper(family_name)",
    "missing given names": 'select count(*) from crm_contacts where "FirstName" is null',
    "family name first, with a comma": "select count(*) from support_users where name like '%, %'",
    "duplicates in the CRM": f"""select count(*)
        from (select person_id from {CONTACTS} group by all having count(*) > 1)""",
    "one person in Greek or Cyrillic letters in one system and in Latin letters in another": f"""select count(*)
        from {CONTACTS} a join {MEMBERS} b using (person_id)
        where regexp_matches(b.family_name, '[α-ωа-я]') and regexp_matches(a."LastName", '^[A-Za-z]')""",
    "several devices per person": """select count(*) from (select person_id from truth
        where source_record_type = 'anonymous_visitor' group by all having count(*) > 2)""",
    "one person with different e-mails in shop and store": f"""select count(*)
        from {CUSTOMERS} a join {MEMBERS} b using (person_id) where lower(a.email) != lower(b.email)""",
    "loyalty numbers in the CRM": 'select count("Loyalty_Number__c") from newest_crm_contacts',
    "shop ids in support": "select count(external_id) from newest_support_users",
    "callers with a phone only": "select count(*) from newest_support_users where email is null and phone != ''",
}


@pytest.mark.parametrize("hazard", HAZARDS)
def test_the_demo_holds(query, hazard):
    assert query(HAZARDS[hazard])[0][0] > 0


def test_every_reference_names_a_record_that_was_delivered(query):
    orphans = """
    select count(*) from ecommerce_orders where customer->>'id' not in (select id from ecommerce_customers) union all
    select count(*) from support_tickets where requester_id not in (select id from support_users) union all
    select count(*) from support_ticket_metrics where ticket_id not in (select id from support_tickets) union all
    select count(*) from support_survey_responses where user_id not in (select id from support_users) union all
    select count(*) from support_survey_responses where ticket_id not in (select id from support_tickets) union all
    select count(*) from support_survey_responses where order_id not in (select id from ecommerce_orders) union all
    select count(*) from crm_campaign_members where "ContactId" not in (select "Id" from crm_contacts) union all
    select count(*) from crm_contacts where "AccountId" not in (select "Id" from crm_accounts) union all
    select count(*) from in_store_transactions where store_id not in (select store_id from in_store_stores) union all
    select count(*) from in_store_transactions where loyalty_number not in
        (select loyalty_number from in_store_loyalty_members) union all
    select count(*) from ecommerce_events where "userId" not in (select id from ecommerce_customers)"""
    assert set(query(orphans)) == {(0,)}
