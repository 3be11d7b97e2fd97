"""The work tables of single records and single values: from the caller's rows to units and their blocks."""

from identity.work_tables.work_table import work_table

_STRONG = "loyalty_numbers shop_customer_ids card_fingerprints other_identifiers"
_LISTS = (
    "given_tokens family_tokens given_roots emails email_users narrow_emails own_emails email_grams phones "
    "narrow_phones further_names joint_names national_ids"
)
UNIT_VALUES = (
    f"{_STRONG} given_name family_name given_joined family_joined name_script date_of_birth "
    f"is_mailbox_named is_usual_given street city postcode gender generation "
    f"attribute_<column> {_LISTS} is_sparse"
)
UNIT_COLUMNS = (
    f"unit {UNIT_VALUES} as_given as_family <list>_bits birth_year birth_month birth_day house_number postcode_area "
    "any_place mailbox_user is_mailbox_numbered"
)
RECORD_COLUMNS = (
    "record person_record_id date_of_birth address_line full_name given_name middle_name family_name gender city "
    f"region postcode country_code attribute_<column> emails phones national_ids {_STRONG}"
)
FEATURES = (
    "record person_record_id given_name given_joined family_name family_joined given_tokens family_tokens "
    "further_names joint_names given_roots is_usual_given name_script "
    "date_of_birth gender generation national_ids emails phones street city postcode "
    f"{_STRONG} attribute_<column> own_words"
)

RECORD_TABLES = (
    work_table(
        "caller_records",
        "person record, a view of the caller's rows",
        "<mapped column>",
        "prepare.records.read_caller_records",
    ),
    work_table(
        "overrides",
        "override of two records",
        "decision left_id right_id",
        "prepare.overrides.create_overrides incremental.verification._take_stored_decisions",
    ),
    work_table(
        "overridden",
        "record of an override",
        "person_record_id",
        "prepare.overrides.create_overridden",
    ),
    work_table(
        "blocklist",
        "identifier value that the caller suppresses, in its compared form",
        "identifier_type value",
        "prepare.blocklist.create_blocklist incremental.verification._take_stored_decisions",
    ),
    work_table(
        "records",
        "person record with the values of the mapping; dropped when units exist",
        RECORD_COLUMNS,
        "prepare.records.load_records incremental.changed_features.add_changed_features",
    ),
    work_table(
        "latin_forms",
        "text of a record with letters outside of ASCII",
        "value latin",
        "prepare.latin_records.create_latin_records",
    ),
    work_table(
        "latin_records",
        "record with its texts in lower case ASCII; dropped when features exist",
        f"{RECORD_COLUMNS} name_script value latin",
        "prepare.latin_records.create_latin_records",
    ),
    work_table(
        "nickname_roots",
        "known given name",
        "name roots",
        "prepare.names.create_name_forms",
    ),
    work_table(
        "name_parts",
        "record with the words of its name fields",
        "record part_given part_family full_words is_joint joint_given is_titled after_comma before_comma has_parts "
        "is_prefixed_family has_comma joint_words joint_names further",
        "prepare.names.create_name_forms",
    ),
    work_table(
        "word_roles",
        "word of a name, with its use as a given name",
        "word given_share given_count",
        "prepare.names.create_name_forms",
    ),
    work_table(
        "name_words",
        "record with its given words and family words",
        "record given_words family_words further joint_names",
        "prepare.names.create_name_forms",
    ),
    work_table(
        "name_forms",
        "record with its names as compared",
        "record given_name given_joined family_name family_joined given_tokens family_tokens further_names joint_names "
        "given_roots is_usual_given",
        "prepare.names.create_name_forms",
    ),
    work_table(
        "placeholder_dates",
        "date of birth that stands for none",
        "date_of_birth",
        "prepare.placeholder_dates.create_placeholder_dates",
        "prepare.placeholder_dates.create_placeholder_dates",
    ),
    work_table(
        "mailbox_names",
        "record whose mailbox shows a name that the record lacks",
        "record found_given found_family given_roots is_usual",
        "prepare.mailbox_names.add_mailbox_names",
    ),
    work_table(
        "features",
        "record with all comparison forms; dropped when units exist",
        f"{FEATURES} narrow_emails narrow_phones own_emails email_users is_mailbox_named email_grams",
        "prepare.features.create_features incremental.changed_features.add_changed_features",
        "prepare.mailbox_names.add_mailbox_names prepare.shared_identifiers.suppress_shared_values",
    ),
    work_table(
        "identifiers",
        "record and identifier value as the caller wrote it",
        "person_record_id identifier_type identifier_value value given_name initials",
        "prepare.shared_identifiers.create_identifiers",
        "incremental.changes._find_shared_values_now",
    ),
    work_table(
        "value_holders",
        "identifier value that many records have, and a name of its holders",
        "identifier_type value given_name initials record_count",
        "prepare.shared_values.find_shared_values",
    ),
    work_table(
        "suppressed_values",
        "identifier value that is no evidence or a weaker one: many or several names use it, or the blocklist has it",
        "identifier_type value record_count name_count reason",
        "prepare.shared_values.count_names explanation.pair_weights._create_units",
        "incremental.changes._widen_to_holders",
    ),
    work_table(
        "unit_members",
        "record, with the unit of its exact duplicates (the number of their first record)",
        "record person_record_id unit unit_key",
        "prepare.units.create_units incremental.touched_records.decide_touched",
    ),
    work_table(
        "units",
        "unit: a group of exact duplicates, compared as one record",
        UNIT_COLUMNS,
        "prepare.units.create_units incremental.changed_pairs._number_pairs incremental.touched_records.decide_touched",
    ),
    work_table(
        "blocks",
        "unit and blocking key; a block is the hash of rule and key",
        "rule block unit",
        "scoring.blocking.create_blocks incremental.touched_records.decide_touched",
        "scoring.blocking.create_blocks",
    ),
    work_table(
        "oversized_blocks",
        "block with more units than the limit in the whole population",
        "rule block",
        "scoring.blocking.find_oversized_blocks incremental.changed_pairs.find_oversized_blocks_now "
        "incremental.touched_records.decide_touched",
    ),
    work_table(
        "training_sample",
        "unit of the sample that u values are learnt from",
        UNIT_COLUMNS,
        "training.training._create_sample",
    ),
)
