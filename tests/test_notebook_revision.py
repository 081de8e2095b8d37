"""Revisions: what is laid over what, what the hash covers, and notebooks that are broken."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackside.errors import InvalidValueError
from trackside.notebook import revision
from trackside.notebook.content import Content, Origin
from trackside.notebook.history import Execution

if TYPE_CHECKING:
    from trackside.notebook.revision import Revision


def code(source: str, cell_id: str | None = None, **metadata: Any) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "source": source, "metadata": metadata}
    return cell if cell_id is None else {**cell, "id": cell_id}


def ran(*cells: str | tuple[str, str], start: int = 1_700_000_000_000) -> list[Execution]:
    """Executions of sources, or of (cell id, source)."""
    pairs = [(None, cell) if isinstance(cell, str) else cell for cell in cells]
    return [Execution(number, source, cell_id, start + number) for number, (cell_id, source) in enumerate(pairs, 1)]


def build(cells: Sequence[dict[str, Any]], executions: Sequence[Execution] = (), **options: Any) -> Revision:
    content = Content(options.pop("origin", Origin.FILE), cells, options.pop("metadata", {}))
    built = revision.build(content, executions, **options)
    nbformat.validate(json.loads(built.text))
    assert revision.read(built.text, built.sha256).notebook == built.notebook
    return built


def shape(built: Revision) -> list[tuple[str, list[int]]]:
    return [
        (cell["source"], cell["metadata"].get("trackside", {}).get("execution_order", []))
        for cell in built.notebook["cells"]
    ]


def test_executed_sources_replace_the_cells_they_came_from() -> None:
    """R1.11: an edit after the execution is not what ran; one that ran is, though it was never saved."""
    built = build([code("on disk", "a"), code("never ran", "b")], ran(("a", "unsaved edit")))
    assert shape(built) == [("unsaved edit", [1]), ("never ran", [])]


def test_cells_stay_in_notebook_order_and_say_in_which_order_they_ran() -> None:
    built = build([code("x", "a"), code("y", "b")], ran(("b", "y"), ("a", "x"), ("b", "y")))
    assert shape(built) == [("x", [2]), ("y", [1, 3])]
    assert built.notebook["cells"][0]["metadata"]["trackside"]["executed_at"] == ["2023-11-14T22:13:20.002Z"]


def test_a_cell_that_ran_with_other_sources_before_keeps_them() -> None:
    """R1.11: a run that spans several cells may come from each of them; the latest 50 are kept."""
    built = build([code("x = 3", "a")], ran(("a", "x = 1"), ("a", "x = 2"), ("b", "y"), ("a", "x = 3"), ("a", "x = 3")))
    traces = [cell["metadata"]["trackside"] for cell in built.notebook["cells"]]
    assert traces[0]["execution_order"] == [1, 2, 4, 5]
    assert traces[0]["earlier_sources"] == {"1": "x = 1", "2": "x = 2"}
    assert "earlier_sources" not in traces[1]
    many = build([code("x", "a")], ran(*[("a", f"x = {number}") for number in range(60)]))
    kept = many.notebook["cells"][0]["metadata"]["trackside"]["earlier_sources"]
    assert list(kept) == [str(number) for number in range(10, 60)]


def test_cells_that_never_ran_carry_nothing_of_trackside() -> None:
    built = build(
        [code("x", "a", tags=["keep"]), {"cell_type": "markdown", "source": "# T", "metadata": {}, "id": "m"}]
    )
    assert [cell["metadata"] for cell in built.notebook["cells"]] == [{"tags": ["keep"]}, {}]


def test_a_deleted_cell_follows_the_cell_executed_before_it() -> None:
    cells = [code("x", "a"), code("y", "b")]
    built = build(cells, ran(("a", "x"), ("gone", "deleted 1"), ("gone2", "deleted 2"), ("b", "y"), ("gone", "again")))
    assert shape(built) == [("x", [1]), ("again", [2, 5]), ("deleted 2", [3]), ("y", [4])]
    marks = [cell["metadata"]["trackside"].get("not_in_notebook") for cell in built.notebook["cells"]]
    assert marks == [None, True, True, None]


def test_a_deleted_cell_that_ran_first_goes_to_the_top() -> None:
    assert shape(build([code("x", "a")], ran(("gone", "deleted"), ("a", "x")))) == [("deleted", [1]), ("x", [2])]


def test_without_ids_cells_are_found_by_source_in_order() -> None:
    """nbclient, papermill and consoles send no cell ids."""
    cells = [code("import x"), code("same"), code("between"), code("same")]
    built = build(cells, ran("import x", "same", "between", "same", "same"))
    assert shape(built) == [("import x", [1]), ("same", [2, 5]), ("between", [3]), ("same", [4])]


def test_line_ends_and_blank_ends_do_not_matter_to_finding_a_cell() -> None:
    assert shape(build([code("a = 1\r\nb = 2\n")], ran("a = 1\nb = 2"))) == [("a = 1\nb = 2", [1])]


def test_foreign_cell_ids_are_found_by_source_and_stay_one_cell() -> None:
    """VS Code's ids are addresses; the cell edited and run again is the same cell."""
    executions = ran(("vscode:W0", "x = 1"), ("vscode:W1", "y = 1"), ("vscode:W0", "x = 2"))
    assert shape(build([code("x = 1", "a"), code("y = 1", "b")], executions)) == [("x = 2", [1, 3]), ("y = 1", [2])]


def test_a_cell_run_before_trackside_was_loaded_is_the_same_cell_as_later_with_its_id() -> None:
    built = build([code("x = 1", "a")], [Execution(1, "x = 1"), *ran("", ("a", "x = 1"))[1:]])
    assert shape(built) == [("x = 1", [1, 2])]
    assert built.notebook["cells"][0]["metadata"]["trackside"]["executed_at"][0] is None


def test_a_deleted_cell_does_not_take_the_place_of_an_executed_twin() -> None:
    built = build([code("same", "a")], ran(("a", "same"), ("gone", "same")))
    assert shape(built) == [("same", [1]), ("same", [2])]
    assert len({cell["id"] for cell in built.notebook["cells"]}) == 2


def test_a_cell_turned_to_markdown_after_it_ran_keeps_both() -> None:
    markdown = {"cell_type": "markdown", "source": "# now text", "metadata": {}, "id": "a"}
    built = build([markdown], ran(("a", "was code")))
    assert [(cell["cell_type"], cell["source"]) for cell in built.notebook["cells"]] == [
        ("code", "was code"),
        ("markdown", "# now text"),
    ]


def test_without_a_notebook_the_history_is_the_revision() -> None:
    built = build([], ran("x = 1", "%ls", "x = 1"), origin=Origin.HISTORY)
    assert shape(built) == [("x = 1", [1]), ("%ls", [2]), ("x = 1", [3])]
    assert all("not_in_notebook" not in cell["metadata"]["trackside"] for cell in built.notebook["cells"])


def test_outputs_and_what_belongs_to_them_are_left_out() -> None:
    cell = {
        **code("x", "a", collapsed=True, execution={"iopub.status.busy": "t"}, tags=["keep"], trusted=True),
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "secret"}],
    }
    built = build([cell])
    assert built.notebook["cells"][0]["metadata"] == {"tags": ["keep"]}
    assert "secret" not in built.text


def test_attachments_of_text_cells_are_kept() -> None:
    cell = {
        "cell_type": "markdown",
        "source": "![](attachment:a.png)",
        "metadata": {},
        "attachments": {"a.png": {"image/png": "AAAA"}},
    }
    assert build([cell]).notebook["cells"][0]["attachments"] == {"a.png": {"image/png": "AAAA"}}


def test_the_notebooks_own_metadata_is_kept_and_ours_added() -> None:
    metadata = {
        "kernelspec": {"name": "conda-x", "display_name": "X"},
        "language_info": {"name": "python", "version": "3.12"},
        "title": "T",
        "widgets": {"big": 1},
        "trackside": {"id": "old"},
    }
    built = build([], metadata=metadata, path="sub/work.ipynb", notebook_id="new")
    assert built.file_name == "work.ipynb"
    assert built.notebook["metadata"] == {
        "kernelspec": {"name": "conda-x", "display_name": "X"},
        "language_info": {"name": "python", "version": "3.12"},
        "title": "T",
        "trackside": {"id": "new", "path": "sub/work.ipynb", "content": "file"},
    }


@pytest.mark.parametrize(
    ("path", "file_name"),
    [
        ("", "notebook.ipynb"),
        ("a/b.ipynb", "b.ipynb"),
        ("script.py", "script.ipynb"),
        ('bad<>:"|?*#%\n.ipynb', "bad__________.ipynb"),
        ("..", "...ipynb"),
        ("日本 語.ipynb", "日本 語.ipynb"),
    ],
)
def test_file_names_are_safe(path: str, file_name: str) -> None:
    assert build([], path=path).file_name == file_name


def test_the_hash_does_not_cover_times_and_places() -> None:
    """All runs of a sweep in one cell have one revision, also when the front end goes away in between."""
    cells = [code("x", "a")]
    first = build(cells, ran(("a", "x")), path="one.ipynb", notebook_id="1")
    second = build(cells, ran(("a", "x"), start=1_800_000_000_000), path="two.ipynb", origin=Origin.FRONT_END)
    assert first.sha256 == second.sha256
    assert first.text != second.text


def test_executing_a_cell_again_makes_another_revision_of_the_same_code() -> None:
    """R4.2: only code counts; neither which cells were executed, and how often, nor texts between them."""
    cells = [code("x = 1", "a"), {"cell_type": "markdown", "source": "# One", "metadata": {}}, code("fit(x)", "b")]
    other = [code("x = 1", "a"), code("fit(x)", "b"), code("", "c")]
    once, again = (build(cells, ran(*[("b", "fit(x)")] * times)) for times in (1, 2))
    assert once.sha256 != again.sha256
    assert once.code_sha256 == again.code_sha256 == build(other).code_sha256
    assert once.code_sha256 != build([code("x = 1"), code("fit(y)")]).code_sha256


@pytest.mark.parametrize(
    "changed",
    [
        {"cells": [code("y", "a")]},
        {"cells": [code("x", "b")]},
        {"cells": [code("x", "a", tags=["t"])]},
        {"cells": [code("x", "a"), code("", "b")]},
        {"executions": ran(("a", "x"))},
        {"metadata": {"kernelspec": {"name": "other", "display_name": "O"}}},
    ],
)
def test_the_hash_covers_everything_that_was_or_could_be_executed(changed: dict[str, Any]) -> None:
    before: dict[str, Any] = {"cells": [code("x", "a")], "executions": [], "metadata": {}}
    assert build(**before).sha256 != build(**{**before, **changed}).sha256


def test_the_hash_is_the_same_for_ever() -> None:
    """Hashes are stored with runs: a change of this text breaks every revision that was ever stored."""
    kernelspec = {"name": "p", "display_name": "P"}
    built = build([code("ä = 1", "a")], ran(("a", "ä = 1")), metadata={"kernelspec": kernelspec}, path="p.ipynb")
    canonical = (
        '{"cells":[{"cell_type":"code","id":"a","metadata":{"trackside":{"execution_order":[1]}},"source":"ä = 1"}],'
        '"metadata":{"kernelspec":{"display_name":"P","name":"p"},"language_info":{"name":"python"}},'
        '"nbformat":4,"nbformat_minor":5}'
    )
    assert built.sha256 == hashlib.sha256(canonical.encode()).hexdigest()


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("x = 1", "x = 2"),
        lambda text: text[:-20],
        lambda text: "[]",
        lambda text: "{}",
        lambda text: '{"cells": [1], "metadata": {}}',
        lambda text: "",
    ],
)
def test_a_damaged_revision_is_refused(damage: Any) -> None:
    built = build([code("x = 1", "a")])
    with pytest.raises(InvalidValueError, match="revision"):
        revision.read(damage(built.text), built.sha256)


def test_ids_that_are_missing_double_or_invalid_are_made_from_the_source() -> None:
    cells = [code("x"), code("x"), code("y", "twice"), code("z", "twice"), code("w", "not valid!"), code("v", "")]
    ids = [cell["id"] for cell in build(cells).notebook["cells"]]
    assert len(set(ids)) == 6
    assert ids[2] == "twice"
    assert ids == [cell["id"] for cell in build(cells).notebook["cells"]]


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": None, "language_info": "python"},
        {"kernelspec": {"name": "p"}},
        {"kernelspec": {"display_name": "P"}},
    ],
)
def test_metadata_that_the_format_refuses_is_replaced(metadata: dict[str, Any]) -> None:
    assert build([], metadata=metadata).notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_cells_of_unknown_type_become_raw() -> None:
    cell = {"cell_type": "heading", "source": "T", "metadata": {}}
    assert build([cell]).notebook["cells"][0]["cell_type"] == "raw"


def test_half_a_surrogate_pair_survives() -> None:
    built = build([code("x = '\ud83d'", "a")], ran(("a", "x = '\ud83d'")))
    built.text.encode()
    assert revision.read(built.text, built.sha256).notebook["cells"][0]["source"] == "x = '\ud83d'"


def test_text_in_any_script_is_stored_readably() -> None:
    assert "größer 数据 🙂" in build([code("größer 数据 🙂")]).text


def test_ten_thousand_executions_of_a_console_are_no_problem() -> None:
    assert len(build([code("x", "a")], ran(*(f"x = {n}" for n in range(10_000)))).notebook["cells"]) == 10_001


SOURCES = st.sampled_from(["a", "b", "c", "", "a\r\n", "\ud800"])
IDS = st.sampled_from([None, "1", "2", "3", "not valid!"])
CELLS = st.lists(st.tuples(IDS, SOURCES, st.sampled_from(["code", "markdown"])), max_size=6)
RUNS = st.lists(st.tuples(IDS, SOURCES), max_size=12)


@given(CELLS, RUNS)
def test_every_execution_is_in_exactly_one_cell_and_every_cell_of_the_notebook_stays(
    cells: list[tuple[str | None, str, str]], runs: list[tuple[str | None, str]]
) -> None:
    content = [{"cell_type": kind, "source": text, "metadata": {}, "id": key} for key, text, kind in cells]
    executions = [Execution(number, text, key, number) for number, (key, text) in enumerate(runs, 1)]
    built = revision.build(Content(Origin.FILE, content), executions)
    kept = [cell for cell in built.notebook["cells"] if not _traces(cell).get("not_in_notebook")]
    assert [cell["cell_type"] for cell in kept] == [kind for _, _, kind in cells]
    orders = [order for cell in built.notebook["cells"] for order in _traces(cell).get("execution_order", [])]
    assert sorted(orders) == list(range(1, len(runs) + 1))
    for cell in built.notebook["cells"]:
        if _traces(cell):
            assert cell["source"] == runs[_traces(cell)["execution_order"][-1] - 1][1]
    ids = [cell["id"] for cell in built.notebook["cells"]]
    assert len(set(ids)) == len(ids)


def _traces(cell: dict[str, Any]) -> dict[str, Any]:
    traces: dict[str, Any] = cell["metadata"].get("trackside", {})
    return traces
