"""Where a server is and with what it is asked: its address, credentials, TLS, patience.

Everything but the address is read from the settings for each request, because notebooks change it while they run.
Credentials: user and password in the address win, then ``MLFLOW_TRACKING_USERNAME`` with ``_PASSWORD`` or
``~/.mlflow/credentials``, then ``MLFLOW_TRACKING_TOKEN``. Without any, ``requests`` looks into ``~/.netrc``.
"""

from __future__ import annotations

import base64
import configparser
import ipaddress
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from trackside import settings
from trackside.errors import InvalidValueError

if TYPE_CHECKING:
    from requests import PreparedRequest

    from trackside.settings import Setting

LONGEST_WAIT_S = 60.0
"""A server that asks for a longer wait than this is given up at once."""
CONNECT_TIMEOUT_S = 4.0
"""A server may take long to answer, but one that takes no connection in this time is away."""
_CREDENTIALS_FILE = Path(".mlflow", "credentials")


@dataclass(frozen=True, slots=True)
class Address:
    """A server's address without credentials or a trailing slash, and the credentials that were in it."""

    url: str
    username: str = ""
    password: str = ""

    @property
    def host(self) -> str:
        """Host and, where it is named, port."""
        return urlsplit(self.url).netloc.lower()

    @property
    def is_this_machine(self) -> bool:
        """Whether the host is a loopback address."""
        name = urlsplit(self.url).hostname or ""
        try:
            return ipaddress.ip_address(name).is_loopback
        except ValueError:
            return name == "localhost"


def read_address(uri: str) -> Address:
    """Take a tracking URI apart.

    Raises:
        InvalidValueError: It is no ``http`` or ``https`` address with a host.
    """
    try:
        parts = urlsplit(uri)
        _ = parts.port  # raises where it is no number
    except ValueError as error:
        raise _no_address(uri, str(error)) from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _no_address(uri, "it has no host" if parts.scheme in {"http", "https"} else "it is not http or https")
    netloc = parts.netloc.rpartition("@")[2]
    plain = SplitResult(parts.scheme, netloc, parts.path.rstrip("/"), "", "")
    return Address(urlunsplit(plain), unquote(parts.username or ""), unquote(parts.password or ""))


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials and TLS options for one request; an instance is also its own ``auth`` for ``requests``."""

    authorization: str
    described: str
    """For messages: what kind of credentials, never a secret."""
    verify: bool | str
    client_cert: str | None

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self.authorization
        return request


def read_access(address: Address, *, with_credentials: bool = True) -> Access:
    """What the settings say now.

    Raises:
        InvalidValueError: A file that a setting names cannot be read, or two settings contradict each other.
    """
    authorization, described = _credentials(address) if with_credentials else ("", "no credentials")
    return Access(authorization, described, _verification(), _file(settings.CLIENT_CERT_PATH))


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for an answer and how often to ask again. Times are in seconds."""

    retries: int
    backoff_s: float
    jitter_s: float
    timeout_s: float
    respects_retry_after: bool = True

    def delay_s(self, attempt: int, asked_for_s: float | None) -> float:
        """How long to wait after the failure of attempt 0, 1, 2 ...; ``asked_for_s`` is the server's Retry-After."""
        if asked_for_s is not None and self.respects_retry_after:
            return asked_for_s
        spread_s = random.uniform(0, self.jitter_s)  # noqa: S311  # spreads load, guards nothing
        return min(LONGEST_WAIT_S, self.backoff_s * 2.0**attempt + spread_s)


def read_patience() -> Patience:
    """What the settings say now. Raises InvalidValueError where one is not a number."""
    return Patience(
        retries=min(10, int(_number(settings.HTTP_MAX_RETRIES))),
        backoff_s=_number(settings.HTTP_BACKOFF_FACTOR),
        jitter_s=_number(settings.HTTP_BACKOFF_JITTER),
        timeout_s=_number(settings.HTTP_TIMEOUT) or math.inf,
        respects_retry_after=settings.HTTP_RESPECT_RETRY_AFTER.is_on(),
    )


def _no_address(uri: str, why: str) -> InvalidValueError:
    shown = uri.rpartition("@")[2]
    return InvalidValueError(
        f"{shown!r} is not the address of a server: {why}", hint="Write it like https://mlflow.example.org:5000."
    )


def _credentials(address: Address) -> tuple[str, str]:
    in_file = _credentials_file()
    username = address.username or settings.USERNAME.read() or in_file.get("mlflow_tracking_username", "")
    password = address.password or settings.PASSWORD.read() or in_file.get("mlflow_tracking_password", "")
    token = settings.TOKEN.read().strip()
    if username and password:
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        return f"Basic {pair}", f"user {username!r} and a password"
    if token:
        return f"Bearer {token}", "a token"
    return "", "no credentials"


def _credentials_file() -> dict[str, str]:
    path = Path.home() / _CREDENTIALS_FILE
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise InvalidValueError(
            f"the credentials file {path} cannot be read: {type(error).__name__}",
            hint="It must hold a line [mlflow], then mlflow_tracking_username = ... and mlflow_tracking_password = ...",
        ) from None
    return dict(parser["mlflow"]) if parser.has_section("mlflow") else {}


def _verification() -> bool | str:
    authorities = _file(settings.SERVER_CERT_PATH)
    if not settings.INSECURE_TLS.is_on():
        return authorities or True
    if authorities:
        raise InvalidValueError(
            f"{settings.INSECURE_TLS.name} and {settings.SERVER_CERT_PATH.name} are both set",
            hint=f"Unset {settings.INSECURE_TLS.name}: certificates are then checked by the file.",
        )
    return False


def _file(setting: Setting) -> str | None:
    path = setting.read()
    if path and not Path(path).exists():
        raise InvalidValueError(f"{setting.name} names {path!r}, which does not exist")
    return path or None


def _number(setting: Setting) -> float:
    text = setting.read()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise InvalidValueError(f"{setting.name} must be a number that is not negative, got {text!r}")
    return number
