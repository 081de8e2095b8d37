"""Where a notebook's code fixes what is random, as far as reading the code tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

_CALLS = {
    "random.seed": "random",
    "np.random.seed": "numpy",
    "numpy.random.seed": "numpy",
    "np.random.default_rng": "numpy",
    "numpy.random.default_rng": "numpy",
    "default_rng": "numpy",
    "np.random.RandomState": "numpy",
    "RandomState": "numpy",
    "torch.manual_seed": "torch",
    "torch.cuda.manual_seed_all": "torch",
    "tf.random.set_seed": "tensorflow",
    "tensorflow.random.set_seed": "tensorflow",
    "keras.utils.set_random_seed": "keras",
    "jax.random.PRNGKey": "jax",
    "jax.random.key": "jax",
    "pl.seed_everything": "lightning",
    "seed_everything": "lightning",
    "set_seed": "transformers",
}
_ARGUMENTS = {"random_state", "seed", "random_seed"}
_USES = re.compile(
    r"\b(random|np\.random|numpy\.random|torch|tensorflow|tf|keras|jax|sklearn|xgboost|lightgbm|catboost)\b"
)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)


def find_seeds(sources: Iterable[str]) -> tuple[str, ...]:
    """What the code seeds, such as ``numpy=0`` and ``random_state=42``, each once; unreadable code has none."""
    found: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(_MAGIC.sub("", source))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                found.update(dict.fromkeys(_seeds_of(node)))
    return tuple(found)


def uses_chance(sources: Iterable[str]) -> bool:
    """Whether the code mentions a library that draws random numbers."""
    return any(_USES.search(source) for source in sources)


def _seeds_of(call: ast.Call) -> list[str]:
    seeds = [
        f"{keyword.arg}={_text(keyword.value)}"
        for keyword in call.keywords
        if keyword.arg in _ARGUMENTS and not _is_none(keyword.value)
    ]
    library = _CALLS.get(_text(call.func))
    if library and call.args and not _is_none(call.args[0]):
        seeds.append(f"{library}={_text(call.args[0])}")
    return seeds


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _text(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:39]}…"
