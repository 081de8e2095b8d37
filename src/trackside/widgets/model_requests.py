"""What the front end asks about a run's models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside.tracking.prediction import PredictionSnippet, prediction_snippets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trackside.widgets.bridge import Buffers, Handler, Request


def list_models(request: Request, _buffers: Buffers) -> dict[str, Any]:
    """``models.list``: the run's models, with the code that predicts with each."""
    return {"models": [_told(snippet) for snippet in prediction_snippets(request.data["run_id"])]}


HANDLERS: Mapping[str, Handler] = {"models.list": list_models}


def _told(snippet: PredictionSnippet) -> dict[str, Any]:
    """A ``ModelSnippet``."""
    return {
        "name": snippet.name,
        "uri": snippet.uri,
        "flavors": list(snippet.flavors),
        "inputs": [{"key": column.name, "value": column.type} for column in snippet.inputs],
        "pandas": snippet.pandas,
        "spark": snippet.spark,
    }
