/** What people take out of a comparison: pictures of charts, and the runs as CSV. */

import { saveFile } from "../host";
import { type Compared, textOf } from "./data";

/** Pixels of a PNG for each of the screen's. */
const SHARPNESS = 2;

export const saveSvg = (name: string, svg: string): void => saveFile(`${name}.svg`, svg);

/** Rejects where the browser cannot draw the picture. */
export async function savePng(name: string, svg: string): Promise<void> {
  saveFile(`${name}.png`, await drawPng(svg));
}

async function drawPng(svg: string): Promise<Blob> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width * SHARPNESS;
    canvas.height = image.height * SHARPNESS;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture could not be made"))));
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A line for each of the runs, a column for all that is known of them. */
export function toCsv({ frame, texts }: Compared, runs: readonly number[]): string {
  const head = ["run_id", ...frame.columns.map(({ id }) => id)];
  const lines = runs.map((run) => [
    frame.runs.ids[run] ?? "",
    ...frame.columns.map((column) => texts.get(column.id)?.[run] ?? textOf(column, run)),
  ]);
  return [head, ...lines].map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");
}

const FORMULA = /^\s*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r]/;
const NUMBER = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?)$/i;

/**
 * What a run does not have is an empty cell; an empty text is "". What a spreadsheet would take for a formula gets an
 * apostrophe, as in `transfer/csv.py`: it may come from anybody's run.
 */
function csvCell(text: string | null): string {
  if (text === null) return "";
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return safe === "" || /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
