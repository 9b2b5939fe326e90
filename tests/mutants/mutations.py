"""Mutants: every small fault that is put into a module of the rules, one at a time.

Not changed: annotations, decorators, defaults of arguments, f-strings, and text with a space in
it, which people read: no test pins a sentence.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.faults import faults, is_text

Function = ast.FunctionDef | ast.AsyncFunctionDef
UNCHANGED = {"annotation", "returns", "decorator_list", "bases"}


@dataclass(frozen=True, eq=False)
class Mutant:
    """One fault: what `old` is replaced by, and where.

    `function` is the outermost around it; `lines` are those of its statement.
    """

    module: Path
    tree: ast.Module
    function: Function | None
    lines: range
    parent: ast.AST
    field: str
    index: int | None
    old: ast.AST
    new: ast.AST

    def put_in(self) -> ast.Module:
        """The tree with the fault, made in place: of use once in a process."""
        new = ast.copy_location(self.new, self.old)
        if self.index is None:
            setattr(self.parent, self.field, new)
        else:
            getattr(self.parent, self.field)[self.index] = new
        return ast.fix_missing_locations(self.tree)

    @property
    def line(self) -> int:
        """Where it is in its module today."""
        return getattr(self.old, "lineno", self.lines.start)

    @property
    def function_lines(self) -> range:
        """Where its function is; nowhere, if it is in none."""
        if (function := self.function) is None:
            return range(0)
        return range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)

    def __str__(self) -> str:
        """Where and what it is, without a line number, which other changes would move."""
        name = self.function.name if self.function else "module"
        return f"{name}: {_written(self.old)} → {_written(self.new)}"


def mutants_of(module: Path) -> Iterator[Mutant]:
    """All mutants of a module, from its first line to its last."""
    tree = ast.parse(module.read_text("utf-8"))
    yield from _Walk(module, tree).below(tree, None, range(0))


@dataclass(frozen=True)
class _Walk:
    module: Path
    tree: ast.Module

    def below(self, parent: ast.AST, function: Function | None, lines: range) -> Iterator[Mutant]:
        """The mutants of all that is inside of `parent`."""
        for field, value in ast.iter_fields(parent):
            if field in UNCHANGED or _is_type_or_default(parent, field, value):
                continue
            for index, node in enumerate(value) if isinstance(value, list) else ((None, value),):
                if not isinstance(node, ast.AST) or _is_docstring(node) or is_text(node):
                    continue
                own = _header(node) if isinstance(node, ast.stmt) else lines
                outer = function or (node if isinstance(node, Function) else None)
                for new in faults(node, field):
                    yield Mutant(
                        self.module, self.tree, outer, own, parent, field, index, node, new
                    )
                yield from self.below(node, outer, own)


def _is_type_or_default(parent: ast.AST, field: str, value: object) -> bool:
    if isinstance(parent, ast.Subscript) and field == "slice":  # `tuple[str, int]`, not `names[0]`
        return not isinstance(
            value, ast.Slice | ast.Constant | ast.UnaryOp | ast.Compare | ast.Call
        )
    return isinstance(value, ast.arguments)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _header(node: ast.stmt) -> range:
    """The lines of a statement, without those of the statements inside it."""
    body = getattr(node, "body", None)
    end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    return range(node.lineno, max(node.lineno, end) + 1)


def _written(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())
