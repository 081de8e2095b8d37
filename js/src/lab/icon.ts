import { LabIcon } from "@jupyterlab/ui-components";

/** A flask, the usual sign for experiments. */
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <path class="jp-icon3 jp-icon-selectable" fill="#616161" fill-rule="evenodd" d="M8 3h8v2h-1.2v4l5.3 8.7a2.2 2.2 0 0 1-1.9
    3.3H5.8a2.2 2.2 0 0 1-1.9-3.3L9.2 9V5H8zm3 2v4.5L7.6 15h8.8L13 9.5V5z"/>
</svg>`;

export const runsIcon = new LabIcon({ name: "trackside:runs", svgstr: DRAWING });
