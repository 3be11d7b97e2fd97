"""An SFTP server of a test's own on loopback, which serves one folder."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko


@contextmanager
def running_sftp(root: Path, user: str, password: str) -> Iterator[tuple[int, str]]:
    """Serve a folder, and yield the port and the server's public key as known_hosts writes it."""
    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, key, root, user, password), daemon=True).start()
        yield listener.getsockname()[1], f"{key.get_name()} {key.get_base64()}"


def _serve(listener: socket.socket, key: paramiko.PKey, root: Path, user: str, password: str) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the test has ended
            return
        transport = paramiko.Transport(connection)
        transport.add_server_key(key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, root)
        transport.start_server(server=_Login(user, password))


class _Login(paramiko.ServerInterface):
    def __init__(self, user: str, password: str) -> None:
        self._login = (user, password)

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == self._login else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, root: Path) -> None:
        super().__init__(server)
        self._root = root

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        try:
            return [
                paramiko.SFTPAttributes.from_stat(entry.stat(), filename=entry.name)
                for entry in os.scandir(self._at(path))
            ]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        try:
            return paramiko.SFTPAttributes.from_stat(self._at(path).stat())
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.readfile = self._at(path).open("rb")  # type: ignore[attr-defined]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")
