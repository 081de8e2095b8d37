"""What went wrong between here and a server, in words for people, and whether asking again can help.

Every message names the address and what came back, at most its first 200 characters. Secrets are in neither.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from trackside import settings
from trackside.errors import (
    NotAuthorizedError,
    NoTrackingServerError,
    StoreBusyError,
    StoreError,
    StoreRefusedError,
    StoreUnreachableError,
)

if TYPE_CHECKING:
    from requests import RequestException, Response

SHOWN_LENGTH = 200
_BUSY = {408, 429}
"""The request was not carried out: any request may be sent again."""
_PASSING = {408, 429, 500, 502, 503, 504}
_BUSY_CODES = {"REQUEST_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "TEMPORARILY_UNAVAILABLE", "DEADLINE_EXCEEDED"}
_PASSING_CODES = {*_BUSY_CODES, "INTERNAL_ERROR"}
_DENIED_CODES = {"PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"}
_OBJECT = re.compile(r"^(<[^>]*>|\w+\(host=.*?\)): ")
"""How urllib3 begins some messages: with the connection, which says nothing to a user."""
_NO_ARTIFACTS = "--no-serve-artifacts"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a request failed and whether it may be sent again."""

    error: StoreError
    may_repeat: bool
    retry_after_s: float | None = None


def from_exception(asked: str, harmless: bool, error: RequestException) -> Failure:
    """A request that brought no whole answer. ``asked`` is its method and address; ``harmless`` says a repeat is."""
    import requests.exceptions as known

    if isinstance(error, known.SSLError):
        return Failure(_tls_error(asked, error), may_repeat=False)
    if isinstance(error, known.ReadTimeout):
        return Failure(_silent_error(asked, harmless), may_repeat=False)
    if isinstance(error, known.TooManyRedirects):
        message = f"{asked} was redirected in circles"
        return Failure(NoTrackingServerError(message, hint=_ADDRESS_HINT), may_repeat=False)
    if not isinstance(error, (known.ConnectionError, known.ChunkedEncodingError, known.Timeout)):
        message = f"{asked} cannot be sent: {_short(str(error))}"
        return Failure(NoTrackingServerError(message, hint=_ADDRESS_HINT), may_repeat=False)
    was_sent = not _never_arrived(error)
    return Failure(_connection_error(asked, error, was_sent, harmless), may_repeat=harmless or not was_sent)


def from_answer(asked: str, harmless: bool, response: Response, credentials: str) -> Failure:
    """An answer that says no. ``credentials`` describes what was sent, for the hint."""
    status, body = response.status_code, error_text(response)
    code, reason = _error_code(body)
    came = f"{code}: {reason}" if code else body
    told = f"{status} {response.reason or ''}".rstrip()
    said = f"{asked} was answered {told}: {_short(came) or 'an empty body'}"
    if code:
        may_repeat = code in _PASSING_CODES and status in _PASSING
        error = _error_of_code(code, reason, said, credentials)
    else:
        may_repeat = status in _PASSING and _NO_ARTIFACTS not in body
        error = _error_of_status(status, body, said, credentials)
    return Failure(error, may_repeat and (harmless or status in _BUSY), _retry_after_s(response.headers))


def redirect_error(asked: str, target: str) -> NoTrackingServerError:
    """A redirect that turned a writing request into a reading one."""
    return NoTrackingServerError(
        f"{asked} was redirected to {target} in a way that loses what was to be written; nothing was written",
        hint="Set the tracking URI to the address that the server redirects to.",
    )


def not_json(asked: str, body: bytes) -> NoTrackingServerError:
    """An answer that says yes, but not in a tracking server's words."""
    text = body[:1000].decode("utf-8", "replace")
    came = _short(text) if text.strip() else "an empty body"
    kind = "a web page" if text.lstrip().startswith("<") else "what no tracking server sends"
    return NoTrackingServerError(f"{asked} was answered with {kind}: {came}", hint=_ADDRESS_HINT)


def not_tracking(asked: str, answer: Mapping[str, Any]) -> NoTrackingServerError:
    """JSON that a tracking server would not send."""
    return not_json(asked, json.dumps(answer).encode())


def error_text(response: Response, limit: int = 16_000) -> str:
    """The beginning of an answer's body, also where the rest does not come."""
    from requests import RequestException

    read = b""
    try:
        for chunk in response.iter_content(limit):
            read += chunk
            if len(read) >= limit:
                break
    except RequestException:
        pass  # what came until then is all that can be shown
    return read[:limit].decode("utf-8", "replace")


def parse_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that a body holds, or None."""
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


_ADDRESS_HINT = "Is the tracking URI the address of an MLflow server, with its whole path, and nothing in between?"
_AMBIGUOUS = " It may have been carried out all the same: look before you ask again."


def _error_of_code(code: str, reason: str, said: str, credentials: str) -> StoreError:
    if code in _DENIED_CODES:
        return _denied(said, credentials)
    if code in _BUSY_CODES:
        return StoreBusyError(said, hint="The server is busy. Try again later.")
    return StoreRefusedError(said, error_code=code, reason=reason)


def _error_of_status(status: int, body: str, said: str, credentials: str) -> StoreError:
    if "Invalid Host header" in body:
        return NotAuthorizedError(said, hint="Start the server with --allowed-hosts and this host's name.")
    if status in {401, 403, 407}:
        return _denied(said, credentials)
    if _NO_ARTIFACTS in body:
        return StoreRefusedError(said, reason=body, hint="Start the server without --no-serve-artifacts.")
    if status in _BUSY or status == 503:
        return StoreBusyError(said, hint="The server is busy. Try again later.")
    if status == 413:
        return StoreRefusedError(said, reason=body, hint="A proxy before the server limits sizes; raise its limit.")
    if status == 400 and parse_object(body.encode()) is not None:
        return StoreRefusedError(said, reason=body)
    if status >= 500:
        return StoreUnreachableError(said, hint="The server's log says what failed.")
    return NoTrackingServerError(said, hint=_ADDRESS_HINT)


def _denied(said: str, credentials: str) -> NotAuthorizedError:
    return NotAuthorizedError(
        f"{said} (sent with {credentials})",
        hint=f"Set {settings.USERNAME.name} and {settings.PASSWORD.name}, or {settings.TOKEN.name} alone.",
    )


def _tls_error(asked: str, error: Exception) -> NoTrackingServerError:
    reason = _innermost(error)
    if "WRONG_VERSION" in reason or "record layer" in reason:
        hint = "Does the server speak plain http? Then the tracking URI begins with http://."
    else:
        hint = f"If you trust the server, name its certificate authority's file in {settings.SERVER_CERT_PATH.name}."
    return NoTrackingServerError(f"{asked}: no secure connection: {reason}", hint=hint)


def _silent_error(asked: str, harmless: bool) -> StoreUnreachableError:
    hint = f"{settings.HTTP_TIMEOUT.name} gives the server more seconds."
    message = f"{asked} got no answer in time"
    return StoreUnreachableError(message, hint=hint if harmless else hint + _AMBIGUOUS)


def _connection_error(asked: str, error: Exception, was_sent: bool, harmless: bool) -> StoreUnreachableError:
    doubt = _AMBIGUOUS if was_sent and not harmless else ""
    reason = _innermost(error)
    message = f"{asked} lost the connection: {reason}" if was_sent else f"{asked} found no server: {reason}"
    return StoreUnreachableError(message, hint="Does the server run, and can this machine reach it?" + doubt)


def _never_arrived(error: RequestException) -> bool:
    """Whether no connection came about, so that the server cannot have seen the request."""
    from requests.exceptions import ConnectTimeout
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, ConnectTimeout) or isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def _innermost(error: BaseException) -> str:
    """The reason at the bottom of what urllib3 wraps several times, without the addresses of objects."""
    inner: object = error
    while True:
        args = getattr(inner, "args", ())
        deeper = getattr(inner, "reason", None)
        if not isinstance(deeper, BaseException):
            deeper = next((arg for arg in args if isinstance(arg, BaseException)), None)
        if deeper is None:
            break
        inner = deeper
    return _short(_OBJECT.sub("", str(inner)))


def _error_code(body: str) -> tuple[str, str]:
    answer = parse_object(body.encode()) or {}
    code = answer.get("error_code")
    return (code, str(answer.get("message", ""))) if isinstance(code, str) else ("", "")


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _short(text: str) -> str:
    """The beginning of a text on one line, safe to print."""
    line = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line[:SHOWN_LENGTH])
    return f"{shown}…" if len(line) > SHOWN_LENGTH else shown
