"""Receivers of notifications on loopback: an HTTP server, and a mail server with STARTTLS and login."""

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass
class Taken:
    """What a receiver has taken; ``answers`` are the codes of the next answers, after which it takes everything."""

    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    was_encrypted: list[bool] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    asked: int = 0
    port: int = 0


@contextmanager
def http_receiver(port: int = 0) -> Iterator[Taken]:
    """A server that keeps the JSON bodies that are posted to it."""
    taken = Taken()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.asked += 1
            code = taken.answers.pop(0) if taken.answers else 200
            if code == 200:
                taken.bodies.append(json.loads(body))
                taken.headers.append(dict(self.headers))
            self.send_response(code)
            if code == 302:
                self.send_header("Location", f"http://{HOST}:{taken.port}/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer((HOST, port), Handler)
    with _serving(server):
        taken.port = server.server_address[1]
        yield taken


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    certificate: Path | None = None
    refused: tuple[str, ...] = ()
    taken: Taken


class _MailSession(socketserver.StreamRequestHandler):
    server: _MailServer
    is_encrypted = False

    def handle(self) -> None:
        self.server.taken.asked += 1
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.partition(" ")
            answer = getattr(self, f"_{word.lower()}", None)
            if answer:
                answer(rest)
            else:
                self._say("221 bye" if word == "QUIT" else "250 fine")

    def _ehlo(self, _rest: str) -> None:
        offers = "AUTH PLAIN" if self.is_encrypted else "STARTTLS" if self.server.certificate else "8BITMIME"
        self._say(f"250-here\r\n250 {offers}")

    def _starttls(self, _rest: str) -> None:
        self._say("220 go on")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.server.certificate or "")
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_encrypted = True

    def _auth(self, rest: str) -> None:
        self.server.taken.logins.append(base64.b64decode(rest.split(" ")[1]).decode())
        self._say("235 welcome")

    def _rcpt(self, rest: str) -> None:
        is_refused = any(each in rest for each in self.server.refused)
        self._say("550 no such mailbox" if is_refused else "250 fine")

    def _data(self, _rest: str) -> None:
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.taken.bodies.append(message_from_bytes(b"".join(lines)))
        self.server.taken.was_encrypted.append(self.is_encrypted)
        self._say("250 taken")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_receiver(certificate: Path | None = None, refused: tuple[str, ...] = ()) -> Iterator[Taken]:
    """A mail server; with a certificate it offers STARTTLS and takes a login after it."""
    server = _MailServer((HOST, 0), _MailSession)
    server.certificate, server.refused, server.taken = certificate, refused, Taken()
    with _serving(server):
        server.taken.port = server.server_address[1]
        yield server.taken


def text_of(message: Message) -> str:
    """Return the text of a mail."""
    return bytes(message.get_payload(decode=True)).decode()  # type: ignore[arg-type]


def write_certificate(path: Path) -> Path:
    """Write a key and a certificate for loopback that is trusted by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
