/** Where the lines of a list stand that is too long to be drawn whole: pure arithmetic. */

/** Lines of one height, a few of which are higher, or lower. */
export class Layout {
  readonly #others: readonly (readonly [line: number, extra: number])[];

  /**
   * @param lines How many there are.
   * @param height That of a line, in pixels.
   * @param extras By how many pixels some lines are higher; negative where they are lower.
   */
  constructor(
    readonly lines: number,
    readonly height: number,
    extras: ReadonlyMap<number, number> = new Map(),
  ) {
    this.#others = [...extras].filter(([line]) => line < lines).sort(([a], [b]) => a - b);
  }

  /** The height of all lines. */
  get total(): number {
    return this.top(this.lines);
  }

  /** Where a line begins. */
  top(line: number): number {
    let top = line * this.height;
    for (const [other, extra] of this.#others) {
      if (other >= line) break;
      top += extra;
    }
    return top;
  }

  /** The line at a place; the first or last one for places outside. */
  lineAt(place: number): number {
    let before = 0;
    for (const [line, extra] of this.#others) {
      const top = line * this.height + before;
      if (place < top + this.height + extra) {
        if (place >= top) return line;
        break;
      }
      before += extra;
    }
    return Math.max(0, Math.min(this.lines - 1, Math.floor((place - before) / this.height)));
  }

  /** The lines that a view of this height shows, one at the edge included: from the first up to, not including, the last. */
  range(top: number, height: number): readonly [first: number, end: number] {
    return this.lines === 0 ? [0, 0] : [this.lineAt(top), Math.min(this.lines, this.lineAt(top + height) + 1)];
  }
}

/** Which lines to ask for, so that scrolling a little needs nothing new; null where those that are there will do. */
export function nextWindow(
  [first, end]: readonly [number, number],
  loaded: { offset: number; limit: number },
  lines: number,
): { offset: number; limit: number } | null {
  const margin = Math.ceil((end - first) / 2);
  const from = Math.max(0, first - margin);
  const to = Math.min(lines, end + margin);
  if (from >= loaded.offset && to <= loaded.offset + loaded.limit) return null;
  const span = Math.max(MIN_SPAN, end - first);
  return { offset: Math.max(0, first - span), limit: Math.min(MAX_WINDOW, 3 * span) };
}

const MIN_SPAN = 20;
/** As many lines as the kernel sends at once. */
const MAX_WINDOW = 1000;
