"""The folder of a clone and the notebook in it, and all that can be wrong with either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trackside.cli import main
from trackside.errors import InvalidValueError, NotFoundError, StoreReadOnlyError, TracksideError
from trackside.reproducing.clone import propose_folder, require_folder
from trackside.reproducing.plan import EnvironmentWay, make_plan
from trackside.reproducing.progress import Progress
from trackside.reproducing.reproduction import Options, Reproduction, read_tolerances, reproduce_run
from trackside.settings import FOLDER_FILE
from trackside.tracking.revisions import notebook_name

from .permissions import as_anybody
from .repositories import commit_all
from .reproducing_world import make_notebook, make_record, make_run, places

if TYPE_CHECKING:
    from trackside.stores.base import Store

__all__ = ["places"]

ONLY_NOTEBOOK = Options(environment=False)


def clone(store: Store, run_id: str, options: Options = ONLY_NOTEBOOK) -> Reproduction:
    return reproduce_run(store, store.get_run(run_id), options, Progress())


def test_the_clone_is_the_revision_with_a_link_to_its_run(workspace: Path) -> None:
    """R7.1, R7.2: only the notebook where the environment is unticked; its identity and its traces stay behind."""
    files = {"notebook/lib/own.py": b"x = 1\n", "notebook/changes.patch": b"diff"}
    store, run = make_run(name="first/../run", files=files)
    done = clone(store, run.info.run_id)
    assert done.folder == workspace / "train-first-..-run"
    notebook = json.loads(done.notebook.read_text())
    assert [cell["source"] for cell in notebook["cells"]] == ["print(1)"]
    assert notebook["cells"][0]["metadata"] == {}
    origin = notebook["metadata"]["trackside"]["reproduces"]
    assert notebook["metadata"]["trackside"].keys() == {"reproduces"}
    assert origin["run_id"] == run.info.run_id
    assert origin["revision"] == run.data.tags["trackside.revision.sha256"]
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert (done.folder / "lib/own.py").read_bytes() == b"x = 1\n"
    assert (done.folder / "changes.patch").is_file()
    assert clone(store, run.info.run_id).folder == workspace / "train-first-..-run-2"
    assert not list(workspace.glob(".trackside-*"))


def test_a_file_that_a_starting_kernel_would_run_is_written_only_if_somebody_agrees(
    workspace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Safety: a kernel looks for packages in its own folder first, but for Python's own modules elsewhere."""
    names = [
        "psutil.py",
        "traitlets/__init__.py",
        "traitlets/config.py",
        "trackside.py",
        "requests/data.csv",
        "json.py",
    ]
    store, run = make_run(files={f"notebook/{name}": b"boom" for name in names})
    shadows = ["psutil.py", "trackside.py", "traitlets/__init__.py", "traitlets/config.py"]
    assert list(make_plan(store, run).shadows) == shadows
    done = clone(store, run.info.run_id)
    assert list(done.left_out) == shadows
    assert {path.name for path in done.folder.rglob("*.*")} == {"train.ipynb", "data.csv", "json.py", FOLDER_FILE}
    assert json.loads(done.notebook.read_text())["metadata"]["trackside"]["reproduces"]["left_out"] == shadows
    options = Options(environment=False, allowed=["psutil.py"])
    agreed = clone(store, run.info.run_id, options)
    assert (agreed.folder / "psutil.py").read_bytes() == b"boom"
    assert not (agreed.folder / "trackside.py").exists()
    assert main(["reproduce", run.info.run_id, "--no-environment", "--to", "all", "--allow", "all"]) == 0
    assert (workspace / "all" / "trackside.py").is_file()
    assert main(["reproduce", run.info.run_id, "--no-environment", "--to", "none"]) == 0
    assert "left out: psutil.py (it is called like an installed package" in capsys.readouterr().err


def test_what_a_killed_process_left_of_a_clone_is_removed(workspace: Path) -> None:
    """R7.2: nothing half-made stays after a killed kernel; what another process writes now does."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    left, mine = workspace / f".trackside-clone-{ended.pid}-x", workspace / f".trackside-clone-{os.getpid()}-x"
    left.mkdir()
    mine.mkdir()
    store, run = make_run()
    clone(store, run.info.run_id)
    assert [path.name for path in workspace.glob(".trackside-*")] == [mine.name]


@pytest.mark.parametrize("name", ["..", "a\\..\\b.ipynb", "x.py", "C:evil.ipynb", ".hidden.ipynb"])
def test_a_hostile_name_of_a_notebook_is_not_used(name: str) -> None:
    """R7.2: paths cannot leave the chosen folder."""
    assert notebook_name(f"notebook/{name}", "notebook.ipynb") == "notebook.ipynb"
    assert notebook_name("notebook/été 1.ipynb", "notebook.ipynb") == "été 1.ipynb"


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("a/b\\c:d", "train-a-b-c-d"),
        ("../../etc", "train-..-..-etc"),
        ("", "train"),
        ("x" * 300, f"train-{'x' * 74}"),
        ("été 🌲", "train-été-🌲"),
    ],
)
def test_a_hostile_name_of_a_run_stays_one_folder(tmp_path: Path, name: str, folder: str) -> None:
    """R7.2: paths cannot leave the chosen folder."""
    assert propose_folder(tmp_path, "train.ipynb", name) == tmp_path / folder


def test_the_folder_must_be_new_or_empty(workspace: Path) -> None:
    """R7.1: and nothing in it is touched."""
    store, run = make_run()
    (workspace / "full").mkdir()
    (workspace / "full/mine.txt").write_text("mine")
    (workspace / "empty").mkdir()
    (workspace / "file").write_text("")
    nowhere = ("a\0b", " ", "~no-such-user-of-trackside/x")
    for name, told in (("full", "not empty"), ("file", "is a file"), *((text, "is no folder") for text in nowhere)):
        with pytest.raises(InvalidValueError, match=told):
            require_folder(name)
    with pytest.raises(InvalidValueError, match="not empty"):
        clone(store, run.info.run_id, Options(folder=Path("full"), environment=False))
    assert [path.name for path in (workspace / "full").iterdir()] == ["mine.txt"]
    done = clone(store, run.info.run_id, Options(folder=Path("empty"), environment=False))
    assert done.notebook == workspace / "empty/train.ipynb"
    assert clone(store, run.info.run_id, Options(folder=Path("deep/er"), environment=False)).notebook.is_file()


def test_a_folder_that_cannot_be_written_is_said_before_anything_is_done(workspace: Path) -> None:
    """R7.2: no write permission."""
    store, run = make_run()
    (workspace / "locked").mkdir(mode=0o500)
    plan = as_anybody(lambda: make_plan(store, run, folder="locked/clone"))
    assert isinstance(plan.folder_fault, StoreReadOnlyError)
    options = Options(folder=Path("locked/clone"), environment=False)
    with pytest.raises(StoreReadOnlyError, match="cannot be written"):
        as_anybody(lambda: clone(store, run.info.run_id, options))
    (workspace / "locked").chmod(0o000)
    with pytest.raises(StoreReadOnlyError, match="cannot be written"):
        as_anybody(lambda: require_folder("locked/clone"))
    (workspace / "locked").chmod(0o700)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that nobody may write")
def test_a_folder_that_turns_out_not_to_be_writable_is_named(workspace: Path) -> None:
    """R7.2: whoever asks."""
    store, run = make_run()
    with pytest.raises(StoreReadOnlyError, match="/proc"):
        clone(store, run.info.run_id, Options(folder=Path("/proc/clone"), environment=False))


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_a_full_disk_leaves_nothing(workspace: Path, script_environment: dict[str, str]) -> None:
    """R7.2: the system refuses to write, in the middle of the notebook."""
    _, run = make_run(make_notebook("x = 1\n" * 50_000))
    program = (
        "import resource, sys, trackside\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"trackside.reproduce({run.info.run_id!r}, 'clone', environment=False)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=script_environment, capture_output=True, text=True, check=False
    )
    assert "StoreReadOnlyError" in done.stderr
    assert "Free some space" in done.stderr
    assert sorted(path.name for path in workspace.iterdir() if not path.name.startswith("ml")) == []


def test_a_damaged_revision_is_refused(workspace: Path) -> None:
    """R7.2: the hash does not match, or it is no notebook, or the file is gone."""
    store, run = make_run()
    artifacts = store.artifacts(run.info.run_id)
    artifacts.write_bytes("notebook/train.ipynb", json.dumps(make_notebook("hacked()")).encode())
    with pytest.raises(InvalidValueError, match="was changed"):
        clone(store, run.info.run_id)
    artifacts.write_bytes("notebook/train.ipynb", b"\xff{")
    with pytest.raises(InvalidValueError, match="damaged"):
        clone(store, run.info.run_id)
    assert not list(workspace.glob("train-*"))
    r_notebook = make_notebook("x <- 1")
    r_notebook["metadata"]["language_info"] = {"name": "R"}
    store, run = make_run(r_notebook)
    with pytest.raises(InvalidValueError, match="only Python"):
        clone(store, run.info.run_id)


def test_a_run_without_a_revision_offers_its_commit(workspace: Path) -> None:
    """R7.2: and says that the commit may not be what ran; without one it says what there is."""
    notebook = make_notebook("print('committed')")
    (workspace / "sub").mkdir()
    (workspace / "sub/old.ipynb").write_text(json.dumps(notebook))
    commit = commit_all(workspace)
    none = {"trackside.revision.path": "", "trackside.revision.sha256": ""}
    tags = {"mlflow.source.git.commit": commit, "mlflow.source.name": f"{workspace.name}/sub/old.ipynb", **none}
    store, run = make_run(tags=tags)
    plan = make_plan(store, run)
    assert (plan.notebook.is_commit, plan.notebook.version, plan.files) == (True, commit, ["old.ipynb"])
    with pytest.raises(NotFoundError, match="may not be what ran"):
        clone(store, run.info.run_id)
    done = clone(store, run.info.run_id, Options(environment=False, from_commit=True))
    made = json.loads(done.notebook.read_text())
    assert made["cells"][0]["source"] == "print('committed')"
    assert made["metadata"]["trackside"]["reproduces"]["commit"] == commit

    store, run = make_run(tags={**tags, "mlflow.source.git.commit": "0" * 40})
    with pytest.raises(NotFoundError, match="does not have"):
        clone(store, run.info.run_id)
    store, run = make_run(tags={"mlflow.source.name": "script.py", **none})
    with pytest.raises(NotFoundError, match=r"Its source is script\.py"):
        clone(store, run.info.run_id)


def test_local_modules_go_where_the_notebook_imports_them_from(workspace: Path) -> None:
    """R7.2: what was kept, also below folders on the path, and what the run left to its commit; all in the folder."""
    (workspace / "work/lib").mkdir(parents=True)
    (workspace / "work/lib/deep.py").write_text("deep = 1\n")
    (workspace / "top.py").write_text("top = 1\n")
    commit = commit_all(workspace)
    paths = ("work/lib/deep.py", "top.py", "../evil.py", "not/there.py")
    entries = [{"path": path, "content": "in the commit"} for path in paths]
    named = {"src/pack/__init__.py": "pack", "src/pack/part.py": "pack.part", "src/other.py": "renamed"}
    entries += [{"path": path, "name": name, "content": "kept"} for path, name in named.items()]
    manifest = json.dumps({"root": "repository", "commit": commit, "modules": [*entries, "damaged"]}).encode()
    files = {"notebook/modules.json": manifest, "notebook/modules/work/own.py": b"own = 1\n"}
    files |= {f"notebook/modules/{path}": b"x = 1\n" for path in named}
    store, run = make_run(tags={"trackside.notebook.path": "project/work/train.ipynb"}, files=files)
    by_name = ["pack/__init__.py", "pack/part.py", "src/other.py"]
    assert make_plan(store, run).files == ["train.ipynb", "lib/deep.py", "own.py", *by_name, "top.py"]
    folder = clone(store, run.info.run_id).folder
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.py")}
    own = {"lib/deep.py": "deep = 1\n", "own.py": "own = 1\n", "top.py": "top = 1\n"}
    assert found == own | dict.fromkeys(by_name, "x = 1\n")


def test_a_large_notebook_is_cloned_whole(workspace: Path) -> None:
    """R7.2: 5,000 cells and 50 MB of attachments."""
    notebook = make_notebook(*(f"x = {number}" for number in range(5000)))
    picture = {"image/png": "A" * 50_000_000}
    notebook["cells"].append(
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "![](p)", "attachments": {"p": picture}}
    )
    store, run = make_run(notebook)
    done = clone(store, run.info.run_id)
    made = json.loads(done.notebook.read_text())
    assert len(made["cells"]) == 5001
    assert len(made["cells"][-1]["attachments"]["p"]["image/png"]) == 50_000_000


def test_a_run_that_recorded_no_environment_is_cloned_onto_the_default_kernel(
    workspace: Path, places: tuple[Path, Path]
) -> None:
    """R7.2: and the plan says why."""
    store, run = make_run(requirements=None)
    plan = make_plan(store, run)
    assert (plan.way, plan.reason) == (EnvironmentWay.UNKNOWN, "the run recorded no environment")
    assert (
        json.loads(clone(store, run.info.run_id, Options()).notebook.read_text())["metadata"]["kernelspec"]["name"]
        == "python3"
    )


def test_an_environment_is_the_original_only_with_the_same_libraries(
    workspace: Path, places: tuple[Path, Path]
) -> None:
    """R7.2: the same interpreter with the same libraries needs no new environment; what differs is named."""
    here = {**make_record()["python"], "executable": sys.executable}
    from importlib.metadata import version

    entries = [{"name": "packaging", "version": version("packaging")}, {"name": "trackside", "version": "0.0.1"}]
    store, run = make_run(record=make_record(python=here, distributions=entries))
    plan = make_plan(store, run)
    assert plan.way is EnvironmentWay.ORIGINAL
    assert reproduce_run(store, run, Options(), Progress()).kernel.startswith("trackside-original-")
    for changed, told in (
        ([{"name": "packaging", "version": "1.0"}], "packaging is"),
        ([{"name": "no-such", "version": "1.0"}], "no-such is not there any more"),
        ([], "did not record its libraries"),
        ("damaged", "did not record its libraries"),
    ):
        store, run = make_run(record=make_record(python=here, distributions=changed))
        plan = make_plan(store, run)
        assert plan.way is not EnvironmentWay.ORIGINAL
        assert told in plan.reason
    store, run = make_run(record=make_record(python={**here, "version": "3.1.0"}))
    assert "the run had 3.1.0" in make_plan(store, run).reason


def test_tolerances_are_read_and_checked(workspace: Path) -> None:
    """R7.3: for all metrics, or for one."""
    assert read_tolerances([]) == (1e-6, {})
    assert read_tolerances(["1e-3", "val=loss=0.5"]) == (1e-3, {"val=loss": 0.5})
    for text in ("much", "loss=-1", "nan", "loss="):
        with pytest.raises(InvalidValueError):
            read_tolerances([text])
    store, run = make_run()
    for options in (Options(tolerance=float("nan")), Options(tolerances={"x": -1}), Options(without=("a b",))):
        with pytest.raises(TracksideError):
            reproduce_run(store, run, options, Progress())
