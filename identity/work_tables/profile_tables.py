"""The work tables of profile ids, in a database in memory of their own."""

from identity.work_tables.work_table import work_table

PROFILE_TABLES = (
    work_table(
        "clusters",
        "record, with its new cluster",
        "person_record_id cluster_id link_reason match_probability",
        "profiles.profile_ids._register",
    ),
    work_table(
        "previous",
        "record, with the profile that readers last saw",
        "person_record_id source_system source_record_type source_record_id profile_id profile_id_first link_reason "
        "match_probability linked_at",
        "profiles.profile_ids._register",
    ),
    work_table(
        "unpublished",
        "record, with a profile that no reader has seen",
        "person_record_id source_system source_record_type source_record_id profile_id profile_id_first link_reason "
        "match_probability linked_at",
        "profiles.profile_ids._register",
    ),
    work_table(
        "replaced",
        "record that changed everything at once",
        "person_record_id stays_with is_kept",
        "profiles.profile_ids._register",
    ),
    work_table(
        "previous_redirects",
        "profile id that was no longer in use before",
        "old_profile_id profile_id reason record_share redirected_at",
        "profiles.profile_ids._register",
    ),
    work_table(
        "cluster_profiles",
        "cluster, with its profile id",
        "cluster_id profile_id is_new",
        "profiles.profile_ids._create_cluster_profiles",
        "profiles.profile_ids._create_cluster_profiles",
    ),
    work_table(
        "moves",
        "previous profile and profile that has some of its records now",
        "old_profile_id profile_id record_count is_replaced record_share is_living rank",
        "profiles.profile_history.create_moves",
    ),
)
