/** What the widget asks the kernel about the models of a run. */

/** A model that a run logged, and code that predicts with it; the code is empty where the model has no flavor for it. */
export interface ModelSnippet {
  name: string;
  /** By what MLflow finds it. */
  uri: string;
  /** By what it can be loaded, such as `sklearn`. */
  flavors: string[];
  /** The columns that it takes and their types, where they are known. */
  inputs: { key: string; value: string }[];
  pandas: string;
  spark: string;
}

export interface ModelRequests {
  "models.list": { data: { run_id: string }; reply: { models: ModelSnippet[] } };
}
