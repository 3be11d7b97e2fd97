"""Publish to Delta Lake: a table for each published table, overwritten in one commit, and an object with the versions.

Delta Lake has commits of a table and none of several. Who reads one table sees a release of it, old or new, never a
part. Between the commits of two tables readers of both see the new release of one and the old release of the other;
who must not, reads the versions that the pointer names, which is written when all tables are committed.
"""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cdp_orchestration.connectors.secret_values import secret_value, without_secrets
from cdp_orchestration.destinations.declaration import Delta
from cdp_orchestration.destinations.faults import MAX_MESSAGE_CHARACTERS, DestinationError, PassingDestinationError
from cdp_orchestration.destinations.files import point_at, shown_contents
from cdp_orchestration.destinations.sending import Contents, Sent, SentTable
from cdp_orchestration.destinations.stores import opened_store, store_errors

RELEASE, CONTENT = "cdp_release_id", "cdp_sha256"
"""In the metadata of a commit: the release that first had this content, and the SHA-256 of its file."""
_COMMITS_READ = 20
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BATCH_ROWS = 65_536


class DeltaPublisher:
    """Writes Delta tables by delta-rs, which needs no JVM and no catalogue."""

    def __init__(self, name: str, declared: Delta) -> None:
        """Take the declaration; nothing is opened."""
        self._name = name
        self._declared = declared

    def shown(self) -> str | None:
        """Return the fingerprint that the pointer names."""
        return shown_contents(self._name, self._declared)

    def send(self, contents: Contents) -> Sent:
        """Commit each table that differs, let the pointer name their versions, and remove old files."""
        problem: DestinationError
        deltalake = self._library()
        try:
            sent, versions = self._commit(contents)
        except (deltalake.exceptions.DeltaError, ValueError, *store_errors()) as error:
            problem = self._fault(error)
        else:
            with opened_store(self._name, self._declared) as store:
                point_at(store, contents, {"tables": versions})
            return Sent(
                release_id=contents.release_id,
                is_new=True,
                table_count=len(contents.tables),
                row_count=contents.row_count,
                sent_tables=tuple(each.name for each in sent),
                sent_bytes=sum(each.size_bytes for each in sent),
            )
        raise problem from None  # else it would carry the one that may repeat a secret

    def _commit(self, contents: Contents) -> tuple[list[SentTable], dict[str, int]]:
        sent: list[SentTable] = []
        versions: dict[str, int] = {}
        for table in contents.tables.values():
            found = self._opened(table)
            if found is None or _content_of(found) != table.sha256:
                self._write(table, contents.release_id)
                sent.append(table)
                found = self._opened(table)
            # What is removed was of versions that are older than that, and the newest is never among it
            found.vacuum(
                int(timedelta(days=self._declared.keep_days).total_seconds() // 3600),
                dry_run=False,
                enforce_retention_duration=False,
            )
            if not self._declared.keep_days:
                _forget_former(found)
                found = self._opened(table)
            versions[table.name] = _version_of(found)
        return sent, versions

    def _opened(self, table: SentTable) -> Any:
        """Return a Delta table; None where there is none yet."""
        from deltalake import DeltaTable

        address, options = self._address(table), self._options()
        is_there = DeltaTable.is_deltatable(address, storage_options=options)
        return DeltaTable(address, storage_options=options) if is_there else None

    def _write(self, table: SentTable, release_id: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq
        from deltalake import CommitProperties, write_deltalake

        with pq.ParquetFile(table.file) as file:
            rows = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(_BATCH_ROWS))
            write_deltalake(
                self._address(table),
                rows,
                mode="overwrite",
                schema_mode="overwrite",
                description=table.description,
                storage_options=self._options(),
                commit_properties=CommitProperties(custom_metadata={RELEASE: release_id, CONTENT: table.sha256}),
            )

    def _address(self, table: SentTable) -> str:
        declared = self._declared
        root = urlsplit(declared.path).path if declared.scheme == "file" else declared.path
        return f"{root.rstrip('/')}/{table.name}"

    def _options(self) -> dict[str, str]:
        """Return how delta-rs opens the store; what it does not know it passes over."""
        declared = self._declared
        options: dict[str, Any] = {
            "aws_endpoint_url": declared.endpoint,
            "aws_allow_http": "true" if (declared.endpoint or "").startswith("http://") else None,
            "aws_region": declared.region,
            "aws_access_key_id": secret_value(declared.access_key) if declared.access_key else None,
            "aws_session_token": secret_value(declared.session_token) if declared.session_token else None,
            "azure_storage_account_name": declared.account,
            **declared.options,
            **{key: secret_value(each) for key, each in declared.secrets.items()},
        }
        if declared.secret_key:
            name = "aws_secret_access_key" if declared.scheme == "s3" else "azure_storage_account_key"
            options[name] = secret_value(declared.secret_key)
        return {key: str(value) for key, value in options.items() if value is not None}

    def _library(self) -> Any:
        try:
            import deltalake
        except ImportError:
            raise DestinationError(
                f"{self._name} is of the kind delta, and the package deltalake is not installed; install "
                "customer-data-platform[delta], then publish again"
            ) from None
        return deltalake

    def _fault(self, error: Exception) -> DestinationError:
        text = _COLOUR.sub("", f"{type(error).__name__}: {error}")
        said = without_secrets(" ".join(text.split()), self._declared.references)
        return PassingDestinationError(
            f"{self._name} at {self._declared.place} cannot be published to: {said[:MAX_MESSAGE_CHARACTERS]}. Check "
            "that the place is there and may be written; the pointer names what it did, and the next sync tries again"
        )


def _forget_former(found: Any) -> None:
    """Remove the commits of former versions: each has the smallest and the greatest value of every column."""
    kept = "delta.logRetentionDuration"
    found.alter.set_table_properties({kept: "interval 0 seconds"})
    found.update_incremental()
    found.create_checkpoint()
    found.cleanup_metadata()
    found.alter.set_table_properties({kept: "interval 30 days"})


def _last_write(found: Any) -> dict[str, Any]:
    """Return the newest commit that changed rows: after it stand those by which old files were removed."""
    commits = found.history(_COMMITS_READ)
    return next((each for each in commits if not str(each.get("operation", "")).startswith("VACUUM")), {})


def _content_of(found: Any) -> str | None:
    return _last_write(found).get(CONTENT)


def _version_of(found: Any) -> int:
    return int(_last_write(found).get("version", found.version()))
