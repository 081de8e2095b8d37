/** Sizes that the browser knows and the list needs: how far it is scrolled, how high it and its unfolded runs are. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useCallback, useLayoutEffect, useMemo } from "preact/hooks";
import type { Shape } from "../heights";
import type { Density } from "../list-settings";

/** The height where there is no browser that could tell it. */
const USUAL_HEIGHT = 800;
const WIDE = 560;

export const px = (pixels: number) => `${pixels}px`;

export interface Sizes {
  /** How far the list is scrolled, in pixels. */
  top: Signal<number>;
  /** How high its frame is. */
  height: Signal<number>;
  /** What runs are in it, which decides how high they are. */
  shape: Signal<Shape>;
  /** How high unfolded runs are. */
  open: Signal<ReadonlyMap<string, number>>;
  /** Takes the sizes anew. */
  read: () => void;
}

export function useSizes(frame: RefObject<HTMLDivElement | null>, density: Density): Sizes {
  const top = useSignal(0);
  const height = useSignal(USUAL_HEIGHT);
  const shape = useSignal<Shape>(density === "rows" ? "row" : "card");
  const open = useSignal<ReadonlyMap<string, number>>(new Map());
  const read = useCallback(() => {
    const element = frame.current;
    if (element === null || element.clientHeight === 0) return;
    top.value = element.scrollTop;
    height.value = element.clientHeight;
    shape.value = density === "rows" ? "row" : element.clientWidth >= WIDE ? "wide" : "card";
  }, [frame, density, top, height, shape]);
  useLayoutEffect(() => {
    if (density === "rows") shape.value = "row";
    read();
    return observe(frame.current, read);
  }, [frame, density, shape, read]);
  return useMemo(() => ({ top, height, shape, open, read }), [top, height, shape, open, read]);
}

/** Tells the list how high a run is while it is unfolded. What is out of sight keeps its height. */
export function useOpenHeight(run: RefObject<HTMLElement | null>, runId: string, isOpen: boolean, sizes: Sizes): void {
  useLayoutEffect(() => {
    const element = run.current;
    if (!isOpen || element === null) return undefined;
    const read = () => setHeight(sizes.open, runId, element.offsetHeight);
    read();
    return observe(element, read);
  }, [run, runId, isOpen, sizes]);
}

function setHeight(heights: Sizes["open"], runId: string, height: number): void {
  if (height > 0 && heights.peek().get(runId) !== height) heights.value = new Map(heights.peek()).set(runId, height);
}

function observe(element: Element | null, changed: () => void): () => void {
  if (element === null || typeof ResizeObserver === "undefined") return () => undefined;
  const observer = new ResizeObserver(changed);
  observer.observe(element);
  return () => observer.disconnect();
}
