"""Pages of hosted repositories, by the URLs of their remotes."""

from __future__ import annotations

import pytest

from trackside.notebook.pages import pages_of

COMMIT = "4f2a91c0d37b5be6a1f0c9d8e7b6a5f4c3d2e1b0"


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/ada/digits.git",
        "https://github.com/ada/digits/",
        "http://www.github.com/ada/digits.git",
        "https://ada:secret@github.com/ada/digits.git",
        "https://token@github.com/ada/digits",
        "git@github.com:ada/digits.git",
        "github.com:ada/digits",
        "ssh://git@github.com:22/ada/digits.git",
        "git://github.com/ada/digits.git",
    ],
)
def test_every_form_of_a_remote_leads_to_the_same_pages(remote: str) -> None:
    """R5.2: ssh and https, credentials removed."""
    pages = pages_of(remote)
    assert pages is not None
    assert pages.repository == "https://github.com/ada/digits"
    assert pages.commit(COMMIT) == f"https://github.com/ada/digits/commit/{COMMIT}"
    assert pages.main_branch == "https://github.com/ada/digits/tree/HEAD"


def test_each_site_has_pages_of_its_own() -> None:
    """R5.2: GitLab with its groups, Bitbucket, and companies' own hosts."""
    gitlab, bitbucket = pages_of("git@gitlab.com:lab/vision/digits.git"), pages_of("git@bitbucket.org:ada/digits.git")
    own = pages_of("https://gitlab.example.com:8443/ada/digits.git")
    assert gitlab is not None
    assert bitbucket is not None
    assert own is not None
    assert gitlab.commit(COMMIT) == f"https://gitlab.com/lab/vision/digits/-/commit/{COMMIT}"
    assert gitlab.main_branch == "https://gitlab.com/lab/vision/digits/-/tree/HEAD"
    assert bitbucket.commit(COMMIT) == f"https://bitbucket.org/ada/digits/commits/{COMMIT}"
    assert own.repository == "https://gitlab.example.com:8443/ada/digits"


@pytest.mark.parametrize(
    "remote",
    [
        "",
        "/home/ada/digits.git",
        "../digits",
        "file:///home/ada/digits",
        "C:/repos/ada/digits",
        "https://example.com/ada/digits",
        "https://github.com.evil.example/ada/digits",
        "https://evil.example/github.com/ada/digits",
        "javascript://github.com/ada/digits",
        "javascript:alert(1)//github.com/a/b",
        "https://github.com",
        "https://github.com/ada",
        "https://github.com/../../x",
        'https://github.com/ada/"onclick=',
        "https://github.com/ada/<b>",
        "https://github.com:99999999/ada/digits",
        "https://[github.com/ada/digits",
        "https://gitlab.\u202ecom/ada/digits",
        "x" * 1_000_000,
    ],
)
def test_what_is_no_known_host_has_no_pages(remote: str) -> None:
    """R5.2: bad input makes no link."""
    assert pages_of(remote) is None


@pytest.mark.parametrize("commit", ["", "HEAD", "../x", "4f2a", "4F2A91C0", "4f2a91c0\n", "javascript:1", "-1234567"])
def test_what_is_no_commit_has_no_page(commit: str) -> None:
    pages = pages_of("https://github.com/ada/digits")
    assert pages is not None
    assert pages.commit(commit) == ""
