import { LabIcon } from "@jupyterlab/ui-components";

/** Three runs, each a dot and its bar. */
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3 jp-icon-selectable" fill="#616161">
    <circle cx="5" cy="6" r="2.25"/><circle cx="5" cy="12" r="2.25"/><circle cx="5" cy="18" r="2.25"/>
    <path d="M10 5h11v2H10zM10 11h6v2h-6zM10 17h9v2h-9z"/>
  </g>
</svg>`;

export const runsIcon = new LabIcon({ name: "trackside:runs", svgstr: DRAWING });
