"""Which way a metric is better, as far as its name tells. The other side is ``js/src/widget/directions.ts``."""

from __future__ import annotations

import re
from typing import Literal

Direction = Literal["smaller", "larger"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SMALLER = _words(
    "loss losses logloss nll bce crossentropy error errors err rmse mse mae mape smape msle rmsle mdape rmspe hinge "
    "perplexity ppl brier wer cer fid regret fpr fnr ece deviance aic bic latency"
)
LARGER = _words(
    "accuracy acc auc auroc auprc roc f1 fbeta precision recall sensitivity specificity r2 score map ndcg mrr bleu "
    "rouge meteor iou dice jaccard kappa mcc tpr tnr silhouette elbo throughput"
)
NEUTRAL = _words("time std rank count num epoch step support threshold weight system")
"""What a metric with such a word counts or measures is neither good nor bad."""
NEGATED = _words("neg negative")


def better_direction(key: str) -> Direction | None:
    """None where the name does not tell, or says both."""
    words = _words_of(key)
    is_smaller, is_larger = not words.isdisjoint(SMALLER), not words.isdisjoint(LARGER)
    if not words.isdisjoint(NEUTRAL) or is_smaller == is_larger:
        return None
    return "smaller" if is_smaller != (not words.isdisjoint(NEGATED)) else "larger"


def _words_of(key: str) -> set[str]:
    """The words of a name, also those without the number at their end: ``valF1@10``, ``map50``."""
    parts = re.split(r"[\W_]+", re.sub("([a-z])([A-Z])", r"\1 \2", key).lower())
    return {word for part in parts for word in (part, re.sub("[0-9]+$", "", part))}
