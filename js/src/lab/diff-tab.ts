/** The changes of a commit in a tab: text, with the lines that came and went in colour. */

import { MainAreaWidget } from "@jupyterlab/apputils";
import { Widget } from "@lumino/widgets";
import type { HostRequest } from "../widget/host";
import { runsIcon } from "./icon";

export type DiffRequest = Extract<HostRequest, { kind: "diff.open" }>;

/** A tab for the changes; what is in them is text whatever it says. */
export function makeDiffTab({ commit, text }: DiffRequest): Widget {
  const content = new Widget();
  content.addClass("trackside-diff");
  content.node.tabIndex = 0;
  content.node.append(...text.split("\n").map(makeLine));
  const tab = new MainAreaWidget({ content });
  tab.id = `trackside-diff-${commit}`;
  tab.title.label = commit.slice(0, 8);
  tab.title.caption = commit;
  tab.title.icon = runsIcon;
  tab.toolbar.hide();
  return tab;
}

function makeLine(text: string): HTMLElement {
  const line = document.createElement("div");
  line.textContent = text === "" ? "\u00a0" : text;
  const kind = kindOf(text);
  if (kind !== "") line.dataset.kind = kind;
  return line;
}

function kindOf(line: string): string {
  if (/^(diff --git|commit) /.test(line)) return "file";
  if (/^(\+\+\+|---) /.test(line)) return "";
  if (line.startsWith("@@")) return "place";
  return line.startsWith("+") ? "came" : line.startsWith("-") ? "went" : "";
}
