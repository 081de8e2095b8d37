"""Every sentence that Python can send to the panel, read from its source: with ``{}`` where a value stands.

A sentence is what an error, a filter's mistake or a reason of a verification is made with, followed through variables,
conditions and functions of the same module. Whoever words a new error need not know of this module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "trackside"
NOT_IN_THE_PANEL = ("cli", "magics", "mlflow_plugin", "startup", "labextension", "__init__.py", "extension.py")
ONLY_TYPED = {
    *("tracking/fluent.py", "tracking/start.py", "tracking/values.py", "tracking/render.py", "tracking/files.py"),
    *("tracking/inputs.py", "tracking/experiments.py", "tracking/source.py"),
    *("tracking/searching.py", "tracking/exporting.py"),
    *("reproducing/environments.py", "stores/experiment_purging.py"),
}
"""Modules whose errors only a line of Python meets, which IPython then shows as it shows others."""
SPOKEN = {"hint", "reason", "said"}
"""Names of arguments and of variables that hold sentences."""
TELLERS = {
    "fail": (0, 3),
    "fail_expecting": (0, 1),
    "_invalid": (1,),
    "Reason": (1,),
    "Library": (4,),
    "replace": (),
    "_failed": (0, 2),
    "_no_address": (1,),
}
"""What takes sentences besides errors, and where."""
ANSWERS = {
    "find_difference",
    "find_fault",
    "_difference",
    "_compare",
    "fault_of",
    "reason_of",
    "_why_not_writable",
    "_compare_revisions",
    "_failure",
    "_notes",
}
"""Functions whose answer is a sentence."""


class Module:
    """One source file, and what can be found in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = ast.parse(path.read_text("utf-8"))
        self.constants = _assigned(self.tree.body)

    @cached_property
    def functions(self) -> dict[str, ast.FunctionDef]:
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)}

    def sentences(self) -> Iterator[str]:
        """All of them; those that are nothing but a value are none."""
        for function in self.functions.values():
            speech = Speech(self, _assigned(ast.walk(function)))
            for node in ast.walk(function):
                yield from speech.parts_of(_told(node))
            if function.name in ANSWERS:
                yield from speech.parts_of(_returned(function))


class Speech:
    """What the expressions of a function can say."""

    def __init__(self, module: Module, local: dict[str, list[ast.expr]]) -> None:
        self.module, self.local = module, local
        self.inner: set[str] = set()
        self.pending: set[str] = set()

    def parts_of(self, told: Iterable[ast.expr]) -> Iterator[str]:
        """The sentences, and those that stand in their places for values."""
        for node in told:
            self.inner.clear()
            yield from (text for text in {*self.said(node), *self.inner} if any(map(str.isalpha, text)))

    def said(self, node: ast.expr) -> list[str]:
        """What an expression can be, as texts with ``{}``; nothing where it cannot be known."""
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else []
        if isinstance(node, ast.JoinedStr):
            return self._joined(node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._joined([node.left, node.right])
        if isinstance(node, ast.IfExp):
            return [*self.said(node.body), *self.said(node.orelse)]
        if isinstance(node, ast.Subscript):
            return self.said(node.value)
        if isinstance(node, ast.BoolOp | ast.Dict):
            return [text for value in node.values for text in self.said(value)]
        if isinstance(node, ast.Tuple):
            return [text for value in node.elts for text in self.said(value)]
        if isinstance(node, ast.Name):
            return self._named(node.id)
        return self._called(node) if isinstance(node, ast.Call) else []

    def _joined(self, values: Iterable[ast.expr]) -> list[str]:
        texts = [""]
        for value in values:
            if isinstance(value, ast.FormattedValue):
                self.inner.update(text for text in self.said(value.value) if text)
                parts = ["{}"]
            else:
                parts = self.said(value) or ["{}"]
            texts = [text + part for text in texts for part in parts]
        return texts

    def _named(self, name: str) -> list[str]:
        if name in self.pending:
            return []
        self.pending.add(name)
        found = [text for node in self.local.get(name, self.module.constants.get(name, [])) for text in self.said(node)]
        self.pending.discard(name)
        return found

    def _called(self, node: ast.Call) -> list[str]:
        name = _name_of(node.func)
        if name in ("shortened", "rstrip", "get") and node.args and isinstance(node.func, ast.Name):
            return self.said(node.args[0])
        if isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") != "self":
            return self.said(node.func.value) if name in ("rstrip", "get", "format") else []
        function = self.module.functions.get(name)
        if function is None or name in self.pending:
            return []
        self.pending.add(name)
        speech = Speech(self.module, _assigned(ast.walk(function)))
        speech.pending = self.pending
        found = [text for value in _returned(function) for text in speech.said(value)]
        self.inner |= speech.inner
        self.pending.discard(name)
        return found


@cache
def all_sentences() -> dict[str, str]:
    """Every sentence, with the module that says it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        place = path.relative_to(SOURCE).as_posix()
        if place.split("/")[0] not in NOT_IN_THE_PANEL and place not in ONLY_TYPED:
            found.update((" ".join(text.split()), place) for text in Module(path).sentences())
    return found


def _told(node: ast.AST) -> list[ast.expr]:
    """The arguments of a call that are sentences, or what a variable for one gets."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in SPOKEN:
        return [node.value]
    if not isinstance(node, ast.Call):
        return []
    name = _name_of(node.func)
    if name not in TELLERS and not name.endswith("Error"):
        return []
    told = [node.args[at] for at in TELLERS.get(name, (0,)) if at < len(node.args)]
    return [*told, *(word.value for word in node.keywords if word.arg in {*SPOKEN, "text"})]


def _returned(function: ast.FunctionDef) -> list[ast.expr]:
    given = (node for node in ast.walk(function) if isinstance(node, ast.Return | ast.Yield))
    return [node.value for node in given if node.value is not None]


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """What names are made of."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            _note(found, node.targets[0], node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            _note(found, node.target, node.value)
    return found


def _note(found: dict[str, list[ast.expr]], target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        found.setdefault(target.id, []).append(value)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, told in zip(target.elts, value.elts, strict=False):
            _note(found, one, told)


def _name_of(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
