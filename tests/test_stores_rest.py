"""The store on a server: what it sends, how it takes bad answers, and that MLflow's own client reads the same."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from trackside.entities import Metric, Param, Run, RunStatus, Tag
from trackside.errors import (
    ExperimentNotFoundError,
    InvalidValueError,
    LifecycleError,
    NotAuthorizedError,
    ParamChangedError,
    RunNotFoundError,
    StoreBusyError,
    StoreRefusedError,
    StoreUnreachableError,
    TracksideError,
)
from trackside.stores import _wire
from trackside.stores._rest_search import equals_filter
from trackside.stores.base import RunQuery
from trackside.stores.journaled import JournaledStore
from trackside.stores.rest import RestStore
from trackside.stores.uri import open_store

from .servers import Answer, SmallServer

API = "/api/2.0/mlflow/"
RUN_ID = "a" * 32
RUN = {"info": {"run_id": RUN_ID, "experiment_id": "7", "status": "RUNNING", "lifecycle_stage": "active"}}
HOSTILE_BODIES = [b"<html>sign in", b"", b'{"run": {', b"[]", b'{"run": 1}', b'{"run": {"info": {}}}']


@pytest.fixture(autouse=True)
def _quick(no_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0")


@pytest.fixture
def scripted(small_server: SmallServer) -> Iterator[RestStore]:
    """A store on the server that answers what the test says."""
    store = RestStore(small_server.url)
    yield store
    store.close()


def refusal(code: str, message: str, status: int = 400) -> Answer:
    return Answer(status, {"error_code": code, "message": message})


def new_run(store: RestStore, experiment_id: str = "0", **changes: Any) -> Run:
    return store.create_run(experiment_id, **{"run_name": "otter", "user_id": "ada", "start_time": 1, **changes})


def test_an_address_opens_one_store_on_a_server() -> None:
    store = open_store("http://ada:pw@127.0.0.1:1/x/")
    assert isinstance(store, JournaledStore)
    assert isinstance(store.behind, RestStore)
    assert open_store("http://ada:pw@127.0.0.1:1/x") is store
    assert store.uri == "http://127.0.0.1:1/x"
    assert "pw" not in repr(store)


# Refusals


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal("RESOURCE_DOES_NOT_EXIST", "Run with id=aa not found", 404), RunNotFoundError),
        (
            refusal("INVALID_PARAMETER_VALUE", "The run a must be in the 'active' state. Current state is"),
            LifecycleError,
        ),
        (refusal("INVALID_PARAMETER_VALUE", "Changing param values is not allowed."), ParamChangedError),
        (refusal("INVALID_PARAMETER_VALUE", "Something else"), InvalidValueError),
        (refusal("PERMISSION_DENIED", "no", 403), NotAuthorizedError),
        (refusal("TEMPORARILY_UNAVAILABLE", "later", 503), StoreBusyError),
        (refusal("FEATURE_DISABLED", "off"), StoreRefusedError),
    ],
)
def test_a_refusal_becomes_the_error_that_every_store_raises(
    small_server: SmallServer, scripted: RestStore, answer: Answer, kind: type[TracksideError]
) -> None:
    small_server.answers[f"{API}runs/log-batch"] = [answer]
    with pytest.raises(kind) as failure:
        scripted.log_batch(RUN_ID, params=[Param("lr", "1")])
    assert type(failure.value) is kind
    assert f"{small_server.url}{API}runs/log-batch" in failure.value.message


def test_a_changed_param_is_named_with_both_values(small_server: SmallServer, scripted: RestStore) -> None:
    """R1.4: in the words of the other stores, although the server has its own."""
    message = "Changing param values is not allowed. Params were already logged='[{'key': 'lr', 'old_value': '1', "
    small_server.answers[f"{API}runs/log-batch"] = [
        refusal("INVALID_PARAMETER_VALUE", f"{message}'new_value': '2'}}, {{'key': 'x', ...")
    ]
    with pytest.raises(ParamChangedError, match=r"^param 'lr' of run 'a+' is '1' already and cannot become '2'"):
        scripted.log_batch(RUN_ID, params=[Param("lr", "2")])


@pytest.mark.parametrize("body", HOSTILE_BODIES)
def test_an_answer_that_is_no_run_is_an_error_that_shows_it(
    small_server: SmallServer, scripted: RestStore, body: bytes
) -> None:
    small_server.answers[f"{API}runs/get"] = [Answer(200, body)]
    with pytest.raises(StoreUnreachableError, match=r"no tracking server sends|a web page") as failure:
        scripted.get_run(RUN_ID)
    assert failure.value.hint


@pytest.mark.parametrize(
    "answer", [Answer(500, b"oh"), Answer(429, b"", {"Retry-After": "0"}), Answer(502, b"<html>"), Answer(never=True)]
)
def test_every_call_survives_a_server_that_fails_once(
    small_server: SmallServer, scripted: RestStore, answer: Answer
) -> None:
    """R2.5: passing faults are not seen by the user."""
    fine: dict[str, object] = {
        "runs/get": {"run": RUN},
        "runs/search": {"runs": [RUN]},
        "runs/update": {},
        "runs/log-batch": {},
        "runs/delete": {},
        "experiments/search": {},
        "metrics/get-history": {},
    }
    small_server.answers = {API + path: [answer, Answer(200, body)] for path, body in fine.items()}
    assert scripted.get_run(RUN_ID).info.experiment_id == "7"
    assert len(scripted.search_runs(RunQuery(("7",)))) == 1
    scripted.update_run(RUN_ID, status=RunStatus.FINISHED)
    scripted.log_batch(RUN_ID, metrics=[Metric("loss", 1.0, 1)])
    scripted.delete_run(RUN_ID)
    assert scripted.list_experiments() == ()
    assert scripted.metric_history(RUN_ID, "loss") == ()


def test_no_run_is_made_twice(small_server: SmallServer, scripted: RestStore) -> None:
    small_server.answers[f"{API}runs/create"] = [Answer(never=True), Answer(200, {"run": RUN})]
    with pytest.raises(StoreUnreachableError, match="lost the connection") as failure:
        new_run(scripted)
    assert "look before you ask again" in failure.value.hint
    assert len(small_server.requests) == 1


def test_an_experiment_that_is_in_the_trash_already_is_no_error(small_server: SmallServer, scripted: RestStore) -> None:
    gone = refusal("RESOURCE_DOES_NOT_EXIST", "No Experiment with id=7 exists", 404)
    deleted = {"experiment_id": "7", "name": "wine", "lifecycle_stage": "deleted"}
    small_server.answers[f"{API}experiments/delete"] = [gone]
    small_server.answers[f"{API}experiments/restore"] = [gone]
    small_server.answers[f"{API}experiments/get"] = [Answer(200, {"experiment": deleted})]
    scripted.delete_experiment("7")
    with pytest.raises(ExperimentNotFoundError):
        scripted.restore_experiment("7")


def test_an_experiment_of_a_similar_name_is_another(small_server: SmallServer, scripted: RestStore) -> None:
    """Some databases compare text without regard to case."""
    small_server.answers[f"{API}experiments/get-by-name"] = [
        Answer(200, {"experiment": {"experiment_id": "1", "name": "WINE"}})
    ]
    assert scripted.find_experiment("wine") is None


def test_ids_that_are_none_find_nothing(small_server: SmallServer, scripted: RestStore) -> None:
    assert len(scripted.search_runs(RunQuery(("no-number", "")))) == 0
    assert scripted.count_runs(RunQuery(("no-number", ""))) == 0
    assert small_server.requests == []


def test_a_store_needs_no_client_before_it_is_used() -> None:
    script = (
        "import sys, trackside.stores.uri as uri\n"
        "uri.open_store('http://127.0.0.1:1')\n"
        "assert 'trackside.stores.rest' in sys.modules\n"
        "assert not {'requests', 'urllib3', 'fsspec'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=240)


# What travels


def test_numbers_that_json_has_not_travel_as_text(small_server: SmallServer, scripted: RestStore) -> None:
    """R1.5: NaN and ±inf survive the round trip."""
    small_server.answers[f"{API}runs/log-batch"] = [Answer()]
    values = [math.nan, math.inf, -math.inf, 0.1]
    scripted.log_batch(RUN_ID, metrics=[Metric("m", value, 5, step) for step, value in enumerate(values)])
    sent = small_server.requests[0].json["metrics"]
    assert [point["value"] for point in sent] == ["NaN", "Infinity", "-Infinity", 0.1]
    assert sent[3] == {"key": "m", "value": 0.1, "timestamp": 5, "step": 3}
    points = [{"key": "m", "value": value, "timestamp": "5"} for value in ("NaN", 1.7976931348623157e308, "-Infinity")]
    small_server.answers[f"{API}metrics/get-history"] = [Answer(200, {"metrics": points})]
    assert sorted(str(point.value) for point in scripted.metric_history(RUN_ID, "m")) == ["-inf", "inf", "nan"]


def test_an_old_servers_run_is_read(small_server: SmallServer, scripted: RestStore) -> None:
    """Numbers as text, `run_uuid`, no name, no user."""
    info = {"run_uuid": RUN_ID, "experiment_id": 7, "status": "FINISHED", "start_time": "5", "end_time": "9"}
    run = {"info": info, "data": {"tags": [{"key": "mlflow.runName", "value": "otter"}]}}
    small_server.answers[f"{API}runs/get"] = [Answer(200, {"run": run})]
    read = scripted.get_run(RUN_ID).info
    assert (read.run_id, read.experiment_id, read.run_name) == (RUN_ID, "7", "otter")
    assert (read.start_time, read.end_time, read.user_id) == (5, 9, "")


@pytest.mark.parametrize(
    ("metrics", "params", "tags", "sizes"),
    [
        (0, 0, 0, [(0, 0, 0)]),
        (1, 1, 1, [(1, 1, 1)]),
        (1000, 0, 0, [(1000, 0, 0)]),
        (1001, 0, 0, [(1000, 0, 0), (1, 0, 0)]),
        (0, 101, 0, [(0, 100, 0), (0, 1, 0)]),
        (0, 0, 250, [(0, 0, 100), (0, 0, 100), (0, 0, 50)]),
        (950, 60, 40, [(900, 60, 40), (50, 0, 0)]),
        (2500, 250, 10, [(0, 100, 0), (0, 100, 0), (940, 50, 10), (1000, 0, 0), (560, 0, 0)]),
    ],
)
def test_a_batch_is_cut_to_the_servers_limits(
    small_server: SmallServer,
    scripted: RestStore,
    metrics: int,
    params: int,
    tags: int,
    sizes: list[tuple[int, int, int]],
) -> None:
    small_server.answers[f"{API}runs/log-batch"] = [Answer()]
    scripted.log_batch(
        RUN_ID,
        metrics=[Metric("m", 1.0, number, number) for number in range(metrics)],
        params=[Param(f"p{number}", "v") for number in range(params)],
        tags=[Tag(f"t{number}", "v") for number in range(tags)],
    )
    sent = [request.json for request in small_server.requests]
    assert [tuple(len(body.get(kind, ())) for kind in ("metrics", "params", "tags")) for body in sent] == sizes
    assert {body["run_id"] for body in sent} == {RUN_ID}


@pytest.mark.parametrize("letter", ["x", "é", "🚀", "\n", "\0"])
def test_a_batch_stays_below_the_size_that_proxies_let_through(
    small_server: SmallServer, scripted: RestStore, letter: str
) -> None:
    small_server.answers[f"{API}runs/log-batch"] = [Answer()]
    params = [Param(f"p{number}", letter * 6000) for number in range(100)]
    scripted.log_batch(RUN_ID, params=params, tags=[Tag(f"t{n}", letter * 8000) for n in range(100)])
    assert max(len(request.body) for request in small_server.requests) <= _wire.MAX_BYTES + 1000
    assert sum(len(request.json.get("params", ())) for request in small_server.requests) == 100
    assert sum(len(request.json.get("tags", ())) for request in small_server.requests) == 100


def test_a_param_that_has_changed_is_refused_before_anything_is_sent_after_it(
    small_server: SmallServer, scripted: RestStore
) -> None:
    small_server.answers[f"{API}runs/log-batch"] = [refusal("INVALID_PARAMETER_VALUE", "Changing param values is not")]
    with pytest.raises(ParamChangedError):
        scripted.log_batch(
            RUN_ID,
            metrics=[Metric("m", 1.0, step, step) for step in range(5000)],
            params=[Param(f"p{number}", "v") for number in range(100)],
        )
    assert len(small_server.requests) == 1


@pytest.mark.parametrize("value", ["plain", "it's", 'say "so"', "tags.`a` = 'b'", "a AND b", "100%", "ü🚀", "-- x", ""])
def test_a_tag_is_searched_on_the_server_where_its_value_can_be_quoted(value: str) -> None:
    text = equals_filter("trackside.notebook.id", value)
    assert text is not None
    assert text.startswith("tags.`trackside.notebook.id` = ")
    assert text[31:-1].strip("'\"") == value.strip("'\"")


@pytest.mark.parametrize(
    ("key", "value"), [("k", 'it\'s "so"'), ("k", "C:\\a\\"), ("k", "a\nb"), ("k", " a"), ("`k", "a")]
)
def test_a_tag_that_cannot_be_quoted_is_searched_here(
    small_server: SmallServer, scripted: RestStore, key: str, value: str
) -> None:
    assert equals_filter(key, value) is None
    items = [
        {"experiment_id": str(number), "name": str(number), "tags": [{"key": key, "value": text}], "creation_time": 9}
        for number, text in enumerate([value, "other", value])
    ]
    pages = [{"experiments": items[:1], "next_page_token": "more"}, {"experiments": items[1:]}]
    small_server.answers[f"{API}experiments/search"] = [Answer(200, page) for page in pages]
    assert [found.experiment_id for found in scripted.find_experiments_by_tag(key, value)] == ["0", "2"]
    assert small_server.requests[1].json["page_token"] == "more"


def test_a_server_that_finds_too_much_is_corrected(small_server: SmallServer, scripted: RestStore) -> None:
    """Some databases compare text without regard to case."""
    items = [{"experiment_id": "1", "name": "x", "tags": [{"key": "k", "value": "WINE"}]}]
    small_server.answers[f"{API}experiments/search"] = [Answer(200, {"experiments": items})]
    assert scripted.find_experiments_by_tag("k", "wine") == ()


def test_a_long_history_comes_in_pages(small_server: SmallServer, scripted: RestStore) -> None:
    points = [{"key": "m", "value": 1.0, "timestamp": 1, "step": step} for step in (2, 1, 0)]
    pages = [{"metrics": points[:2], "next_page_token": "t"}, {"metrics": points[2:], "next_page_token": "t"}]
    small_server.answers[f"{API}metrics/get-history"] = [Answer(200, page) for page in pages]
    assert [point.step for point in scripted.metric_history(RUN_ID, "m")] == [0, 1, 2]
    assert [request.query.get("page_token") for request in small_server.requests] == [None, "t"]
