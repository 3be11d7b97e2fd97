"""The features of the changed records; when the change widens, they are made of the added records alone."""

import duckdb

from identity.model.trained_model import TrainedModel
from identity.prepare.features import create_features
from identity.prepare.records import RecordMapping, load_records


def create_changed_features(work: duckdb.DuckDBPyConnection, mapping: RecordMapping, model: TrainedModel) -> None:
    """Create `records` and `features` of the records in table `changed`.

    Also keeps them as `made_records` and `made_features`, because suppressed values are removed from `features`.

    Args:
        work: the workspace, with `changed` and `caller_records`.
        mapping: which column of the caller's records holds what.
        model: the model whose word roles and placeholder dates are used.
    """
    load_records(work, mapping, only="changed")
    create_features(work, model)
    work.execute("create table made_records as from records; create table made_features as from features")


def add_changed_features(work: duckdb.DuckDBPyConnection, mapping: RecordMapping, model: TrainedModel) -> None:
    """Bring `records` and `features` up to the records that were added to table `changed`, and number all again.

    The features of a record follow from the record and the model, so that those of the others are kept. Suppressed
    values are in them again.

    Args:
        work: the workspace, with `changed` and the tables of create_changed_features.
        mapping: which column of the caller's records holds what.
        model: the model whose word roles and placeholder dates are used.
    """
    work.execute(
        """
        create or replace table added_records as
        select person_record_id from changed anti join made_records using (person_record_id)
        """
    )
    load_records(work, mapping, only="added_records")
    create_features(work, model)
    work.execute(
        """
        insert into made_records from records;
        insert into made_features from features;
        create or replace table records as
        select * replace (cast(row_number() over (order by person_record_id) - 1 as integer) as record)
        from made_records
        order by record;
        create or replace table features as
        select made_features.* replace (records.record as record)
        from made_features
        inner join records on made_features.person_record_id = records.person_record_id
        order by records.record
        """
    )
