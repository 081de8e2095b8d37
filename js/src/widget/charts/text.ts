/** How wide texts are, and texts that fit. Widths are estimates, so that pictures do not depend on fonts of the machine. */

const NARROW = /[\sfijlrtI.,:;'|!()[\]{}·-]/u;
const WIDE = /[mwMW@%—…]/u;
const FULL = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u;

function widthOfSign(sign: string): number {
  if (NARROW.test(sign)) return 0.36;
  if (FULL.test(sign)) return 1.05;
  if (WIDE.test(sign)) return 0.9;
  return /\p{Lu}/u.test(sign) ? 0.7 : 0.58;
}

/** Pixels that a text takes in the widget's font. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const sign of text) width += widthOfSign(sign);
  return width * size;
}

/** The text, or as much of its start and end as fits: names of one sweep differ at either. */
export function fitText(text: string, size: number, room: number): string {
  const plain = text.slice(0, 500).replace(/\s+/gu, " ");
  if (textWidth(plain, size) <= room) return plain;
  const signs = [...plain];
  let kept = Math.max(1, Math.floor((signs.length * room) / textWidth(plain, size)));
  while (kept > 1 && textWidth(cutMiddle(signs, kept), size) > room) kept -= 1;
  return cutMiddle(signs, kept);
}

function cutMiddle(signs: readonly string[], kept: number): string {
  const end = Math.floor(kept / 3);
  return `${signs
    .slice(0, kept - end)
    .join("")
    .trimEnd()}…${end > 0 ? signs.slice(-end).join("") : ""}`;
}
