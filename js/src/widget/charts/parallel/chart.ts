/** Parallel coordinates: each run is a line through its params and metrics. */

import type { ChartInput, Column, CreateChart, Frame } from "../frame";
import { LEGEND_HEIGHT, legendNodes } from "../legend";
import { mainMetric } from "../main-metric";
import { intersect, runsIn } from "../masks";
import { messagePicture } from "../messages";
import { type Design, type Equipment, type Mounted, mount } from "../mount";
import type { SvgNode } from "../nodes";
import type { ParallelOptions } from "../options";
import { type Colouring, colourOf, colourRuns, toCss } from "../palette";
import { drawingHeight, once, type Picture, type Room } from "../picture";
import { LIGHT, type Theme } from "../theme";
import { factsOf, sortRuns } from "../values";
import { words } from "../words";
import { axisNodes, brushNodes } from "./axes";
import { Gestures } from "./gestures";
import { chooseAxes, type Layout, layOut, Scales, withBrushes } from "./layout";
import { type Bundle, Lines, pathOf } from "./lines";
import { nearestLine } from "./nearest";

type Input = ChartInput<ParallelOptions>;

const HEIGHT = 320;

export const createParallel: CreateChart<ParallelOptions> = (host, input, events) =>
  mount(host, new ParallelDesign(), input, events);

/** The picture without a page around it. */
export const drawParallel = (input: Input, room: Room): Picture => new ParallelDesign().draw(input, room);

export class ParallelDesign implements Design<ParallelOptions> {
  private readonly scales = new Scales();
  private theme: Theme = LIGHT;
  private selected: Input["selected"] = null;
  layout: Layout | null = null;

  /** Brushes change neither scales nor places. */
  sources({ frame, shown, options }: Input): readonly unknown[] {
    const axes = options.axes?.map(({ column, scale, isInverted }) => `${column}\n${scale}\n${isInverted}`);
    return [frame, shown, axes?.join("\n\n"), options.colour, options.height];
  }

  draw(input: Input, room: Room): Picture {
    const { frame, options, shown } = input;
    this.theme = room.theme;
    const found = chooseAxes(frame, options, shown, this.scales);
    const names = found.constant.map(({ key }) => key).join(", ");
    const notes = names === "" ? [] : [words.constantAxes(names)];
    this.layout = layOut(found, room.width, drawingHeight(options.height, HEIGHT, room, LEGEND_HEIGHT));
    const title = words.parallelTitle(found.varying.map(({ column }) => column.key).join(", "));
    if (found.varying.length === 0) return { ...messagePicture(title, words.noAxes, room), notes };
    return { ...this.picture(input, room, this.layout), title, notes };
  }

  overlay({ options }: Input): SvgNode[] {
    if (this.layout === null) return [];
    return brushNodes(withBrushes(this.layout, options), this.theme);
  }

  equip(mounted: Mounted<ParallelOptions>): Equipment {
    return new Gestures(mounted, () => this.layout);
  }

  private picture({ frame, options, shown }: Input, room: Room, layout: Layout): Omit<Picture, "title" | "notes"> {
    const { width, theme } = room;
    const by = options.colour ?? suggestColour(layout, frame);
    const own = layout.axes.find(({ column }) => column.id === by)?.scale;
    const scaleOf = (column: Column) => own ?? this.scales.of(column, "auto", shown);
    const colouring = colourRuns(frame, by, shown, theme.isDark, theme.accent, scaleOf);
    const bundle: Bundle = { layout, colouring, shown, theme, total: frame.runs.ids.length };
    const bottom = layout.top + layout.height + 6;
    const hasLegend = colouring.column !== null;
    const lines = new Lines(bundle, (selected) => {
      this.selected = selected;
    });
    return {
      width,
      height: bottom + (hasLegend ? LEGEND_HEIGHT : 0),
      back: [],
      marks: lines,
      front: [
        ...layout.axes.flatMap((_, index) => axisNodes(layout, index, width, theme)),
        ...legendNodes(colouring, { x: 12, y: bottom + 4, width: width - 24 }, theme),
      ],
      highlight: (run) => highlight(bundle, run),
      nearest: (x, y) => nearestLine(layout, this.passing(shown), x, y),
      order: once(() => orderOf(bundle)),
      facts: (run) => factsOf([colouring.column, ...layout.axes.map(({ column }) => column)], run),
    };
  }

  /** What is not selected lies in the background, also for the pointer. */
  private passing(shown: Input["shown"]) {
    return this.selected === null ? shown : intersect(this.selected, shown);
  }
}

/** The main metric of those that have an axis, else the last axis. */
function suggestColour({ axes }: Layout, frame: Frame): string | null {
  const columns = axes.map(({ column }) => column);
  return (mainMetric({ ...frame, columns }) ?? columns.at(-1))?.id ?? null;
}

function highlight(bundle: Bundle, run: number): SvgNode[] {
  const paper = pathOf(bundle, run, toCss(bundle.theme.background), 0.9, 6);
  return [paper, pathOf(bundle, run, toCss(colourOf(bundle.colouring, run)), 1, 3)];
}

/** By the colour's column, which is what people look for; else as the frame has them. */
function orderOf({ colouring, shown, total }: { colouring: Colouring } & Pick<Bundle, "shown" | "total">): number[] {
  const runs = runsIn(shown, total);
  return colouring.scale === null ? runs : sortRuns(colouring.scale.at, runs);
}
