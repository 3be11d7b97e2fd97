"""The work tables of incremental resolution: what changed, what a change touches, and what is known already."""

from identity.work_tables.record_tables import FEATURES, RECORD_COLUMNS, UNIT_VALUES
from identity.work_tables.work_table import work_table

CHANGE_TABLES = (
    work_table(
        "row_hashes",
        "record, with a hash of its mapped columns",
        "person_record_id row_hash",
        "clusters.neighbourhoods.create_row_hashes",
    ),
    work_table(
        "changed",
        "record that is new, changed or deleted, or whose features, values or duplicates may be different",
        "person_record_id",
        "incremental.changes.create_changed",
        "incremental.changes._widen_to_duplicates incremental.changes._widen_to_holders "
        "incremental.verification._draw_sample",
    ),
    work_table(
        "made_records",
        "changed record with the values of the mapping",
        RECORD_COLUMNS,
        "incremental.changed_features.create_changed_features",
        "incremental.changed_features.add_changed_features",
    ),
    work_table(
        "made_features",
        "changed record with all comparison forms, suppressed values included",
        FEATURES,
        "incremental.changed_features.create_changed_features",
        "incremental.changed_features.add_changed_features",
    ),
    work_table(
        "added_records",
        "changed record that has no features yet",
        "person_record_id",
        "incremental.changed_features.add_changed_features",
    ),
    work_table(
        "touched_values",
        "identifier value of a changed record or a changed blocklist",
        "identifier_type value",
        "incremental.changes._find_shared_values_now",
    ),
    work_table(
        "crossed_values",
        "touched value that is suppressed only before or only after the change",
        "identifier_type value",
        "incremental.changes._widen_to_holders",
    ),
    work_table(
        "deleted_units",
        "stored unit that has a changed record",
        "unit_key",
        "incremental.changes._widen_to_duplicates",
    ),
    work_table(
        "new_units",
        "unit of changed records, without the columns that follow from others",
        f"unit_key first_record {UNIT_VALUES}",
        "incremental.changes._widen_to_units",
    ),
    work_table(
        "new_blocks",
        "new unit and blocking key",
        "rule block unit_key",
        "incremental.changes._widen_to_units",
    ),
    work_table(
        "deleted_blocks",
        "deleted unit and blocking key",
        "rule block unit_key",
        "incremental.changed_pairs.create_changed_pairs",
    ),
    work_table(
        "crossed_blocks",
        "block that is over its limit only before or only after the change",
        "rule block is_over_limit",
        "incremental.changed_pairs.create_changed_pairs",
    ),
    work_table(
        "crossed_units",
        "stored unit of a crossed block",
        "unit_key",
        "incremental.changed_pairs.create_changed_pairs",
    ),
    work_table(
        "paired_blocks",
        "new or crossed unit and blocking key",
        "rule block unit_key",
        "incremental.changed_pairs.create_changed_pairs",
    ),
    work_table(
        "key_pairs",
        "pair of units, by their keys, that the change makes necessary",
        "one_key other_key match_key",
        "incremental.changed_pairs.create_changed_pairs",
    ),
    work_table(
        "blocks_to_reevaluate",
        "block of a strong identifier that a deleted or new unit has",
        "block",
        "incremental.changed_pairs._find_reevaluated incremental.touched_records.decide_touched",
    ),
    work_table(
        "units_to_reevaluate",
        "stored unit of a block to re-evaluate",
        "unit_key",
        "incremental.changed_pairs._find_reevaluated",
    ),
    work_table(
        "compared_units",
        "unit of key_pairs, with its number",
        "unit unit_key",
        "incremental.changed_pairs._number_pairs",
    ),
    work_table(
        "tied_units",
        "unit whose cluster the change may influence directly",
        "unit_key",
        "incremental.changes._widen_to_neighbourhoods",
    ),
    work_table(
        "touched",
        "record whose cluster may differ from the stored one",
        "person_record_id",
        "incremental.changes._widen_to_neighbourhoods incremental.touched_records.decide_touched",
    ),
    work_table(
        "unit_keys",
        "unit of touched records, with its number",
        "unit unit_key",
        "incremental.touched_records.decide_touched",
    ),
    work_table(
        "known_pairs",
        "pair of units of touched records that is scored already",
        "left_unit right_unit stranger_weight gamma_<comparison> rarity_<column>",
        "incremental.touched_records.decide_touched",
    ),
    work_table(
        "known_conflicts",
        "conflicting identifier of touched records that is not re-evaluated",
        "identifier_type identifier_value record_count name_count reason",
        "incremental.touched_records.decide_touched",
    ),
)
