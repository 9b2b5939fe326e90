"""Faults: what one node of a module is replaced by, as if its author had slipped.

For example `request.progress is Progress.REJECTED` becomes `is not`, an `if` is always taken, a
`return` answers None, and an operand of an `and`, an element of a list, an argument with a name
or a statement is left out.
"""

import ast
from collections.abc import Callable, Iterator
from typing import Any

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min"}
SWAPPED |= {"startswith": "endswith", "endswith": "startswith"}
LEFT_OUT = {"strip", "casefold", "lower", "upper", "lstrip", "rstrip"}  # as `name.strip()`


def faults(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """What `node` may be replaced by; `field` is what it is in the node around it."""
    for kind in type(node).__mro__:
        if kind in _FAULTS:
            yield from _FAULTS[kind](node)
    if field in {"test", "ifs"}:
        yield ast.Constant(value=True)
        yield ast.Constant(value=False)


def is_text(node: ast.AST) -> bool:
    """Whether it says something to people."""
    is_prose = isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    return is_prose or isinstance(node, ast.JoinedStr)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    for i, op in enumerate(node.ops):
        for other in COMPARED[type(op)]:
            ops = [*node.ops[:i], other(), *node.ops[i + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)


def _joined(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for rest in _without_each(node.values):
        yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _negated(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _computed(node: ast.BinOp) -> Iterator[ast.expr]:
    if other := COMPUTED.get(type(node.op)):
        yield ast.BinOp(node.left, other(), node.right)


def _constant(node: ast.Constant) -> Iterator[ast.expr]:
    match node.value:
        case bool() as value:
            yield ast.Constant(not value)
        case int() as value:
            yield ast.Constant(value + 1)
        case str() as value:
            yield ast.Constant(f"{value}X")


def _elements(node: ast.List | ast.Tuple) -> Iterator[ast.expr]:
    if isinstance(node.ctx, ast.Load) and len(node.elts) > 1:
        yield from (type(node)(rest, node.ctx) for rest in _without_each(node.elts))


def _members(node: ast.Set) -> Iterator[ast.expr]:
    if len(node.elts) > 1:
        yield from (ast.Set(rest) for rest in _without_each(node.elts))


def _entries(node: ast.Dict) -> Iterator[ast.expr]:
    if len(node.keys) > 1:
        for keys, values in zip(_without_each(node.keys), _without_each(node.values), strict=True):
            yield ast.Dict(keys, values)


def _called(node: ast.Call) -> Iterator[ast.expr]:
    for rest, left_out in zip(_without_each(node.keywords), node.keywords, strict=True):
        if not is_text(left_out.value):
            yield ast.Call(node.func, node.args, rest)
    match node.func:
        case ast.Name(name, ctx) if name in SWAPPED:
            yield ast.Call(ast.Name(SWAPPED[name], ctx), node.args, node.keywords)
        case ast.Attribute(owner, name, ctx) if name in SWAPPED:
            yield ast.Call(ast.Attribute(owner, SWAPPED[name], ctx), node.args, node.keywords)
        case ast.Attribute(owner, name) if name in LEFT_OUT and not node.args:
            yield owner


def _returned(node: ast.Return) -> Iterator[ast.stmt]:
    if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _assigned(node: ast.Assign) -> Iterator[ast.stmt]:
    if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
        yield ast.Pass()


def _left_out(node: ast.stmt) -> Iterator[ast.stmt]:
    yield ast.Pass()


def _without_each(several: list[Any]) -> Iterator[list[Any]]:
    return (several[:i] + several[i + 1 :] for i in range(len(several)))


_FAULTS: dict[type, Callable[[Any], Iterator[ast.AST]]] = {
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.UnaryOp: _negated,
    ast.BinOp: _computed,
    ast.Constant: _constant,
    ast.List: _elements,
    ast.Tuple: _elements,
    ast.Set: _members,
    ast.Dict: _entries,
    ast.Call: _called,
    ast.Return: _returned,
    ast.Assign: _assigned,
    **dict.fromkeys(
        (ast.Expr, ast.AugAssign, ast.Raise, ast.Continue, ast.Break, ast.Delete), _left_out
    ),
}
