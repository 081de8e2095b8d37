"""Runs in the panel: as they go on, as they end, and what people do with them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .gate import WAIT, Gate
from .lab import PATIENCE_MS, Lab

pytestmark = pytest.mark.one_page


@pytest.fixture
def gate(lab: Lab) -> Gate:
    return Gate(lab.folder)


SWEEP = f"""{WAIT}
import trackside
with trackside.start_run(run_name="sweep"):
    trackside.log_param("depth", 3)
    trackside.log_metric("loss", 0.5, step=0)
    {Gate.wait("second")}
    trackside.log_metric("loss", 0.25, step=1)
    {Gate.wait("end")}
    trackside.log_text("a note", "notes/readme.txt")
"""


def test_a_run_appears_and_its_metric_moves_while_the_cell_is_running(lab: Lab, gate: Gate) -> None:
    """R4.1: refreshed while runs go on, also while the kernel is busy. R1.3: status and duration."""
    panel = lab.open_with_panel("live.ipynb", SWEEP)
    lab.run(0)
    run = panel.run("sweep")
    expect(run).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    expect(run).to_contain_text("loss0.5")
    gate.open("second")
    expect(run).to_contain_text("loss0.25")
    assert lab.prompt(0) == "[*]:"
    gate.open("end")
    expect(run).to_have_attribute("data-status", "FINISHED")
    expect(run.locator(".ts-duration")).to_have_text(re.compile(r"\d.* (m?s|min)"))


def test_a_run_unfolds_while_its_cell_is_running(lab: Lab, gate: Gate) -> None:
    """R4.2: params, metrics, tags and artifacts. Clicks are answered while the kernel is busy."""
    panel = lab.open_with_panel("unfold.ipynb", SWEEP)
    lab.run(0)
    run = panel.run("sweep")
    run.locator(".ts-run-toggle").click(timeout=PATIENCE_MS)
    for title in ("Params", "Metrics", "Tags", "Artifacts", "Source"):
        expect(run.get_by_role("button", name=re.compile(f"^{title}"))).to_be_visible()
    expect(run.locator(".ts-details")).to_contain_text("depth3")
    expect(run.locator(".ts-details")).to_contain_text("loss")
    assert lab.prompt(0) == "[*]:"
    gate.open("second")
    gate.open("end")
    expect(run).to_have_attribute("data-status", "FINISHED")
    run.get_by_role("button", name="notes", exact=True).click()
    run.get_by_role("button", name="readme.txt", exact=True).click()
    expect(run).to_contain_text("a note")


def test_tags_and_name_are_edited_while_the_cell_is_running(lab: Lab, gate: Gate) -> None:
    """R6.1, R6.2: a tag is added, changed and deleted, and the run renamed."""
    panel = lab.open_with_panel(
        "edit.ipynb", SWEEP, "run = trackside.get_run(trackside.last_active_run().info.run_id)\nrun.data.tags"
    )
    lab.run(0)
    run = panel.run("sweep")
    run.locator(".ts-run-toggle").click(timeout=PATIENCE_MS)
    for key, value in (("reviewed", "no"), ("dropped", "soon")):
        run.get_by_label("Name of the new tag").fill(key)
        run.get_by_label("Value of the new tag").fill(value)
        run.get_by_role("button", name="Add").click()
        expect(run.locator(".ts-tag", has_text=key)).to_contain_text(value)
    run.locator(".ts-tag", has_text="reviewed").hover()
    run.get_by_role("button", name="Edit tag reviewed").click()
    run.get_by_label("Value of tag reviewed").fill("yes")
    lab.page.keyboard.press("Enter")
    expect(run.locator(".ts-tag", has_text="reviewed")).to_contain_text("yes")
    run.locator(".ts-tag", has_text="dropped").hover()
    run.get_by_role("button", name="Delete tag dropped").click()
    expect(run.locator(".ts-tag", has_text="dropped")).to_have_count(0)
    run.locator(".ts-run-toggle").press("F2")
    run_name = panel.widget.get_by_label("New name of the run")
    run_name.fill("best sweep")
    lab.page.keyboard.press("Enter")
    expect(panel.run("best sweep")).to_be_visible()
    assert lab.prompt(0) == "[*]:"
    gate.open("second")
    gate.open("end")
    output = lab.run_through(1).locator(".jp-OutputArea-output")
    expect(output).to_contain_text("'reviewed': 'yes'")
    expect(output).to_contain_text("'mlflow.runName': 'best sweep'")
    expect(output).not_to_contain_text("dropped")


def test_a_cell_that_raises_leaves_a_failed_run_with_its_error(lab: Lab) -> None:
    """R1.3: FAILED; the error's type and message are shown."""
    lab.write(
        "fails.ipynb", "import trackside\ntrackside.start_run(run_name='doomed')\nraise ValueError('no <b>luck</b>')"
    )
    lab.open("fails.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    run = panel.run("doomed")
    expect(run).to_have_attribute("data-status", "FAILED", timeout=PATIENCE_MS)
    expect(run).to_contain_text("Failed")
    run.locator(".ts-run-toggle").click()
    expect(run.locator(".ts-error")).to_have_text("ValueErrorno <b>luck</b>")


def test_an_interrupted_cell_leaves_a_killed_run(lab: Lab) -> None:
    """R1.3: KILLED."""
    lab.write(
        "stops.ipynb", f"{WAIT}\nimport trackside\nwith trackside.start_run(run_name='stopped'):\n    {Gate.wait()}"
    )
    lab.open("stops.ipynb")
    panel = lab.open_panel()
    panel.wait_for_widget()
    lab.run(0)
    run = panel.run("stopped")
    expect(run).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    lab.interrupt()
    expect(run).to_have_attribute("data-status", "KILLED")
    expect(run).to_contain_text("Killed")


HOSTILE = [
    "<img src=x onerror=\"document.title='owned'\">",
    "</bdi><script>document.title='owned'</script>",
    "**bold** [link](javascript:alert(1)) `code`",
    "quote \" ' & amp; &lt;",
    "line one\nline two",
    "🧪 ünïcödé ‮RTL",
]


def test_hostile_texts_are_shown_as_text(lab: Lab) -> None:
    """Names, params, tags and file names are other people's: shown letter for letter, never as markup."""
    lab.write(
        "hostile.ipynb",
        f"import trackside\ntexts = {HOSTILE!r}\n"
        "for number, text in enumerate(texts):\n"
        "    with trackside.start_run(run_name=text):\n"
        "        trackside.log_param('param', text)\n"
        "        trackside.set_tag('tag', text)\n"
        "        trackside.set_note(text)\n"
        "        trackside.log_text(text, 'file <b>' + str(number) + '.txt')\n",
    )
    lab.open("hostile.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    expect(panel.runs).to_have_count(len(HOSTILE), timeout=PATIENCE_MS)
    for text, run in zip(reversed(HOSTILE), panel.runs.all(), strict=True):
        assert run.locator(".ts-run-name").text_content() == text
        run.locator(".ts-run-toggle").click()
        expect(run.locator(".ts-tag dd")).to_be_visible()
        assert text in (run.locator(".ts-tag dd").text_content() or "")
        expect(run.get_by_role("button", name=re.compile("^file <b>"))).to_be_visible()
    expect(panel.widget.locator("img, script, b, a[href^=javascript]")).to_have_count(0)
    assert "owned" not in lab.page.title()


def test_a_text_of_five_thousand_letters_is_kept_whole(lab: Lab) -> None:
    lab.write(
        "long.ipynb",
        "import trackside\n"
        "with trackside.start_run(run_name='long'):\n"
        "    trackside.set_tag('essay', 'x' * 4990 + 'THE END')",
    )
    lab.open("long.ipynb")
    panel = lab.open_panel()
    lab.run_through(0)
    run = panel.run("long")
    run.locator(".ts-run-toggle").click(timeout=PATIENCE_MS)
    essay = run.locator(".ts-tag", has_text="essay")
    expect(essay).not_to_contain_text("THE END")
    essay.get_by_role("button", name="Show all").click()
    expect(essay).to_contain_text("THE END")


def test_two_notebooks_that_track_at_once_do_not_mix(lab: Lab, gate: Gate) -> None:
    """R2.2: two kernels write to one file at the same time; each panel has its own runs."""
    cell = (
        f"{WAIT}\nimport trackside\n"
        "with trackside.start_run(run_name={name!r}):\n"
        "    {wait}\n"
        "    for step in range(200):\n"
        "        trackside.log_metric('score', step, step=step)\n"
    )
    for name in ("left", "right"):
        lab.write(f"{name}.ipynb", cell.format(name=f"run of {name}", wait=Gate.wait()))
    lab.open("left.ipynb")
    panel = lab.open_panel()
    lab.run(0)
    expect(panel.run("run of left")).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    lab.open_also("right.ipynb")
    lab.run(0)
    expect(panel.run("run of right")).to_have_attribute("data-status", "RUNNING", timeout=PATIENCE_MS)
    gate.open()
    expect(panel.run("run of right")).to_have_attribute("data-status", "FINISHED", timeout=PATIENCE_MS)
    expect(panel.run("run of right")).to_contain_text("score199")
    lab.go_to("left.ipynb")
    expect(panel.run("run of left")).to_have_attribute("data-status", "FINISHED", timeout=PATIENCE_MS)
    expect(panel.run("run of left")).to_contain_text("score199")
    expect(panel.runs).to_have_count(1)
