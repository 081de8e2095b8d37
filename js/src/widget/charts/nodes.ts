/**
 * SVG as plain data, with two writers: elements for the page and text for files. Names from runs only ever become
 * text nodes and escaped attributes.
 */

export interface SvgNode {
  tag: string;
  attributes: Readonly<Record<string, string | number | undefined>>;
  children: readonly (SvgNode | string)[];
}

const NAMESPACE = "http://www.w3.org/2000/svg";

export function svg(
  tag: string,
  attributes: SvgNode["attributes"] = {},
  ...children: readonly (SvgNode | string)[]
): SvgNode {
  return { tag, attributes, children };
}

/** Elements for the page. */
export function toElement(node: SvgNode): SVGElement {
  const element = document.createElementNS(NAMESPACE, node.tag);
  for (const [name, value] of entriesOf(node)) element.setAttribute(name, value);
  element.append(...node.children.map((child) => (typeof child === "string" ? child : toElement(child))));
  return element;
}

/** Text for files, with numbers of three decimals. */
export function toMarkup(node: SvgNode): string {
  const attributes = entriesOf(node).map(([name, value]) => ` ${name}="${escapeText(value)}"`);
  const inside = node.children
    .map((child) => (typeof child === "string" ? escapeText(child) : toMarkup(child)))
    .join("");
  return `<${node.tag}${attributes.join("")}${inside === "" ? "/>" : `>${inside}</${node.tag}>`}`;
}

/** A whole picture for a file. */
export function toFile(width: number, height: number, title: string, children: readonly SvgNode[]): string {
  const attributes = { xmlns: NAMESPACE, width, height, viewBox: `0 0 ${round(width)} ${round(height)}`, role: "img" };
  return toMarkup(svg("svg", attributes, svg("title", {}, title), ...children));
}

function entriesOf(node: SvgNode): [string, string][] {
  return Object.entries(node.attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === "number" ? String(round(value)) : value]],
  );
}

/** Three decimals are more than a screen shows. */
export const round = (value: number) => Math.round(value * 1000) / 1000;

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML allows of a text, with its own signs written as entities. */
const escapeText = (text: string) =>
  text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);

/** Path data of a line through places; a place that is no number leaves a gap. */
export function linePath(x: ArrayLike<number>, y: ArrayLike<number>): string {
  let path = "";
  let isDrawing = false;
  for (let index = 0; index < x.length; index++) {
    const [across, down] = [x[index] ?? Number.NaN, y[index] ?? Number.NaN];
    const isPlace = !Number.isNaN(across) && !Number.isNaN(down);
    if (isPlace) path += `${isDrawing ? "L" : "M"}${round(across)} ${round(down)}`;
    isDrawing = isPlace;
  }
  return path;
}
