/** R10.2: charts in a page: what people do with pointer and keyboard, and what hosts are told. */

import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type ChartInput,
  type CurvesOptions,
  createBars,
  createCurves,
  createParallel,
  createScatter,
  type Frame,
  type ParallelOptions,
  type RunMask,
} from "../src/widget/charts";
import { bad, frameOf, numbers, sweep } from "./charts/sweep";

const input = <Options>(frame: Frame, options: Options): ChartInput<Options> => ({
  frame,
  options,
  shown: null,
  selected: null,
  hovered: null,
});

function makeHost(): HTMLElement {
  const host = document.body.appendChild(document.createElement("div"));
  host.className = "trackside";
  return host;
}

/** The charts' styles, after those that a page has. */
function addStyles(page = ""): void {
  const own = ["theme.css", "charts/charts.css"].map((file) => readFileSync(`src/widget/${file}`, "utf8"));
  document.body.appendChild(document.createElement("style")).textContent = [page, ...own].join("\n");
}

function find<Found extends Element = HTMLElement>(host: Element, selector: string): Found {
  const found = host.querySelector<Found>(selector);
  if (found === null) throw new Error(`There is no ${selector}.`);
  return found;
}

const press = (element: Element, key: string) =>
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));

function drag(element: HTMLElement, from: [number, number], to: [number, number]): void {
  element.setPointerCapture = () => undefined;
  element.releasePointerCapture = () => undefined;
  const send = (type: string, [clientX, clientY]: [number, number]) =>
    element.dispatchEvent(
      new PointerEvent(type, { clientX, clientY, pointerId: 1, button: 0, bubbles: true, cancelable: true }),
    );
  send("pointerdown", from);
  send("pointermove", to);
  send("pointerup", to);
}

afterEach(() => {
  document.body.replaceChildren();
  document.body.className = "";
});

const three = frameOf([numbers("lr", [0.1, 0.2, 0.3], "param"), numbers("loss", [3, 1, 2], "metric", "smaller")]);
const none: ParallelOptions = { axes: null, colour: null };

describe("parallel coordinates in a page", () => {
  const start = (frame = three, options = none) => {
    const host = makeHost();
    const events = { onSelect: vi.fn(), onOptions: vi.fn(), onShow: vi.fn(), onHover: vi.fn(), onOpen: vi.fn() };
    const chart = createParallel(host, input(frame, options), events);
    return { host, chart, events, drawing: find(host, ".ts-chart-drawing") };
  };
  const axes = (host: HTMLElement) => [...host.querySelectorAll(".ts-chart-axis")];
  const lastOptions = (events: { onOptions: ReturnType<typeof vi.fn> }) =>
    events.onOptions.mock.lastCall?.[0] as ParallelOptions;

  it("select the runs between the ends of a brush, until a click takes it away", () => {
    const { drawing, events, host } = start();
    drag(drawing, [48, 50], [48, 190]);
    const mask = events.onSelect.mock.lastCall?.[0] as RunMask;
    expect(Array.from(mask)).toEqual([0, 1, 1]);
    expect(lastOptions(events).axes?.[0]?.brush?.range?.[1]).toBeCloseTo(0.3);
    expect(find(host, ".ts-chart-count").textContent).toBe("3 runs, 2 selected");
    drag(drawing, [48, 250], [48, 250]);
    expect(events.onSelect.mock.lastCall?.[0]).toBeNull();
  });

  it("keep, exclude and restore runs", () => {
    const { chart, events, host } = start();
    const [keep, exclude, restore] = [...host.querySelectorAll<HTMLButtonElement>(".ts-chart-button")];
    expect([keep?.disabled, exclude?.disabled, restore?.disabled]).toEqual([true, true, true]);
    chart.update({ selected: Uint8Array.of(1, 1, 0) });
    exclude?.click();
    expect(events.onShow.mock.lastCall?.[0]).toEqual(Uint8Array.of(0, 0, 1));
    restore?.click();
    expect(events.onShow.mock.lastCall?.[0]).toBeNull();
    chart.update({ selected: Uint8Array.of(1, 1, 0) });
    keep?.click();
    expect(events.onShow.mock.lastCall?.[0]).toEqual(Uint8Array.of(1, 1, 0));
    expect(find(host, ".ts-chart-count").textContent).toBe("2 of 3 runs");
  });

  it("invert, move and remove axes by keyboard as by pointer", () => {
    const { host, events } = start();
    (axes(host)[0] as HTMLElement).click();
    expect(lastOptions(events).axes?.[0]).toMatchObject({ column: "params.lr", isInverted: true });
    press(axes(host)[0] as Element, "ArrowRight");
    expect(lastOptions(events).axes?.map(({ column }) => column)).toEqual(["metrics.loss", "params.lr"]);
    drag(axes(host)[1] as HTMLElement, [0, 0], [0, 90]);
    expect(lastOptions(events).axes?.map(({ column }) => column)).toHaveLength(1);
    expect(axes(host)).toHaveLength(1);
  });

  it("brush an axis by keyboard", () => {
    const { host, events } = start();
    press(axes(host)[0] as Element, "ArrowUp");
    expect(Array.from(events.onSelect.mock.lastCall?.[0] as RunMask)).toEqual([0, 1, 1]);
    press(axes(host)[0] as Element, "ArrowDown");
    expect(events.onSelect.mock.lastCall?.[0]).toBeNull();
  });

  it("drop their brushes when another chart selects something else", () => {
    const { drawing, events, chart, host } = start();
    drag(drawing, [48, 50], [48, 190]);
    expect(host.querySelectorAll("rect[fill-opacity='0.25']")).toHaveLength(1);
    chart.update({ selected: Uint8Array.of(1, 0, 0) });
    expect(host.querySelectorAll("rect[fill-opacity='0.25']")).toHaveLength(0);
    expect(lastOptions(events).axes?.every(({ brush }) => !brush)).toBe(true);
  });

  it("keep a brush that lets nothing pass, though the host then has no selection", () => {
    const { drawing, events, chart } = start(frameOf([numbers("lr", [1, 2, 9], "param"), numbers("loss", [3, 1, 2])]));
    drag(drawing, [48, 120], [48, 160]);
    expect(Array.from(events.onSelect.mock.lastCall?.[0] as RunMask)).toEqual([0, 0, 0]);
    chart.update({ selected: null });
    expect(lastOptions(events).axes?.[0]?.brush).toBeTruthy();
  });

  it("give axes back that were removed, and make them logarithmic and linear again", () => {
    const { host, events } = start();
    const choice = find<HTMLSelectElement>(host, ".ts-chart-tools select");
    expect(choice.hidden).toBe(true);
    press(axes(host)[0] as Element, "Delete");
    expect([...choice.options].map(({ text }) => text)).toEqual(["Add an axis", "lr"]);
    choice.value = "params.lr";
    choice.dispatchEvent(new Event("change"));
    expect(lastOptions(events).axes?.map(({ column }) => column)).toEqual(["metrics.loss", "params.lr"]);
    press(axes(host)[1] as Element, "l");
    expect(lastOptions(events).axes?.[1]?.scale).toBe("log");
    axes(host)[1]?.dispatchEvent(new MouseEvent("contextmenu", { cancelable: true }));
    expect(lastOptions(events).axes?.[1]?.scale).toBe("linear");
  });

  it("write what they show into an SVG file, brushes too", () => {
    const { drawing, chart } = start();
    drag(drawing, [48, 50], [48, 190]);
    const file = chart.toSvg();
    expect(file.match(/<path /g)).toHaveLength(3);
    expect(file).toContain('fill-opacity="0.25"');
  });

  it("show names of runs and columns as text, whatever is in them", () => {
    const { host, drawing } = start(bad.markup);
    press(drawing, "End");
    expect(host.querySelector("script, img, b")).toBeNull();
    expect(find(host, ".ts-chart-tip strong").textContent).toContain("<b>bold</b>");
  });
});

describe("every chart", () => {
  it("goes from run to run by keyboard, says each one, selects and opens it", () => {
    const host = makeHost();
    const events = { onHover: vi.fn(), onSelect: vi.fn(), onOpen: vi.fn() };
    createBars(host, input(three, { metric: null }), events);
    const drawing = find(host, ".ts-chart-drawing");
    press(drawing, "ArrowRight");
    expect(events.onHover.mock.lastCall?.[0]).toBe(1);
    expect(find(host, "[aria-live]").textContent).toBe("brave-lark-1, 1/3: loss 1");
    press(drawing, "End");
    expect(events.onHover.mock.lastCall?.[0]).toBe(0);
    press(drawing, " ");
    expect(events.onSelect.mock.lastCall?.[0]).toEqual(Uint8Array.of(1, 0, 0));
    press(drawing, "Enter");
    expect(events.onOpen).toHaveBeenCalledWith(0);
    press(drawing, "Escape");
    expect(events.onSelect.mock.lastCall?.[0]).toBeNull();
  });

  it("has its data as a table for those who cannot see it", () => {
    const host = makeHost();
    createScatter(host, input(sweep(300), { x: null, y: null, colour: null }));
    const details = find<HTMLDetailsElement>(host, "details");
    details.open = true;
    details.dispatchEvent(new Event("toggle"));
    expect(details.querySelectorAll("tbody tr")).toHaveLength(200);
    expect(find(details, "caption").textContent).toBe("The first 200 of 300 runs");
    expect([...details.querySelectorAll("th")].map((head) => head.textContent)).toEqual([
      "Run",
      "fit_time",
      "accuracy",
    ]);
  });

  it("has a name that says what it shows, and leaves nothing behind", () => {
    const host = makeHost();
    const chart = createCurves(host, input(sweep(3), { metric: null, across: "step", smoothing: 0, group: null }));
    expect(find(host, ".ts-chart-drawing").getAttribute("aria-label")).toMatch(/^val_loss by step/);
    chart.destroy();
    expect(host.childElementCount).toBe(0);
  });

  it("takes the height that its page has for it, and the colours of a new theme", async () => {
    const host = makeHost();
    host.style.setProperty("--ts-chart-fill", "1");
    Object.defineProperty(host, "clientHeight", { value: 500 });
    createScatter(host, input(three, { x: null, y: null, colour: null }));
    expect(find(host, ".ts-chart-drawing").style.height).toBe("500px");
    host.style.setProperty("--ts-bg", "rgb(0, 0, 0)");
    host.style.setProperty("--ts-fg", "rgb(255, 255, 255)");
    document.body.setAttribute("data-jp-theme-name", "Dark");
    await vi.waitFor(() => expect(host.innerHTML).toContain("rgb(255,255,255)"), 10_000);
  });

  it("of curves has no controls where there is nothing to zoom", () => {
    addStyles();
    const host = makeHost();
    createCurves(host, input(three, { metric: null, across: "step", smoothing: 0, group: null }));
    expect(host.textContent).toContain("No metric of these runs was logged more than once.");
    expect(getComputedStyle(find(host, ".ts-chart-tools")).display).toBe("none");
  });

  it("keeps its width while its page is hidden", () => {
    const host = makeHost();
    const isWide = vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(900);
    const chart = createBars(host, input(three, { metric: null }));
    isWide.mockReturnValue(0);
    chart.resize();
    isWide.mockRestore();
    expect(find(host, "svg").getAttribute("viewBox")).toMatch(/^0 0 900 /);
  });

  it("of curves says what a run has where the pointer is", () => {
    const host = makeHost();
    const [steps, times] = [Float64Array.of(0, 100), Float64Array.of(0, 1000)];
    const curves = [{ run: 0, key: "loss", steps, times, values: Float64Array.of(0, 100) }];
    createCurves(host, input({ ...three, curves }, { metric: null, across: "step", smoothing: 0, group: null }));
    const [, , width = 0] = (find(host, "svg").getAttribute("viewBox") ?? "").split(" ").map(Number);
    const drawing = find(host, ".ts-chart-drawing");
    drawing.dispatchEvent(new PointerEvent("pointermove", { clientX: width / 2, clientY: 130, bubbles: true }));
    const [step = 0, value = 0] = [...host.querySelectorAll(".ts-chart-tip dd")].map((told) =>
      Number(told.textContent),
    );
    expect(step).toBeGreaterThan(30);
    expect(step).toBeLessThan(70);
    expect(value).toBeCloseTo(step, 0);
  });

  it("says what a run has as wide as it is, below a cell of JupyterLab too", () => {
    addStyles(".jp-OutputArea-output dt { float: left; width: 20%; } .jp-OutputArea-output dd { width: 80%; }");
    const host = makeHost();
    host.parentElement?.classList.add("jp-OutputArea-output");
    createBars(host, input(three, { metric: null }));
    press(find(host, ".ts-chart-drawing"), "ArrowRight");
    const [term, value] = [find(host, ".ts-chart-tip dt"), find(host, ".ts-chart-tip dd")].map((one) =>
      getComputedStyle(one),
    );
    expect([term?.float, term?.width, value?.width]).toEqual(["none", "auto", "auto"]);
  });

  it("forgets a hovered run that is no longer there", () => {
    const host = makeHost();
    const chart = createBars(host, input(three, { metric: null }));
    chart.update({ hovered: 2 });
    expect(find(host, ".ts-chart").classList).toContain("ts-chart-lit");
    chart.update({ frame: frameOf([numbers("loss", [1])]) });
    expect(find(host, ".ts-chart").classList).not.toContain("ts-chart-lit");
  });
});

describe("a scatter in a page", () => {
  it("selects the runs in a box", () => {
    const host = makeHost();
    const onSelect = vi.fn();
    createScatter(host, input(three, { x: "params.lr", y: "metrics.loss", colour: null }), { onSelect });
    drag(find(host, ".ts-chart-drawing"), [0, 0], [200, 60]);
    expect(onSelect.mock.lastCall?.[0]).toEqual(Uint8Array.of(1, 0, 0));
  });
});

describe("curves in a page", () => {
  it("zoom into a box that is dragged and show all after a double click", () => {
    const host = makeHost();
    const onOptions = vi.fn();
    createCurves(host, input(sweep(3), { metric: null, across: "step", smoothing: 0, group: null }), { onOptions });
    const drawing = find(host, ".ts-chart-drawing");
    drag(drawing, [200, 100], [400, 110]);
    const [{ zoom }] = onOptions.mock.lastCall as [CurvesOptions];
    const [x, y] = [zoom?.x ?? [0, 0], zoom?.y ?? [0, 0]];
    expect(x[0]).toBeGreaterThan(20);
    expect(x[1]).toBeLessThan(140);
    expect(y[1] - y[0]).toBeGreaterThan(1.5);
    drawing.dispatchEvent(new MouseEvent("dblclick", { bubbles: true }));
    expect(onOptions.mock.lastCall?.[0].zoom).toBeNull();
  });

  it("zoom with buttons that everybody sees, and with the wheel where Ctrl is held", () => {
    const host = makeHost();
    const onOptions = vi.fn();
    createCurves(host, input(sweep(3), { metric: null, across: "step", smoothing: 0, group: null }), { onOptions });
    const [closer, farther, whole] = [...host.querySelectorAll<HTMLButtonElement>(".ts-chart-button")];
    const seen = () => (onOptions.mock.lastCall as [CurvesOptions])[0].zoom?.x.map(Math.round);
    expect(find(host, ".ts-chart-tools").textContent).toContain("Drag to zoom");
    expect(whole?.disabled).toBe(true);
    closer?.click();
    expect(seen()).toEqual([50, 149]);
    expect(whole?.disabled).toBe(false);
    farther?.click();
    expect(seen()).toEqual([0, 199]);
    whole?.click();
    expect(onOptions.mock.lastCall?.[0].zoom).toBeNull();
    const turn = (ctrlKey: boolean) => {
      const event = new WheelEvent("wheel", { deltaY: -100, bubbles: true, cancelable: true });
      Object.defineProperties(event, { ctrlKey: { value: ctrlKey }, clientX: { value: 0 } });
      find(host, ".ts-chart-drawing").dispatchEvent(event);
    };
    turn(false);
    expect(onOptions).toHaveBeenCalledTimes(3);
    turn(true);
    expect(seen()).toEqual([0, 100]);
  });

  it("tell where the pointer is across, and show it where another chart says so", () => {
    const host = makeHost();
    const onCrosshair = vi.fn();
    const chart = createCurves(host, input(sweep(3), { metric: null, across: "step", smoothing: 0, group: null }), {
      onCrosshair,
    });
    find(host, ".ts-chart-drawing").dispatchEvent(
      new PointerEvent("pointermove", { clientX: 300, clientY: 100, bubbles: true }),
    );
    expect(Number.isInteger(onCrosshair.mock.lastCall?.[0])).toBe(true);
    chart.update({ crosshair: 100 });
    expect(host.querySelectorAll("line[stroke-dasharray]")).toHaveLength(1);
  });
});
