"""Requests to one server: a connection pool per process, time-outs, repeats where they are harmless, clear errors.

A request is sent again when no connection came about and when the server says that it did not carry it out (408, 429).
Requests whose repeat changes nothing are also sent again after a lost connection and after 500, 502, 503 and 504. One
that the server left without an answer is not: what made it slow would only be asked of it twice.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from trackside import settings
from trackside.stores import _http_errors as errors
from trackside.stores._http_access import (
    CONNECT_TIMEOUT_S,
    LONGEST_WAIT_S,
    Access,
    Patience,
    read_access,
    read_address,
    read_patience,
)
from trackside.stores.validation import not_unicode

if TYPE_CHECKING:
    from requests import Response, Session

Body = Callable[[], "bytes | IO[bytes]"]
"""Gives a request's body anew for each attempt."""

IMPATIENT = Patience(retries=0, backoff_s=0, jitter_s=0, timeout_s=15)
_MAX_REDIRECTS = 5
_POOL_SIZE = 16
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``harmless`` says that sending it twice does no more than sending it once."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, object] | None = None
    body: Body | None = None
    harmless: bool = True
    patience: Patience | None = None
    """Other than the settings say."""
    missing_is_ok: bool = False
    """Whether 404 is an answer rather than an error."""


@dataclass(frozen=True, slots=True)
class Download:
    """A body on its way. Reading raises StoreUnreachableError where it breaks off."""

    length: int | None
    """In bytes, where the server tells it."""
    chunks: Iterator[bytes]


class Server:
    """The server at a tracking URI. Threads use it at the same time; after a fork the child connects anew.

    Args:
        uri: An ``http`` or ``https`` address; credentials in it are used, and appear in no message.
        with_credentials: Whether the settings' credentials may be sent there.
        pause: How to wait between attempts.
    """

    def __init__(self, uri: str, *, with_credentials: bool = True, pause: Callable[[float], None] = time.sleep) -> None:
        self.address = read_address(uri)
        self._with_credentials = with_credentials
        self._pause = pause
        self._sessions: dict[int, Session] = {}
        self._is_patient = True

    def impatient(self) -> Server:
        """The same server, for somebody who asks again later anyway: no request is sent again."""
        other = copy(self)
        other._is_patient = False
        return other

    def ask(self, call: Call) -> dict[str, Any]:
        """Send a request and return the JSON object of the answer."""
        body = self.ask_raw(call)
        answer = errors.parse_object(body)
        if answer is None:
            raise errors.not_json(self.shown(call), body)
        return answer

    def ask_raw(self, call: Call) -> bytes:
        """Send a request and return the body of the answer."""
        with self._send(call) as response:
            return response.content

    @contextmanager
    def stream(self, call: Call) -> Iterator[Download | None]:
        """The body of an answer while it comes. None where the server answers 404 and ``missing_is_ok``."""
        with self._send(call, stream=True) as response:
            yield (
                None
                if response.status_code == 404
                else Download(_content_length(response), self._chunks(call, response))
            )

    def shown(self, call: Call) -> str:
        """A request as messages name it."""
        return f"{call.method} {self.address.url}{call.path}"

    def close(self) -> None:
        """Close this process's connections; the next request opens them again."""
        session = self._sessions.pop(os.getpid(), None)
        if session is not None:
            session.close()

    def _send(self, call: Call, *, stream: bool = False) -> Response:
        patience = call.patience or read_patience()
        retries = patience.retries if self._is_patient else 0
        attempt = 0
        while True:
            outcome = self._attempt(call, patience, stream)
            if not isinstance(outcome, errors.Failure):
                return outcome
            wait_s = patience.delay_s(attempt, outcome.retry_after_s)
            if not outcome.may_repeat or attempt >= retries or wait_s > LONGEST_WAIT_S:
                raise outcome.error
            self._pause(wait_s)
            attempt += 1

    def _attempt(self, call: Call, patience: Patience, stream: bool) -> Response | errors.Failure:
        from requests import RequestException

        access = read_access(self.address, with_credentials=self._with_credentials)
        try:
            response = self._request(call, patience, access, stream)
        except UnicodeEncodeError as error:
            raise not_unicode(error) from None
        except RequestException as error:
            return errors.from_exception(self.shown(call), call.harmless, error)
        if response.history and response.request.method != call.method:
            with response:
                return errors.Failure(errors.redirect_error(self.shown(call), _plain_url(response)), may_repeat=False)
        if response.ok or (response.status_code == 404 and call.missing_is_ok):
            return response
        with response:
            return errors.from_answer(self.shown(call), call.harmless, response, access.described)

    def _request(self, call: Call, patience: Patience, access: Access, stream: bool) -> Response:
        body = _open_body(call)
        try:
            return self._session().request(
                call.method,
                self.address.url + call.path,
                params=dict(call.query),
                data=body,
                headers=_headers(call),
                auth=access if access.authorization else None,
                timeout=(min(CONNECT_TIMEOUT_S, patience.timeout_s), min(patience.timeout_s, 1e6)),
                verify=access.verify,
                cert=access.client_cert,
                stream=stream,
            )
        finally:
            if body is not None and not isinstance(body, bytes):
                body.close()

    def _session(self) -> Session:
        pid = os.getpid()
        session = self._sessions.get(pid)
        return session or self._sessions.setdefault(pid, _make_session())

    def _chunks(self, call: Call, response: Response) -> Iterator[bytes]:
        from requests import RequestException

        try:
            yield from response.iter_content(_CHUNK_BYTES)
        except RequestException as error:
            raise errors.from_exception(self.shown(call), call.harmless, error).error from None


def _make_session() -> Session:
    from requests import Session
    from requests.adapters import HTTPAdapter

    session = Session()
    session.max_redirects = _MAX_REDIRECTS
    session.headers["User-Agent"] = "trackside"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=_POOL_SIZE))
    return session


def _open_body(call: Call) -> bytes | IO[bytes] | None:
    if call.json is not None:
        return json.dumps(call.json, ensure_ascii=False, allow_nan=False).encode()
    return call.body() if call.body else None


def _headers(call: Call) -> dict[str, str]:
    headers = {}
    if call.json is not None:
        headers["Content-Type"] = "application/json"
    workspace = settings.WORKSPACE.read().strip()
    if workspace:
        headers["X-MLFLOW-WORKSPACE"] = workspace
    if call.missing_is_ok:
        headers["Accept-Encoding"] = "identity"
    return headers


def _content_length(response: Response) -> int | None:
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isdecimal() and "Content-Encoding" not in response.headers else None


def _plain_url(response: Response) -> str:
    return read_address(response.url).url
