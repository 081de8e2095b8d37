/** The charts, for whoever hosts them. */

import "./charts.css";

export { createCurves } from "./curves/chart";
export * from "./frame";
export * from "./options";
export { createParallel } from "./parallel/chart";
