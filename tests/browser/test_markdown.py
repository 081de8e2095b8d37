"""Notes as Markdown, in a real browser: whatever is written in one, nothing runs and nothing is loaded."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING, Any

import pytest

from trackside.widgets.widget import static

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

SHOW = """
async ([code, texts]) => {
  const bytes = Uint8Array.from(atob(code), (sign) => sign.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));
  const { renderMarkdown } = (await import(url)).default();
  return texts.map((text) => {
    const place = document.body.appendChild(document.createElement("div"));
    place.append(renderMarkdown(text));
    const elements = [...place.querySelectorAll("*")];
    const attributes = elements.flatMap((one) => one.getAttributeNames());
    const links = [...place.querySelectorAll("a[href]")].map((one) => [one.getAttribute("href"), one.target, one.rel]);
    const tags = elements.map((one) => one.tagName.toLowerCase());
    return { html: place.innerHTML, text: place.textContent, tags, attributes, links };
  });
}
"""
HOSTILE = [
    "<script>globalThis.ran = 1</script>",
    "<img src=x onerror='globalThis.ran = 1'>",
    "<b onclick='globalThis.ran = 1'>b</b> <svg onload='globalThis.ran = 1'><script>globalThis.ran = 1</script></svg>",
    "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe><object data='https://evil.example/x'></object>",
    "<style>* { display: none }</style><link rel=stylesheet href=https://evil.example/x.css><base href=/x>",
    "<form action=https://evil.example><button>go</button></form><math><mi xlink:href='javascript:1'>x</mi></math>",
    '![a](https://evil.example/a.png) ![b](x" onerror="globalThis.ran = 1)',
    "[a](javascript:globalThis.ran=1) [a](JaVaScRiPt:1) [a](&#106;avascript:1) [a](java\tscript:1) [a](vbscript:1)",
    "[a](data:text/html,<script>1</script>) [a](file:///etc/passwd) [a](/lab/api) [a](//evil.example) [a](blob:x)",
    "<javascript:alert(1)> <https://ok.example/?a=1&b=<b>>",
    "`<script>` \x00\x07\u202e\ud83c\udf32 ]]> --> &lt;script&gt;",
    "[" * 3000 + "*" * 3000 + ">" * 300,
]
HARMLESS = {"p", "a", "code", "pre", "em", "strong", "blockquote", "ul", "ol", "li", "h1", "hr", "br", "del"}


@pytest.fixture
def seen(page: Page) -> list[str]:
    """What the page loaded."""
    urls: list[str] = []

    def note(request: Request) -> None:
        urls.append(request.url)

    page.on("request", note)
    return urls


def shown(page: Page, *texts: str) -> list[dict[str, Any]]:
    code = base64.b64encode(gzip.decompress(static("parts/markdown.js.gz").read_bytes())).decode()
    found: list[dict[str, Any]] = page.evaluate(SHOW, [code, list(texts)])
    return found


def test_what_is_written_in_a_note_neither_runs_nor_loads_anything(page: Page, seen: list[str]) -> None:
    """R6.3: script, markup, dangerous links, images and control characters stay text or plain elements."""
    for one, text in zip(shown(page, *HOSTILE), HOSTILE, strict=True):
        assert set(one["tags"]) <= HARMLESS, text
        assert set(one["attributes"]) <= {"href", "target", "rel", "start"}, text
        assert all(href.startswith(("https://", "mailto:")) for href, _, _ in one["links"]), text
    assert page.evaluate("globalThis.ran") is None
    assert [url for url in seen if not url.startswith("blob:")] == []


def test_markdown_becomes_what_it_means(page: Page) -> None:
    """R6.3: headings, lists, tables, code and links, which open elsewhere without a way back."""
    text = '# Title\n\n**b** *e* `c` ~~d~~\n\n3. one\n- [x] done\n\n|a|\n|-|\n|1|\n\n[x](https://x.org/?a&b "t")'
    (one, long, image) = shown(page, text, "word " * 200_000, '![see "it"](https://x.org/a.png)')
    for part in ("<h1>Title</h1>", "<strong>b</strong>", "<em>e</em>", '<ol start="3">', "<td>1</td>", "checkbox"):
        assert part in one["html"]
    assert one["links"] == [["https://x.org/?a&b", "_blank", "noopener noreferrer"]]
    assert len(long["text"].strip()) <= 50_000
    assert (image["text"].strip(), image["links"][0][0]) == ('see "it"', "https://x.org/a.png")
