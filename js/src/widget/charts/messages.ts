/** A chart that has nothing to draw says so in its place. */

import { svg } from "./nodes";
import { toCss } from "./palette";
import { NO_RUNS, type Picture, type Room } from "./picture";
import { fitText } from "./text";

const SIZE = 13;

export function messagePicture(title: string, message: string, { width, theme }: Room, height = 120): Picture {
  const attributes = {
    x: width / 2,
    y: height / 2,
    "text-anchor": "middle",
    "font-size": SIZE,
    fill: toCss(theme.muted),
  };
  return {
    width,
    height,
    title: `${title}. ${message}`,
    back: [svg("text", { ...attributes, "font-family": theme.font }, fitText(message, SIZE, width - 16))],
    ...NO_RUNS,
    notes: [],
  };
}
