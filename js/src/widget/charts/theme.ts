/** The page's colours and font, read from the widget's CSS variables. */

import { mix, type Rgb } from "./palette";

export interface Theme {
  text: Rgb;
  muted: Rgb;
  background: Rgb;
  line: Rgb;
  accent: Rgb;
  font: string;
  isDark: boolean;
}

/** What is drawn where the page says nothing, as in a file. */
export const LIGHT: Theme = {
  text: [33, 33, 33],
  muted: [97, 97, 97],
  background: [255, 255, 255],
  line: [224, 224, 224],
  accent: [0, 114, 178],
  font: "system-ui, sans-serif",
  isDark: false,
};
export const DARK: Theme = {
  text: [224, 224, 224],
  muted: [176, 176, 176],
  background: [17, 17, 17],
  line: [66, 66, 66],
  accent: [86, 180, 233],
  font: "system-ui, sans-serif",
  isDark: true,
};

/** Reads the colours as the page computes them, whatever they are written as. */
export function readTheme(host: HTMLElement): Theme {
  const probe = host.appendChild(document.createElement("span"));
  const read = (name: string) => {
    probe.style.color = `var(${name})`;
    return parseColour(getComputedStyle(probe).color);
  };
  const background = read("--ts-bg") ?? LIGHT.background;
  const base = brightness(background) < 128 ? DARK : LIGHT;
  const theme = {
    text: read("--ts-fg") ?? base.text,
    muted: read("--ts-fg-muted") ?? base.muted,
    background,
    line: quiet(read("--ts-line") ?? base.line, background),
    accent: base.accent,
    font: getComputedStyle(host).fontFamily || base.font,
    isDark: base.isDark,
  };
  probe.remove();
  return theme;
}

/** Pages of high contrast have lines as strong as text; behind runs they would be all that is seen. */
function quiet(line: Rgb, background: Rgb): Rgb {
  const contrast = Math.abs(brightness(line) - brightness(background));
  return contrast <= STRONG ? line : mix(background, line, STRONG / 2 / contrast);
}

const STRONG = 120;

const brightness = ([red, green, blue]: Rgb) => 0.299 * red + 0.587 * green + 0.114 * blue;

/** `rgb(…)` with bytes or `color(srgb …)` with parts of one. */
export function parseColour(text: string): Rgb | null {
  const numbers = text
    .replace(/^color\(srgb/, "")
    .match(/[\d.]+(?:e-?\d+)?/g)
    ?.map(Number);
  if (!/^(rgba?|color)\(/.test(text) || numbers === undefined || numbers.length < 3) return null;
  const factor = text.startsWith("color") ? 255 : 1;
  const [red = 0, green = 0, blue = 0] = numbers.map((value) => value * factor);
  return [red, green, blue];
}
