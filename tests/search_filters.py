"""Random filters and orders that fit the databases of ``search_world``: in our language, and in MLflow's."""

from __future__ import annotations

from hypothesis import strategies as st

from .search_world import DATASETS, METRICS, PARAMS, TAGS, TEXTS

NUMBERS = ("0", "1", "-1", "0.5", ".5", "1e300", "1e400", "-1e400", "0.001", "2", "3", "1.", "1e-3")
LOOSE_NUMBERS = ("0.5", "1", "1e400", "-1", "9007199254740993", "12345678901234567890", "0", "5", "7", "10.0")
TIMES = ("0", "1", "5", "1000", "86400000", "1700000000000", "1.5", "-1")
WORDS = ("FINISHED", "RUNNING", "ada", "ADA", "bob", "digest0", "DIGEST1", "training", "eval", "/a/ada/%", "f%", "_da")
SIGNS = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
TEXT_SIGNS = st.sampled_from(("=", "!=", "LIKE", "ILIKE", "like", "iLike"))
PLAIN_TEXTS = tuple(text for text in (*TEXTS, *DATASETS, *WORDS) if not text.endswith("\\"))


def _key(keys: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from((*keys, "nope")).map(lambda key: f'"{key}"' if "'" in key else f"`{key}`")


def quoted(text: str) -> str:
    """The text in MLflow's quotes, or behind an E where those cannot hold it safely among others."""
    if "\\" in text or "'" in text:
        return "E'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f"'{text}'"


@st.composite
def _patterns(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(PLAIN_TEXTS))
    cut, gap = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    return text[:cut] + draw(st.sampled_from(("%", "_", "", "%%"))) + text[gap:]


TEXT_VALUES = st.sampled_from((*TEXTS, *DATASETS, *WORDS)) | _patterns()
METRIC_FIELDS = st.builds(lambda kind, key: f"{kind}.{key}", st.sampled_from(("metrics", "metric")), _key(METRICS))
EXTREME_FIELDS = st.builds("{}({})".format, st.sampled_from(("MIN", "MAX", "LATEST")), METRIC_FIELDS)
PARAM_FIELDS = st.builds("{}.{}".format, st.sampled_from(("params", "parameter")), _key(PARAMS))
TAG_FIELDS = st.builds("{}.{}".format, st.sampled_from(("tags", "tag")), _key(TAGS))
LOOSE_FIELDS = PARAM_FIELDS | TAG_FIELDS
TEXT_ATTRIBUTES = st.sampled_from(
    ("run_name", "status", "attributes.user_id", "artifact_uri", "run_id", "run.`Run Name`")
)
TIME_ATTRIBUTES = st.sampled_from(("start_time", "end_time", "created", "attr.Created"))
OUR_NUMBERS = st.sampled_from(("duration", "models", "ended"))
DATASET_FIELDS = st.sampled_from(("dataset.name", "datasets.digest", "dataset.context"))
NUMBER_FIELDS = METRIC_FIELDS | EXTREME_FIELDS
ANY_FIELD = NUMBER_FIELDS | LOOSE_FIELDS | TEXT_ATTRIBUTES | TIME_ATTRIBUTES | OUR_NUMBERS | DATASET_FIELDS


def compared(
    fields: st.SearchStrategy[str], signs: st.SearchStrategy[str], values: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, fields, signs, values)


def listed(fields: st.SearchStrategy[str], values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lists = st.lists(values, min_size=1, max_size=12).map(", ".join)
    return st.builds("{} {} ({})".format, fields, st.sampled_from(("IN", "NOT IN")), lists)


ALL_TEXT_SIGNS = TEXT_SIGNS | st.sampled_from(("NOT LIKE", "NOT ILIKE"))
OUR_LEAVES = st.one_of(
    compared(NUMBER_FIELDS, SIGNS, st.sampled_from(NUMBERS)),
    compared(LOOSE_FIELDS, SIGNS, st.sampled_from(LOOSE_NUMBERS)),
    compared(LOOSE_FIELDS | TEXT_ATTRIBUTES | DATASET_FIELDS, ALL_TEXT_SIGNS, TEXT_VALUES.map(quoted)),
    compared(TIME_ATTRIBUTES | OUR_NUMBERS, SIGNS, st.sampled_from(TIMES)),
    compared(TIME_ATTRIBUTES, SIGNS, st.sampled_from(("'1970-01-01'", "'1970-01-01 00:00Z'", "-1d"))),
    listed(NUMBER_FIELDS, st.sampled_from(NUMBERS)),
    listed(LOOSE_FIELDS, st.sampled_from(LOOSE_NUMBERS) | TEXT_VALUES.map(quoted)),
    listed(TEXT_ATTRIBUTES | DATASET_FIELDS, TEXT_VALUES.map(quoted)),
    listed(TIME_ATTRIBUTES | OUR_NUMBERS, st.sampled_from(TIMES)),
    st.builds("{} {}".format, ANY_FIELD, st.sampled_from(("IS NULL", "IS NOT NULL"))),
)

EXTREME_LEAVES = st.one_of(
    compared(EXTREME_FIELDS, SIGNS, st.sampled_from(NUMBERS)),
    listed(EXTREME_FIELDS, st.sampled_from(NUMBERS)),
    st.builds("{} {}".format, EXTREME_FIELDS, st.sampled_from(("IS NULL", "IS NOT NULL"))),
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=3)
    joined = st.builds(lambda word, parts: f"({word.join(parts)})", st.sampled_from((" AND ", " OR ")), several)
    return joined | inner.map("NOT {}".format)


OUR_FILTERS = st.recursive(OUR_LEAVES, nested, max_leaves=6)
ORDER_FIELDS = st.one_of(METRIC_FIELDS, METRIC_FIELDS, PARAM_FIELDS, TAG_FIELDS, TIME_ATTRIBUTES)
ATTRIBUTE_STEPS = st.sampled_from(("run_id", "run_name", "status", "user_id", "artifact_uri"))
DIRECTIONS = st.sampled_from(("", " ASC", " DESC", " desc"))


def _orders(fields: st.SearchStrategy[str]) -> st.SearchStrategy[list[str]]:
    steps = st.builds("{}{}".format, fields, DIRECTIONS)
    return st.lists(steps, max_size=3, unique_by=_ordered_by)


def _ordered_by(step: str) -> str:
    name = step.rpartition(" ")[0] if step.rpartition(" ")[2].lower() in ("asc", "desc") else step
    name = name.replace("metrics.", "metric.").replace("LATEST(metric.", "(metric.").strip("()")
    name = (
        name.replace("params.", "parameter.").replace("tags.", "tag.").replace("attr.", "").replace("ended", "end_time")
    )
    return name.lower().replace("created", "start_time") if "." not in name else name


OUR_ORDERS = _orders(ORDER_FIELDS | ATTRIBUTE_STEPS | EXTREME_FIELDS | OUR_NUMBERS)

# What MLflow takes


def mlflow_quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


MLFLOW_TEXTS = (
    (st.sampled_from(PLAIN_TEXTS) | _patterns())
    .filter(lambda text: not ("'" in text and '"' in text))
    .map(mlflow_quoted)
)
LIST_TEXTS = st.sampled_from((*DATASETS, "training", "digest0", "0" * 32)).map(repr)
MLFLOW_LEAVES = st.one_of(
    compared(METRIC_FIELDS, SIGNS, st.sampled_from(NUMBERS)),
    compared(METRIC_FIELDS, SIGNS, st.sampled_from(NUMBERS)),
    compared(LOOSE_FIELDS | TEXT_ATTRIBUTES | DATASET_FIELDS, TEXT_SIGNS, MLFLOW_TEXTS),
    compared(LOOSE_FIELDS, TEXT_SIGNS, MLFLOW_TEXTS),
    compared(TIME_ATTRIBUTES, SIGNS, st.sampled_from(TIMES)),
    listed(DATASET_FIELDS | st.just("run_id"), LIST_TEXTS),
    st.builds("{} {}".format, LOOSE_FIELDS, st.sampled_from(("IS NULL", "IS NOT NULL"))),
)
MLFLOW_FILTERS = st.builds(
    lambda parts, joint: joint.join(parts),
    st.lists(MLFLOW_LEAVES, min_size=0, max_size=3),
    st.sampled_from((" AND ", " and ", " AND AND ", "\n AND ")),
)
MLFLOW_ORDERS = _orders(ORDER_FIELDS | ATTRIBUTE_STEPS)
