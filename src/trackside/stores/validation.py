"""What MLflow accepts as names, keys, values and numbers, checked before anything is written.

Nothing is shortened in silence: a text that is too long is refused with its length and the limit.
"""

from __future__ import annotations

import math
import numbers
import posixpath
import re
from collections.abc import Iterable, Mapping

from trackside.entities import Metric
from trackside.errors import InvalidValueError, ParamChangedError

MAX_KEY_LENGTH = 250
MAX_PARAM_LENGTH = 6000
MAX_TAG_LENGTH = 8000
MAX_EXPERIMENT_NAME_LENGTH = 500
MAX_EXPERIMENT_TAG_LENGTH = 20000
RUN_NAME_TAG = "mlflow.runName"
"""The tag that holds a run's name a second time."""
LARGEST_FLOAT = 1.7976931348623157e308
"""How the schema stores infinity, which its columns cannot hold."""

_KEY = re.compile(r"[/\w.\- :]+")
_INT64 = 2**63


def check_key(kind: str, key: str) -> None:
    """Refuse a key that MLflow would refuse. ``kind`` says whose key it is, such as ``metric``."""
    if not isinstance(key, str) or not key:
        raise InvalidValueError(f"a {kind} needs a key, got {key!r}")
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidValueError(f"{kind} key {short(key)} has {len(key)} characters; the limit is {MAX_KEY_LENGTH}")
    if not _KEY.fullmatch(key):
        raise InvalidValueError(
            f"{kind} key {short(key)} has a character that is not allowed",
            hint="Keys may hold letters, digits, underscores, dashes, periods, colons, slashes and spaces.",
        )
    if _is_odd_path(key):
        raise InvalidValueError(
            f"{kind} key {short(key)} reads like the path {posixpath.normpath(key)!r}",
            hint="Keys may hold slashes, but not begin or end with one, and no empty, `.` or `..` parts.",
        )


def check_text(what: str, value: str, limit: int) -> None:
    """Refuse a value that is no text or has more than ``limit`` characters. ``what`` names its owner in messages."""
    if not isinstance(value, str):
        raise InvalidValueError(f"the value of {what} must be text, got {type(value).__name__} {short(value)}")
    if len(value) > limit:
        raise InvalidValueError(
            f"the value of {what} has {len(value)} characters; the limit is {limit}",
            hint="Keep long text as an artifact: log_text(text, 'name.txt').",
        )


def check_tags(tags: Mapping[str, str], limit: int, *, kind: str = "tag") -> None:
    """Refuse tags whose keys or values MLflow would refuse."""
    for key, value in tags.items():
        check_key(kind, key)
        check_text(f"{kind} {key!r}", value, limit)


def check_experiment_name(name: str) -> None:
    """Refuse a name that no experiment may have."""
    if not isinstance(name, str) or not name:
        raise InvalidValueError(f"an experiment needs a name, got {name!r}")
    if len(name) > MAX_EXPERIMENT_NAME_LENGTH:
        raise InvalidValueError(
            f"experiment name {short(name)} has {len(name)} characters; the limit is {MAX_EXPERIMENT_NAME_LENGTH}"
        )


def check_run_name(name: str, limit: int) -> None:
    """Refuse a name that no run may have. It is kept as a tag too, so a tag's limit holds for it."""
    if not isinstance(name, str) or not name:
        raise InvalidValueError(f"a run needs a name, got {name!r}")
    if len(name) > limit:
        raise InvalidValueError(f"run name {short(name)} has {len(name)} characters; the limit is {limit}")


def not_unicode(error: UnicodeEncodeError) -> InvalidValueError:
    """The error for a text with half a character in it, which nothing can store."""
    return InvalidValueError(f"the text {short(error.object)} cannot be stored: it is not valid Unicode")


def name_taken(name: str, experiment_id: str, *, deleted: bool) -> InvalidValueError:
    """The error for an experiment's name that another experiment has."""
    if not deleted:
        message = f"there is an experiment named {short(name)} already (id {experiment_id})"
        return InvalidValueError(message, hint="Choose another name.")
    return InvalidValueError(
        f"there is a deleted experiment named {short(name)} already (id {experiment_id})",
        hint=f"Restore experiment {experiment_id} or choose another name.",
    )


def param_changed(run_id: str, key: str, old: str, new: str) -> ParamChangedError:
    """The error for a param that has another value already."""
    return ParamChangedError(
        f"param {key!r} of run {run_id} is {short(old)} already and cannot become {short(new)}",
        hint="Params keep their first value. Log this one under another key, or in a new run.",
    )


def agreed_run_name(name: str, tags: Mapping[str, str]) -> str:
    """The name of a new run. Raises InvalidValueError where its tags name it otherwise."""
    tagged = tags.get(RUN_NAME_TAG, name)
    if tagged != name:
        raise InvalidValueError(
            f"the run is named {short(name)}, but its tag {RUN_NAME_TAG} says {short(tagged)}",
            hint="Give only one of the two.",
        )
    return name


def checked_metrics(metrics: Iterable[Metric], known_keys: set[str] | None = None) -> list[Metric]:
    """The points with plain ``float`` and ``int`` in them.

    Args:
        metrics: The points.
        known_keys: Keys that were checked before; those of these points are added.

    Raises:
        InvalidValueError: A key or number is not acceptable.
    """
    known = set() if known_keys is None else known_keys
    checked = []
    for metric in metrics:
        if metric.key not in known:
            check_key("metric", metric.key)
            known.add(metric.key)
        checked.append(metric if _is_plain(metric) else _made_plain(metric))
    return checked


def stored_number(value: float) -> tuple[float, int]:
    """A metric's value as the columns ``value`` and ``is_nan`` hold it."""
    if math.isfinite(value):
        return value, 0
    if math.isnan(value):
        return 0.0, 1
    return math.copysign(LARGEST_FLOAT, value), 0


def read_number(value: float, is_nan: int) -> float:
    """The value that ``stored_number`` turned into these columns."""
    if is_nan:
        return math.nan
    return value if -LARGEST_FLOAT < value < LARGEST_FLOAT else math.copysign(math.inf, value)


def short(value: object, length: int = 60) -> str:
    """The value as it is shown in messages: quoted, cut where it is long."""
    text = repr(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _is_odd_path(key: str) -> bool:
    normal = posixpath.normpath(key)
    return normal != key or normal == "." or normal.startswith(("..", "/"))


def _is_plain(metric: Metric) -> bool:
    return (
        type(metric.value) is float
        and type(metric.step) is int
        and type(metric.timestamp) is int
        and 0 <= metric.timestamp < _INT64
        and -_INT64 <= metric.step < _INT64
    )


def _made_plain(metric: Metric) -> Metric:
    return Metric(
        metric.key,
        _number(metric),
        _integer(metric, "timestamp", 0),
        _integer(metric, "step", -_INT64),
    )


def _number(metric: Metric) -> float:
    value: object = metric.value
    if isinstance(value, numbers.Number) and not isinstance(value, bool):
        try:
            return float(value)  # type: ignore[arg-type]  # what has no float raises
        except (TypeError, OverflowError):
            pass
    raise InvalidValueError(
        f"metric {metric.key!r} must be a number that fits 64-bit floating point, got {type(value).__name__} "
        f"{short(value)}"
    )


def _integer(metric: Metric, field: str, least: int) -> int:
    value: object = getattr(metric, field)
    if isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value):
        whole: int = int(value)  # type: ignore[call-overload]  # every number of this kind has it
        if least <= whole < _INT64:
            return whole
    bound = f"from {least} to {_INT64 - 1}"
    raise InvalidValueError(f"the {field} of metric {metric.key!r} must be a whole number {bound}, got {short(value)}")
