"""What a run's requirements may install, and what they may not."""

from __future__ import annotations

import pytest

from trackside.errors import InvalidValueError
from trackside.reproducing.installers import blamed_in, gist_of, is_network_fault, reason_of
from trackside.reproducing.libraries import Origin, choose, read_libraries, read_line, require_names
from trackside.reproducing.process import Ended

UV = """Using Python 3.11.7 environment at: e
error: No solution found when resolving dependencies
  cause: Because small-lib==9.9 was not found in the package registry and you require small-lib==9.9, we can conclude
hint: small-lib was requested"""
PIP = """WARNING: Location 'file:///opt/small-lib/' is ignored
ERROR: Could not find a version that satisfies the requirement Small_Lib==9.9 (from versions: none)
ERROR: No matching distribution found for Small_Lib==9.9"""


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("numpy==1.26.4", Origin.INDEX),
        ("zope.interface==5.0 ; python_version > '3'", Origin.INDEX),
        ("tools @ https://example.org/tools-1.0.zip", Origin.URL),
        ("own @ git+https://example.org/own.git@4f2a91c", Origin.URL),
        ("-e file:///home/ada/own", Origin.PATH),
        ("--editable=/home/ada/own", Origin.PATH),
        ("own @ file:///home/ada/own", Origin.PATH),
        ("./own.whl", Origin.PATH),
        ("https://example.org/tools.zip", Origin.URL),
        ("--pre", Origin.OPTION),
        ("--index-url https://example.org/simple", Origin.OPTION),
        ("-r /etc/passwd", Origin.INVALID),
        ("--target /usr/lib", Origin.INVALID),
        ("numpy==1 --config-settings=x", Origin.INVALID),
        ("evil; rm -rf /", Origin.INVALID),
        ("$(touch x)", Origin.INVALID),
        ("numpy==1.0 && touch x", Origin.INVALID),
        ("`id`", Origin.INVALID),
        ("-e ../../own", Origin.INVALID),
        ("own @ file:///home/%2e%2e/own", Origin.INVALID),
        ("..\\own", Origin.INVALID),
        ("own @ ftp://example.org/own.zip", Origin.INVALID),
        ("nu\x00mpy==1", Origin.INVALID),
        ("numpy==1 \\", Origin.INVALID),
        ("--pre -r /etc/passwd", Origin.INVALID),
        ("-i https://example.org/simple --trusted-host example.org", Origin.INVALID),
        ("-f -r", Origin.INVALID),
        ("tools @ https://example.org/${HF_TOKEN}/tools.zip", Origin.INVALID),
        ("--extra-index-url https://example.org/${HF_TOKEN}", Origin.INVALID),
        ("own.whl", Origin.PATH),
        ("own.tar.gz[fast] ; python_version > '3'", Origin.PATH),
        ("own @ file://host/share/own.whl", Origin.INVALID),
        ("own @ file:////host/share/own.whl", Origin.INVALID),
        ("-e //host/share/own", Origin.INVALID),
        ("-e \\\\host\\share\\own", Origin.INVALID),
    ],
)
def test_a_line_is_known_for_what_it_is(line: str, origin: Origin) -> None:
    """R7.2: URLs, paths, options need a tick; refused are shell characters, ../, other options, variables, shares."""
    library = read_line(line)
    assert library.origin is origin
    assert library.needs_tick is (origin is not Origin.INDEX)
    assert bool(library.reason) is (origin is Origin.INVALID)


def test_names_and_versions_are_read() -> None:
    """R7.1: the libraries can be viewed."""
    text = (
        "# CPython\nNumPy==1.26.4\n\ntrackside==0.1.0\ntools[fast] @ https://x.org/t.zip\n-e file:///home/ada/My_Own\n"
    )
    found = [(one.name, one.version) for one in read_libraries(text)]
    assert found == [("numpy", "1.26.4"), ("tools", ""), ("my-own", "")]
    with pytest.raises(InvalidValueError, match="at most 5,000"):
        read_libraries("a==1\n" * 5001)


def test_what_no_installer_can_have_is_listed_all_the_same() -> None:
    """R7.1: what conda or a Linux distribution installed stands in the file as a comment."""
    heads = "# CPython 3.11.7, linux\n# own==1.0, editable, commit 4f2a\n"
    text = f"{heads}# gdal==3.6~deb  (not a version that pip can install)\n"
    (library,) = read_libraries(text)
    assert (library.name, library.version, library.origin) == ("gdal", "3.6~deb", Origin.INVALID)


def test_only_what_is_plain_or_ticked_is_installed() -> None:
    """R7.2: and what is left out is named."""
    url = "tools @ https://example.org/tools.zip"
    libraries = [read_line(line) for line in ("tiny==1.0", url, "--pre", "evil; rm", "small-lib==2.0")]
    chosen, left_out = choose(libraries, allowed=(), without=("Small_Lib",))
    assert [one.line for one in chosen] == ["tiny==1.0"]
    assert left_out == ["tools", "--pre", "evil; rm", "small-lib"]
    chosen, left_out = choose(libraries, allowed=(url, "--pre", "evil; rm"), without=())
    assert [one.line for one in chosen] == ["tiny==1.0", url, "--pre", "small-lib==2.0"]
    assert left_out == ["evil; rm"]


def test_a_name_to_go_on_without_is_a_name() -> None:
    assert require_names(["Small_Lib"]) == ("small-lib",)
    for name in ("", "--pre", "a b", "../x", "a;b"):
        with pytest.raises(InvalidValueError):
            require_names([name])


@pytest.mark.parametrize("output", [UV, PIP])
def test_what_an_installer_complains_about_is_named(output: str) -> None:
    """R7.2: a failure says which library failed, and the gist of why."""
    lines = output.splitlines()
    assert blamed_in(lines, ["lib", "small", "small-lib", "tiny"]) == ["small-lib"]
    assert "9.9" in gist_of(lines)
    assert not gist_of(lines).startswith(("error", "ERROR", "WARNING", "Using"))
    assert not is_network_fault(output)


def test_an_installer_that_was_killed_is_told() -> None:
    """R7.2: such as by the system, when memory runs out."""
    assert (
        reason_of(Ended(-9, ("Resolved 3 packages",))) == "it was ended from outside with SIGKILL; Resolved 3 packages"
    )
    assert reason_of(Ended(2, ())) == "it ended with code 2"


def test_a_missing_network_is_told_from_a_missing_library() -> None:
    """R7.2"""
    uv = "error: Failed to fetch: http://127.0.0.1:9/simple/tiny/\n  cause: client error (Connect)"
    pip = "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection'"
    assert is_network_fault(uv)
    assert is_network_fault(pip)
