"""Which way a metric is better, as far as its name tells. ``js/src/widget/directions.ts`` judges by the same words."""

from __future__ import annotations

import math
import re

_SMALLER = """
    loss losses logloss nll bce crossentropy error errors err rmse mse mae mape smape msle rmsle mdape rmspe hinge
    perplexity ppl brier wer cer fid regret fpr fnr ece deviance aic bic latency
"""
_LARGER = """
    accuracy acc auc auroc auprc roc f1 fbeta precision recall sensitivity specificity r2 score map ndcg mrr bleu
    rouge meteor iou dice jaccard kappa mcc tpr tnr silhouette elbo throughput
"""
_NEUTRAL = "time std rank count num epoch step support threshold weight system"
"""What a metric with such a word counts or measures is neither good nor bad."""
_SMALLER_WORDS, _LARGER_WORDS, _NEUTRAL_WORDS = (frozenset(text.split()) for text in (_SMALLER, _LARGER, _NEUTRAL))
_NEGATED = frozenset(("neg", "negative"))


def better_direction(key: str) -> str | None:
    """``smaller`` or ``larger``; None where the name does not tell, or says both."""
    words = _words_of(key)
    is_smaller, is_larger = bool(words & _SMALLER_WORDS), bool(words & _LARGER_WORDS)
    if words & _NEUTRAL_WORDS or is_smaller == is_larger:
        return None
    return "smaller" if is_smaller != bool(words & _NEGATED) else "larger"


def judge_change(key: str, before: float, after: float) -> str:
    """``better``, ``worse`` or ``neutral``. A value that is no number is worse than any that is."""
    direction = better_direction(key)
    if direction is None or before == after or (math.isnan(before) and math.isnan(after)):
        return "neutral"
    if math.isnan(before) or math.isnan(after):
        return "worse" if math.isnan(after) else "better"
    return "better" if (after < before) == (direction == "smaller") else "worse"


def _words_of(key: str) -> set[str]:
    """The words of a name, also without the number at their end: ``valF1@10``, ``map50``, ``mean_squared_error``."""
    words = re.split(r"[\W_]+", re.sub(r"([a-z])([A-Z])", r"\1 \2", key).lower())
    return {*words, *(re.sub(r"\d+$", "", word) for word in words)}
