"""The environment record: what is installed, and requirements that pip takes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from trackside.notebook import distributions, environment, hardware, requirements
from trackside.notebook.distributions import Distribution

from .repositories import commit_all


def install(site: Path, name: str, version: str, *, direct_url: Any = None, kind: str = "dist-info") -> Path:
    info = site / f"{name}-{version}.{kind}"
    info.mkdir(parents=True)
    metadata = info / ("METADATA" if kind == "dist-info" else "PKG-INFO")
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nVersion: not this\n")
    if direct_url is not None:
        (info / "direct_url.json").write_text(json.dumps(direct_url))
    return info


def scan(site: Path) -> dict[str, str]:
    return {found.name: found.version for found in distributions.scan([str(site)])}


def lines(*found: Distribution, **sources: str) -> list[str]:
    return requirements.write(found, heading="Python", sources=sources).splitlines()[1:]


def test_what_is_found_is_what_importlib_finds() -> None:
    """R1.10: every installed distribution with its exact version."""
    sites = distributions.find_sites()
    expected: dict[str, str] = {}
    for found in importlib.metadata.distributions(path=sites):
        expected.setdefault(distributions.normalise(found.name), found.version)
    assert {found.name: found.version for found in distributions.scan(sites)} == expected


def test_names_are_normalised_and_sorted(tmp_path: Path) -> None:
    install(tmp_path, "Zope.Interface", "5.0")
    install(tmp_path, "ruamel_yaml", "1")
    assert scan(tmp_path) == {"ruamel-yaml": "1", "zope-interface": "5.0"}
    assert list(scan(tmp_path)) == ["ruamel-yaml", "zope-interface"]


def test_directories_without_metadata_are_read_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "quick-1.0.dist-info").mkdir()
    (tmp_path / "old-2.0-py3.11.egg-info").write_text("")
    (tmp_path / "~eftover-1.0.dist-info").mkdir()
    (tmp_path / "nonsense.dist-info").mkdir()
    assert scan(tmp_path) == {"old": "2.0", "quick": "1.0"}


def test_eggs_and_links_to_sources_are_found(tmp_path: Path) -> None:
    install(tmp_path, "flat", "1.0", kind="egg-info")
    egg = tmp_path / "zipped-3.0-py3.11.egg"
    egg.write_bytes(b"PK")
    (tmp_path / "unpacked-4.0-py3.11.egg" / "EGG-INFO").mkdir(parents=True)
    source = tmp_path / "source"
    (source / "dev.egg-info").mkdir(parents=True)
    (source / "dev.egg-info" / "PKG-INFO").write_text("Name: dev\nVersion: 5.0\n")
    (tmp_path / "dev.egg-link").write_text(f"{source}\n.")
    (tmp_path / "gone.egg-link").write_text(f"{tmp_path / 'gone'}\n.")
    (tmp_path / "empty.egg-link").write_text("")
    assert scan(tmp_path) == {"dev": "5.0", "flat": "1.0", "unpacked": "4.0", "zipped": "3.0"}
    dev = distributions.scan([str(tmp_path)])[0]
    assert (dev.is_editable, dev.source_directory) == (True, source)


def test_of_two_installations_the_one_that_is_imported_counts(tmp_path: Path) -> None:
    install(tmp_path / "first", "same", "1")
    install(tmp_path / "second", "same", "2")
    found = distributions.scan([str(tmp_path / "first"), str(tmp_path / "second"), str(tmp_path / "missing")])
    assert [distribution.version for distribution in found] == ["1"]


def test_only_directories_for_installing_are_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, target, other = tmp_path / "site-packages", tmp_path / "target", tmp_path / "other"
    for directory in (site, target, other):
        directory.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(target))
    paths = ["", str(site), str(target), str(other), str(site), str(tmp_path / "no" / "site-packages")]
    assert distributions.find_sites(paths) == [str(site), str(target)]


@pytest.mark.parametrize("content", ["{", "[]", '{"url": 3}', "\udce9"])
def test_a_broken_direct_url_is_none(tmp_path: Path, content: str) -> None:
    info = install(tmp_path, "x", "1")
    (info / "direct_url.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert distributions.scan([str(tmp_path)])[0].direct_url == {}


def test_credentials_in_direct_urls_are_not_recorded(tmp_path: Path) -> None:
    install(tmp_path, "x", "1", direct_url={"url": "https://u:secret@example.org/x.git", "vcs_info": {"vcs": "git"}})
    assert distributions.scan([str(tmp_path)])[0].url == "https://example.org/x.git"


@pytest.mark.parametrize(
    ("direct_url", "expected"),
    [
        ({}, ["x==1.0"]),
        (
            {"url": "https://example.org/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            ["x @ git+https://example.org/x.git@abc"],
        ),
        (
            {
                "url": "ssh://git@example.org/x.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
                "subdirectory": "py",
            },
            ["x @ git+ssh://git@example.org/x.git@abc#subdirectory=py"],
        ),
        (
            {"url": "https://example.org/x.whl", "archive_info": {"hashes": {"sha256": "f0"}}},
            ["x @ https://example.org/x.whl#sha256=f0"],
        ),
        (
            {"url": "https://example.org/x.whl", "archive_info": {"hash": "sha256=f0"}},
            ["x @ https://example.org/x.whl#sha256=f0"],
        ),
        ({"url": "https://example.org/x.whl", "archive_info": {}}, ["x @ https://example.org/x.whl"]),
        ({"url": "file:///", "dir_info": {}}, ["x @ file:///"]),
        ({"url": "file:///", "dir_info": {"editable": True}}, ["# x==1.0, editable, commit abc", "-e file:///"]),
        (
            {"url": "file:///gone/x.whl", "archive_info": {}},
            ["# x==1.0 was installed from file:///gone/x.whl, which is not there any more", "x==1.0"],
        ),
    ],
)
def test_requirements_say_where_a_distribution_came_from(direct_url: Any, expected: list[str]) -> None:
    found = lines(Distribution("x", "1.0", direct_url), x="commit abc")
    assert found == expected
    for line in found:
        if not line.startswith(("#", "-e")):
            Requirement(line)


@pytest.mark.parametrize(
    "version",
    ["1", "1.0", "1!2.0", "1.0a1", "1.0.dev3", "1.0.post2", "2.1.0+cu118", "1.0rc1.post1.dev2+l.1", "2024.1", "1.0-1"],
)
def test_versions_that_pip_installs_are_required_exactly(version: str) -> None:
    Version(version)
    assert lines(Distribution("x", version)) == [f"x=={version}"]


@pytest.mark.parametrize("version", ["1.0-ubuntu1", "unknown", "1.0.x", "", "1.0\n-r /etc/passwd"])
def test_versions_that_pip_refuses_are_only_noted(version: str) -> None:
    """One of them would make pip refuse the whole file."""
    with pytest.raises(InvalidVersion):
        Version(version)
    (line,) = lines(Distribution("x", version))
    assert line.startswith("# x==")


def test_pip_itself_is_recorded_but_not_required() -> None:
    assert lines(Distribution("pip", "26.0"), Distribution("wheel", "1.0")) == ["wheel==1.0"]


def test_pip_takes_the_requirements_of_this_environment(tmp_path: Path) -> None:
    """R1.10: the environment can be rebuilt; pip resolves the file to what is installed already.

    What was installed from a folder or a file is left out here, because pip would build it.
    """
    path = tmp_path / "requirements.txt"
    text = environment.capture().requirements_text
    path.write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("-e") and "@ file:" not in line)
    )
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-deps",
        "--no-index",
        "--quiet",
        "-r",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PIP_CONFIG_FILE": os.devnull}, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert "trackside" in text


def test_the_record_describes_python_and_the_machine() -> None:
    captured = environment.capture()
    record = json.loads(captured.json_text)
    assert record == captured.record
    assert record["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert record["python"]["executable"] == sys.executable
    assert record["cpu"]["count"] == os.cpu_count()
    assert record["cpu"]["model"]
    assert record["memory_bytes"] > 10**8
    assert record["platform"]["machine"]
    assert isinstance(record["gpus"], list)
    assert {"name": "pytest", "version": importlib.metadata.version("pytest")} in record["distributions"]


def test_an_editable_install_has_the_commit_of_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, site = tmp_path / "source tree", tmp_path / "site-packages"
    source.mkdir()
    (source / "x.py").touch()
    commit = commit_all(source)
    install(site, "x", "1.0", direct_url={"url": source.as_uri(), "dir_info": {"editable": True}})
    monkeypatch.setattr(sys, "path", [str(site)])
    captured = environment.capture()
    (recorded,) = captured.record["distributions"]
    assert recorded["source"] == {"commit": commit, "remote": None, "dirty": False}
    assert captured.requirements_text.splitlines()[1:] == [
        f"# x==1.0, editable, commit {commit}",
        f"-e {source.as_uri()}",
    ]


def test_a_capture_is_kept_until_something_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site-packages"
    install(site, "x", "1")
    monkeypatch.setattr(sys, "path", [str(site)])
    first = environment.capture()
    assert environment.capture() is first
    install(site, "y", "1")
    os.utime(site, ns=(1, 1))
    second = environment.capture()
    assert [found["name"] for found in second.record["distributions"]] == ["x", "y"]
    assert second.sha256 != first.sha256


def test_many_threads_get_one_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    environment._start_anew()
    captured: list[Any] = []
    threads = [threading.Thread(target=lambda: captured.append(environment.capture())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in captured}) == 1


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A stand-in for NVIDIA's program, as there is no such machine to test on."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(hardware, "_GPU_TIMEOUT_S", 120.0)
    hardware.describe.cache_clear()
    yield tmp_path / "nvidia-smi"
    hardware.describe.cache_clear()


def answer(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


def test_gpus_are_listed_with_memory_and_driver(driver: Path) -> None:
    answer(driver, "echo 'NVIDIA A100-SXM4-80GB, 81920, 550.54.15'; echo 'NVIDIA T4, [N/A], 550.54.15'")
    assert hardware.describe()["gpus"] == [
        {"name": "NVIDIA A100-SXM4-80GB", "memory_bytes": 81920 * 1024**2, "driver": "550.54.15"},
        {"name": "NVIDIA T4", "memory_bytes": None, "driver": "550.54.15"},
    ]


@pytest.mark.parametrize("text", ["exit 9", "echo 'No devices were found'", "exec sleep 60"])
def test_a_driver_that_fails_or_hangs_means_no_gpus(driver: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(hardware, "_GPU_TIMEOUT_S", 0.2)
    answer(driver, text)
    assert hardware.describe()["gpus"] == []
