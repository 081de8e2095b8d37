/** The elements of a chart: three layers of drawing, what is said of the run under the pointer, notes, and a table. */

import { type SvgNode, svg, toElement } from "./nodes";
import type { Fact, Picture } from "./picture";
import { words } from "./words";

export interface Stage {
  root: HTMLElement;
  /** Room for a chart's own controls, above the drawing. */
  tools: HTMLElement;
  /** What has the pointer and the keyboard. */
  drawing: HTMLElement;
  canvas: HTMLCanvasElement;
  back: SVGSVGElement;
  front: SVGSVGElement;
  /** What changes while the picture stays, such as brushes. */
  over: SVGSVGElement;
  /** What stands out, above all. */
  lit: SVGSVGElement;
  tip: HTMLElement;
  live: HTMLElement;
  notes: HTMLElement;
  table: HTMLDetailsElement;
}

export function makeStage(host: HTMLElement): Stage {
  const root = make("div", "ts-chart");
  const drawing = make("div", "ts-chart-drawing");
  drawing.tabIndex = 0;
  drawing.setAttribute("role", "group");
  const canvas = make("canvas", "ts-chart-layer");
  const [back, front, over, lit] = [makeLayer(), makeLayer(), makeLayer(), makeLayer()];
  drawing.append(back, canvas, front, over, lit);
  const tip = make("div", "ts-chart-tip");
  tip.hidden = true;
  const live = make("div", "ts-hidden");
  live.setAttribute("aria-live", "polite");
  const [tools, notes, table] = [make("div", "ts-chart-tools"), make("div", "ts-chart-notes"), makeTable()];
  root.append(tools, drawing, tip, notes, live, table);
  host.append(root);
  return { root, tools, drawing, canvas, back, front, over, lit, tip, live, notes, table };
}

function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, className: string): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}

/** A chart's own control. */
export function makeButton(text: string, hint: string, act: () => void): HTMLButtonElement {
  const button = make("button", "ts-chart-button");
  button.type = "button";
  button.textContent = text;
  button.title = hint;
  button.addEventListener("click", act);
  return button;
}

function makeLayer(): SVGSVGElement {
  const layer = toElement(svg("svg", { class: "ts-chart-layer", "aria-hidden": "true" })) as SVGSVGElement;
  return layer;
}

function makeTable(): HTMLDetailsElement {
  const details = make("details", "ts-chart-table");
  details.append(make("summary", ""));
  details.firstElementChild?.append(words.chartTable);
  return details;
}

/** Makes the layers as large as the picture; a canvas is cleared by it. */
export function sizeStage(stage: Stage, { width, height, title }: Picture): void {
  const pixels = devicePixelRatio || 1;
  stage.drawing.style.height = `${height}px`;
  stage.drawing.setAttribute("aria-label", `${title}. ${words.chartKeys}`);
  for (const layer of [stage.back, stage.front, stage.over, stage.lit])
    layer.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const [across, down] = [Math.round(width * pixels), Math.round(height * pixels)];
  if (stage.canvas.width !== across) stage.canvas.width = across;
  if (stage.canvas.height !== down) stage.canvas.height = down;
}

export function fillLayer(layer: SVGSVGElement, nodes: readonly SvgNode[]): void {
  layer.replaceChildren(...nodes.map(toElement));
}

export function showNotes(stage: Stage, notes: readonly string[]): void {
  stage.notes.replaceChildren(
    ...notes.map((note) => {
      const line = document.createElement("p");
      line.textContent = note;
      return line;
    }),
  );
}

/** Shows what is known of a run beside a place, on the side that has room. */
export function showTip(stage: Stage, name: string, facts: readonly Fact[], x: number, y: number): void {
  const { tip, drawing } = stage;
  const title = make("strong", "");
  title.textContent = name;
  tip.replaceChildren(title, factList(facts));
  tip.hidden = false;
  const isRight = x > drawing.clientWidth / 2;
  tip.style.top = `${Math.max(0, drawing.offsetTop + Math.min(y, drawing.clientHeight - tip.offsetHeight))}px`;
  tip.style.left = isRight ? "" : `${x + 14}px`;
  tip.style.right = isRight ? `${drawing.clientWidth - x + 14}px` : "";
}

function factList(facts: readonly Fact[]): HTMLElement {
  const list = document.createElement("dl");
  for (const [name, value] of facts) {
    const [term, text] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, text.textContent] = [name, value];
    list.append(term, text);
  }
  return list;
}

const TABLE_ROWS = 200;

/** Writes the table of a picture's runs; as many as people read, and says so where there are more. */
export function fillTable(stage: Stage, picture: Picture, nameOf: (run: number) => string): void {
  const table = document.createElement("table");
  const order = picture.order();
  const caption = table.createCaption();
  caption.textContent = order.length > TABLE_ROWS ? words.chartTableCut(TABLE_ROWS, order.length) : picture.title;
  const rows = order.slice(0, TABLE_ROWS).map((run) => ({ name: nameOf(run), facts: new Map(picture.facts(run)) }));
  const heads = [...new Set(rows.flatMap(({ facts }) => [...facts.keys()]))];
  addRow(table.createTHead(), "th", [words.chartRun, ...heads]);
  const body = table.createTBody();
  for (const { name, facts } of rows) addRow(body, "td", [name, ...heads.map((head) => facts.get(head) ?? "")]);
  stage.table.replaceChildren(...[stage.table.firstElementChild ?? "", table]);
}

function addRow(section: HTMLTableSectionElement, tag: "th" | "td", texts: readonly string[]): void {
  const row = section.insertRow();
  for (const text of texts) row.appendChild(document.createElement(tag)).textContent = text;
}
