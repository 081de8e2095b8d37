/** The charts, for whoever hosts them. */

import "./charts.css";

export { createBars } from "./bars";
export { createContour } from "./contour";
export { createCurves } from "./curves/chart";
export * from "./frame";
export { createImportance } from "./importance/chart";
export * from "./options";
export { createParallel } from "./parallel/chart";
export { createScatter } from "./scatter";
