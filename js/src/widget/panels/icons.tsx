/** Small drawings, in the text's colour. They carry no meaning of their own: what they belong to has a name. */

import type { RunStatus } from "../protocol";

const PATHS = {
  chevron: "M6 4l4 4-4 4",
  notebook: "M4.5 2.5h8v11h-8zM6.5 2.5v11M2.5 5h2M2.5 8h2M2.5 11h2M8.5 5.5h2M8.5 8h2",
  pencil: "M3 13l.6-2.6 7-7 2 2-7 7zM9.4 4.6l2 2",
  close: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  trash: "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.5 9h6l.5-9M7 7v4M9 7v4",
  copy: "M6 5.5h7v8H6zM3 10.5v-8h7",
  check: "M3.5 8.5l3 3 6-7",
  download: "M8 2.5v7.5M5 7.5l3 3 3-3M3 13.5h10",
  refresh: "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v3h-3",
  folder: "M2.5 12.5v-9h4l1.5 2h5.5v7z",
  file: "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
  image: "M2.5 3.5h11v9h-11zM2.5 11l3-3 2.5 2.5 2-2 3.5 3.5M10.5 6h.01",
  open: "M9 3h4v4M13 3L8 8M6.5 3.5h-3v9h9v-3",
  back: "M9.5 4l-4 4 4 4",
  funnel: "M2.5 3.5h11L9.5 8.5v4l-3 1.5v-5.5z",
  sliders: "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.5 2.5v4M5.5 9.5v4",
  up: "M8 13v-9.5M4.5 7L8 3.5 11.5 7",
  down: "M8 3v9.5M4.5 9L8 12.5 11.5 9",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  star: "M8 2.5l1.7 3.5 3.8.5-2.8 2.7.7 3.8L8 11.2 4.6 13l.7-3.8L2.5 6.5l3.8-.5z",
  tag: "M2.5 2.5h5.5l5.5 5.5-5.5 5.5-5.5-5.5zM5.5 5.5h.01",
  note: "M3 2.5h10v8l-3 3h-7zM13 10.5h-3v3M5.5 5.5h5M5.5 8h3",
  restore: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  stop: "M4.5 4.5h7v7h-7z",
  insert: "M2.5 2.5h11v5h-11zM8 9.5v5M5.5 12h5",
  link: "M9 2.5h4.5v4.5M13.5 2.5l-6 6M11.5 9.5v4h-9v-9h4",
  table: "M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 3.5v9",
  compare: "M3 2.5v11M8 2.5v11M13 2.5v11M3 10l5-5 5 3",
  end: "M3 8h10M10 5l3 3-3 3M3 3.5v9",
  again: "M4 3.5l6 4.5-6 4.5zM12.5 3.5v9",
  difference: "M8 2.5v5M5.5 5h5M5.5 12h5M3 2.5v11M13 2.5v11",
  swap: "M3 5.5h9M9.5 3L12 5.5 9.5 8M13 10.5H4M6.5 8L4 10.5 6.5 13",
  keys: "M2.5 4.5h11v7h-11zM5 7h.01M8 7h.01M11 7h.01M5.5 9.5h5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`ts-icon ts-icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

const STATUS_PATHS: Record<RunStatus, string> = {
  RUNNING: "M8 3.5a4.5 4.5 0 1 1-4.5 4.5",
  SCHEDULED: "M8 3.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9",
  FINISHED: "M4 8.5l2.75 2.75L12 5.5",
  FAILED: "M5 5l6 6M11 5l-6 6",
  KILLED: "M5 5h6v6H5z",
};

/** Where a run stands, as a shape of its own for each status. */
export function StatusIcon({ status, path = STATUS_PATHS[status] }: { status: RunStatus; path?: string }) {
  return (
    <svg class="ts-status" data-status={status} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
