"""Where a server is and with what it is asked: addresses, settings, credentials, TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.errors import (
    InvalidValueError,
    NotAuthorizedError,
    StoreUnreachableError,
)
from trackside.stores._http import Patience, Server
from trackside.stores._http_access import read_address, read_patience

from .http_client import ASK, PATH, pauses, server
from .servers import Answer, SmallServer

__all__ = ["pauses", "server"]

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


# Addresses and settings


@pytest.mark.parametrize(
    ("uri", "url", "username", "password"),
    [
        ("http://host:5000", "http://host:5000", "", ""),
        ("https://host/with/path/", "https://host/with/path", "", ""),
        ("HTTPS://ada:p%40ss@host:1?x=1#y", "https://host:1", "ada", "p@ss"),
        ("http://[::1]:5000/", "http://[::1]:5000", "", ""),
    ],
)
def test_an_address_is_kept_without_its_credentials(uri: str, url: str, username: str, password: str) -> None:
    address = read_address(uri)
    assert (address.url, address.username, address.password) == (url, username, password)


@pytest.mark.parametrize("uri", ["http://", "http:///path", "http://host:port", "ftp://host", "http://[::1"])
def test_an_address_without_a_host_is_refused(uri: str) -> None:
    with pytest.raises(InvalidValueError, match="not the address of a server"):
        Server(uri)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidValueError) as refusal:
        Server("ftp://ada:secret@host")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("uri", "local"),
    [
        ("http://localhost:1", True),
        ("http://127.0.0.5", True),
        ("http://[::1]", True),
        ("http://127.example.org", False),
        ("http://10.0.0.1", False),
    ],
)
def test_this_machine_is_known(uri: str, local: bool) -> None:
    assert read_address(uri).is_this_machine is local


def test_patience_comes_from_mlflows_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("MAX_RETRIES", "2"), ("BACKOFF_FACTOR", "4"), ("BACKOFF_JITTER", "0"), ("TIMEOUT", "9")):
        monkeypatch.setenv(f"MLFLOW_HTTP_REQUEST_{name}", value)
    monkeypatch.setenv("MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER", "false")
    assert read_patience() == Patience(2, 4.0, 0.0, 9.0, respects_retry_after=False)


@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf"])
def test_a_setting_that_is_no_number_is_named(monkeypatch: pytest.MonkeyPatch, server: Server, value: str) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", value)
    with pytest.raises(InvalidValueError, match="MLFLOW_HTTP_REQUEST_TIMEOUT"):
        server.ask(ASK)


def test_waits_grow_and_are_spread() -> None:
    patience = Patience(5, 1.0, 0.5, 10)
    waits = [patience.delay_s(attempt, None) for attempt in range(4)]
    assert all(2**attempt <= wait <= 2**attempt + 0.5 for attempt, wait in enumerate(waits))
    assert len({patience.delay_s(0, None) for _ in range(20)}) > 1


# Credentials


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, None),
        ({"USERNAME": "ada", "PASSWORD": "ü:x"}, "Basic YWRhOsO8Ong="),
        ({"TOKEN": "t0ken\n"}, "Bearer t0ken"),
        ({"USERNAME": "ada", "PASSWORD": "ü:x", "TOKEN": "t"}, "Basic YWRhOsO8Ong="),
        ({"USERNAME": "ada", "TOKEN": "t"}, "Bearer t"),
        ({"USERNAME": "ada"}, None),
    ],
)
def test_credentials_come_from_the_settings(
    monkeypatch: pytest.MonkeyPatch,
    small_server: SmallServer,
    server: Server,
    variables: dict[str, str],
    header: str | None,
) -> None:
    """User and password win over a token, as in MLflow."""
    for name, value in variables.items():
        monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", value)
    small_server.answers[PATH] = [Answer()]
    server.ask(ASK)
    assert small_server.requests[0].headers.get("Authorization") == header


def test_credentials_come_from_mlflows_file_where_the_environment_has_none(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server, tmp_path: Path
) -> None:
    (tmp_path / ".mlflow").mkdir()
    file = tmp_path / ".mlflow" / "credentials"
    file.write_text("[mlflow]\nmlflow_tracking_username = ada\nmlflow_tracking_password = 100%pass\n")
    small_server.answers[PATH] = [Answer()]
    server.ask(ASK)
    assert small_server.requests[0].headers["Authorization"] == "Basic YWRhOjEwMCVwYXNz"
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "other")
    server.ask(ASK)
    assert small_server.requests[1].headers["Authorization"] == "Basic YWRhOm90aGVy"


def test_a_damaged_credentials_file_is_named_without_its_content(server: Server, tmp_path: Path) -> None:
    (tmp_path / ".mlflow").mkdir()
    (tmp_path / ".mlflow" / "credentials").write_text("secret = 1\n")
    with pytest.raises(InvalidValueError, match="credentials") as refusal:
        server.ask(ASK)
    assert "secret" not in str(refusal.value)


def test_credentials_in_the_address_are_used_and_not_shown(small_server: SmallServer) -> None:
    small_server.answers[PATH] = [Answer(), Answer(401, b"no")]
    server = Server(small_server.url.replace("://", "://ada:s3cret@"))
    server.ask(ASK)
    assert small_server.requests[0].headers["Authorization"] == "Basic YWRhOnMzY3JldA=="
    with pytest.raises(NotAuthorizedError) as refusal:
        server.ask(ASK)
    assert "s3cret" not in str(refusal.value)
    server.close()


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"", b"<html>", {"error_code": "PERMISSION_DENIED", "message": "no"}])
def test_a_wrong_token_is_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
    small_server: SmallServer,
    server: Server,
    status: int,
    body: object,
    pauses: list[float],
) -> None:
    """R2.5: a wrong token says what was sent and how to set another."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret")
    small_server.answers[PATH] = [Answer(status, body)]
    with pytest.raises(NotAuthorizedError, match=r"a token") as refusal:
        server.ask(ASK)
    assert "MLFLOW_TRACKING_TOKEN" in refusal.value.hint
    assert "s3cret" not in str(refusal.value)
    assert pauses == []


def test_the_workspace_is_named_to_the_server(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server
) -> None:
    monkeypatch.setenv("MLFLOW_WORKSPACE", "red team")
    small_server.answers[PATH] = [Answer()]
    server.ask(ASK)
    assert small_server.requests[0].headers["X-MLFLOW-WORKSPACE"] == "red team"


def test_a_redirect_to_another_host_does_not_take_the_token_along(
    monkeypatch: pytest.MonkeyPatch, small_server: SmallServer, server: Server
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret")
    other = SmallServer()
    other.answers["/there"] = [Answer()]
    target = other.url.replace("127.0.0.1", "localhost") + "/there"
    small_server.answers[PATH] = [Answer(302, b"", {"Location": target})]
    assert server.ask(ASK) == {}
    assert "Authorization" not in other.requests[0].headers
    other.stop()


# TLS


@pytest.fixture(scope="session")
def make_certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A function that makes a certificate of its own authority for 127.0.0.1: a PEM file with its key."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    def make() -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = dt.datetime.now(dt.timezone.utc)
        certificate: Certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = tmp_path_factory.mktemp("tls") / "server.pem"
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        return file

    return make


@pytest.fixture
def certificate(make_certificate: Callable[[], Path]) -> Path:
    return make_certificate()


@pytest.fixture
def secure_server(no_settings: None, certificate: Path) -> Iterator[SmallServer]:
    server = SmallServer(certificate)
    server.answers[PATH] = [Answer(200, {"secure": True})]
    yield server
    server.stop()


def test_an_unknown_certificate_is_refused(secure_server: SmallServer, pauses: list[float]) -> None:
    """R2.5: a wrong certificate is named, with the way out."""
    with pytest.raises(StoreUnreachableError, match=r"no secure connection:.*certificate") as failure:
        Server(secure_server.url, pause=pauses.append).ask(ASK)
    assert "MLFLOW_TRACKING_SERVER_CERT_PATH" in failure.value.hint
    assert pauses == []
    assert secure_server.requests == []


def test_a_certificate_of_another_server_is_refused(
    monkeypatch: pytest.MonkeyPatch, secure_server: SmallServer, make_certificate: Callable[[], Path]
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(make_certificate()))
    with pytest.raises(StoreUnreachableError, match="no secure connection"):
        Server(secure_server.url).ask(ASK)


def test_a_certificate_is_accepted_by_the_file_that_vouches_for_it(
    monkeypatch: pytest.MonkeyPatch, secure_server: SmallServer, certificate: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
    server = Server(secure_server.url)
    assert server.ask(ASK) == {"secure": True}
    server.close()


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_certificates_are_not_checked_where_the_settings_say_so(
    monkeypatch: pytest.MonkeyPatch, secure_server: SmallServer, certificate: Path
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
    server = Server(secure_server.url)
    assert server.ask(ASK) == {"secure": True}
    monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
    with pytest.raises(InvalidValueError, match="both set"):
        server.ask(ASK)
    server.close()


@pytest.mark.parametrize("name", ["SERVER_CERT_PATH", "CLIENT_CERT_PATH"])
def test_a_missing_certificate_file_is_named(monkeypatch: pytest.MonkeyPatch, server: Server, name: str) -> None:
    monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", "/no/such/file.pem")
    with pytest.raises(InvalidValueError, match=f"MLFLOW_TRACKING_{name} names '/no/such/file.pem'"):
        server.ask(ASK)


def test_https_to_a_server_that_speaks_http_is_explained(small_server: SmallServer) -> None:
    with pytest.raises(StoreUnreachableError) as failure:
        Server(small_server.url.replace("http://", "https://")).ask(ASK)
    assert "http://" in failure.value.hint
