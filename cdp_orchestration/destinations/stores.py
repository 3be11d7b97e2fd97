"""A folder of any filesystem: of this machine, of a cloud by Arrow, or of whatever fsspec has a library for."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cdp_orchestration.connectors.files.cloud_stores import arrow_filesystem
from cdp_orchestration.connectors.secret_values import secret_value, without_secrets
from cdp_orchestration.destinations.declaration import CLOUD_SCHEMES, Delta, Files
from cdp_orchestration.destinations.faults import MAX_MESSAGE_CHARACTERS, DestinationError, PassingDestinationError
from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk

_PIECE_BYTES = 4 * 1024 * 1024


class Store:
    """Objects below a folder, by their names; each is there whole or not at all."""

    def __init__(self, filesystem: Any, root: str, *, is_local: bool, has_folders: bool) -> None:
        """Take a filesystem of Arrow and the folder.

        Args:
            filesystem: the filesystem.
            root: the path of the folder in it.
            is_local: whether it is of this machine, where an object is written beside its name and renamed.
            has_folders: whether a folder must be there before an object of it.
        """
        self._filesystem = filesystem
        self._root = root.rstrip("/")
        self._is_local = is_local
        self._has_folders = has_folders

    def put_file(self, name: str, file: Path) -> None:
        """Write an object that holds what a file does."""
        with file.open("rb") as source:
            self._put(name, lambda: iter(lambda: source.read(_PIECE_BYTES), b""))

    def put_bytes(self, name: str, content: bytes) -> None:
        """Write an object, in one step for who reads it."""
        self._put(name, lambda: iter((content,)))

    def read(self, name: str) -> bytes | None:
        """Return what an object holds; None where there is none."""
        if not self._is_file(name):
            return None
        # Arrow would unpack by the ending of the name
        with self._filesystem.open_input_stream(self._path(name), compression=None) as stream:
            content: bytes = stream.read()
        return content

    def sha256(self, name: str) -> str | None:
        """Return the SHA-256 of what an object holds, by reading it back; None where there is none."""
        if not self._is_file(name):
            return None
        digest = hashlib.sha256()
        with self._filesystem.open_input_stream(self._path(name), compression=None) as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
        return digest.hexdigest()

    def copy(self, name: str, other: str) -> bool:
        """Let another object hold what one does, without bringing it here; false where there is no such object."""
        if not self._is_file(name):
            return False
        self._make_folder_of(other)
        self._filesystem.copy_file(self._path(name), self._path(other))
        return True

    def folders(self) -> list[str]:
        """Return the names of the folders."""
        from pyarrow.fs import FileType

        return [info.base_name for info in self._infos("") if info.type == FileType.Directory]

    def objects(self, folder: str) -> list[str]:
        """Return the names of the objects of a folder."""
        from pyarrow.fs import FileType

        return [f"{folder}/{info.base_name}" for info in self._infos(folder) if info.type == FileType.File]

    def remove(self, name: str) -> None:
        """Remove an object."""
        self._filesystem.delete_file(self._path(name))

    def remove_folder(self, name: str) -> None:
        """Remove a folder with its objects."""
        self._filesystem.delete_dir(self._path(name))

    def _put(self, name: str, pieces: Callable[[], Iterator[bytes]]) -> None:
        self._make_folder_of(name)
        written = f"{name}{UNFINISHED_ENDING}" if self._is_local else name
        with self._filesystem.open_output_stream(self._path(written), compression=None) as stream:
            for piece in pieces():
                stream.write(piece)
        if self._is_local:
            unfinished, path = Path(self._path(written)), Path(self._path(name))
            sync_to_disk(unfinished)
            unfinished.replace(path)
            sync_to_disk(path.parent)

    def _make_folder_of(self, name: str) -> None:
        if self._has_folders:
            self._filesystem.create_dir(self._path(name).rpartition("/")[0], recursive=True)

    def _infos(self, folder: str) -> list[Any]:
        from pyarrow.fs import FileSelector

        selector = FileSelector(self._path(folder).rstrip("/"), allow_not_found=True)
        return list(self._filesystem.get_file_info(selector))

    def _is_file(self, name: str) -> bool:
        from pyarrow.fs import FileType

        return bool(self._filesystem.get_file_info([self._path(name)])[0].type == FileType.File)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


@contextmanager
def opened_store(name: str, declared: Files | Delta) -> Iterator[Store]:
    """Open the store of a destination for the duration of the block.

    Args:
        name: the name of the destination.
        declared: the destination.

    Yields:
        The store. One that cannot be opened, or in which the block fails, raises DestinationError without a secret.
    """
    problem: DestinationError
    try:
        yield _store(declared)
    except store_errors() as error:
        problem = _fault(name, declared, error)
    except (ImportError, ValueError, TypeError) as error:
        # By these fsspec says that it has no library for an address, or that this one knows no such option
        problem = DestinationError(f"{name} cannot be opened: {_said(declared, error)}. Correct destinations.yml")
    else:
        return
    raise problem from None  # else it would carry the one that may repeat a secret


def store_errors() -> tuple[type[Exception], ...]:
    """Return the errors by which the libraries say that a store cannot be reached, read or written."""
    import pyarrow as pa

    return (OSError, EOFError, pa.ArrowException)


def _fault(name: str, declared: Files | Delta, error: Exception) -> DestinationError:
    is_final = isinstance(error, PermissionError | FileNotFoundError)
    kind = DestinationError if is_final else PassingDestinationError
    return kind(
        f"{name} at {declared.place} cannot be published to: {_said(declared, error)}. Check that the place is there "
        "and may be written; it shows what it did, and the next sync tries again"
    )


def _said(declared: Files | Delta, error: Exception) -> str:
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return without_secrets(said, declared.references)[:MAX_MESSAGE_CHARACTERS]


def _store(declared: Files | Delta) -> Store:
    from pyarrow import fs

    scheme, parts = declared.scheme, urlsplit(declared.path)
    if scheme in ("", "file"):
        return Store(fs.LocalFileSystem(), parts.path, is_local=True, has_folders=True)
    if scheme in CLOUD_SCHEMES:
        root = f"{parts.netloc}{parts.path}"
        return Store(arrow_filesystem(declared, scheme), root, is_local=False, has_folders=False)
    import fsspec

    options = {**declared.options, **{key: secret_value(each) for key, each in declared.secrets.items()}}
    opened = fsspec.filesystem(scheme, **options)
    root = str(opened._strip_protocol(declared.path))
    return Store(fs.PyFileSystem(fs.FSSpecHandler(opened)), root, is_local=False, has_folders=True)
