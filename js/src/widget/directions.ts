/** Which way a metric is better, as far as its name tells. */

export type Direction = "smaller" | "larger";

const SMALLER = new Set(
  (
    "loss losses logloss nll bce crossentropy error errors err rmse mse mae mape smape msle rmsle mdape rmspe hinge " +
    "perplexity ppl brier wer cer fid regret fpr fnr ece deviance aic bic latency"
  ).split(" "),
);
const LARGER = new Set(
  (
    "accuracy acc auc auroc auprc roc f1 fbeta precision recall sensitivity specificity r2 score map ndcg mrr bleu " +
    "rouge meteor iou dice jaccard kappa mcc tpr tnr silhouette elbo throughput"
  ).split(" "),
);
/** What a metric with such a word counts or measures is neither good nor bad. */
const NEUTRAL = new Set("time std rank count num epoch step support threshold weight system".split(" "));
const NEGATED = new Set(["neg", "negative"]);

/** Null where the name does not tell, or says both. */
export function betterDirection(key: string): Direction | null {
  const words = wordsOf(key);
  if (words.some((word) => NEUTRAL.has(word))) return null;
  const isSmaller = words.some((word) => SMALLER.has(word));
  const isLarger = words.some((word) => LARGER.has(word));
  if (isSmaller === isLarger) return null;
  return isSmaller !== words.some((word) => NEGATED.has(word)) ? "smaller" : "larger";
}

/** The words of a name, also those without the number at their end: `valF1@10`, `map50` and `mean_squared_error`. */
function wordsOf(key: string): string[] {
  const words = key
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.flatMap((word) => [word, word.replace(/\d+$/, "")]);
}

export type Verdict = "better" | "worse" | "neutral";

/** What going from one value to another means. A value that is no number is worse than any that is. */
export function judgeChange(key: string, before: number, after: number): Verdict {
  const direction = betterDirection(key);
  if (direction === null || Object.is(before, after)) return "neutral";
  if (Number.isNaN(after)) return "worse";
  if (Number.isNaN(before)) return "better";
  return after < before === (direction === "smaller") ? "better" : "worse";
}

/** By which part of it a value changed, or null where that says nothing. */
export function relativeChange(before: number, after: number): number | null {
  const part = (after - before) / Math.abs(before);
  return Number.isFinite(part) ? part : null;
}
