"""One language: the words that docs/glossary.md replaced name nothing in this tree."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
ELSEWHERE = {".venv", ".git", "var", "versions"}  # a migration keeps the words of its day
REPLACED = re.compile(
    r"(^|_)(look(s|ed|ing)?|sight(s|ing|ings)?|standings?|enrol|enrols|enrolments?|kept|let_in|"
    r"manners?|knock(s|ed|ing)?|doors?|doubts?|strangers?|marks?|deeds?|told|tells?|telling|acts?|"
    r"acting|(carry|carried|carrying)_out|settle[sd]?|settling|unsettled|jobs?|batch(es)?|tend(s|ed|ing)?|"
    r"gone|homeless|patience|rulings?|exchanges|gather(s|ed|ing)?|mend(s|ed|ing)?|needs_a?_?hand|"
    r"licences?|colours?|behaviours?|neighbours?|catalogues?|honours?)(?=_|$)"
)


def modules() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.py")):
        if not ELSEWHERE & {*path.relative_to(ROOT).parts}:
            yield path


def names(module: Path) -> Iterator[tuple[int, str]]:
    """Every name that a module defines, its own included, with the line."""
    yield 0, module.stem
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(ctx=ast.Store()):
                yield node.lineno, node.attr


def in_words(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def is_replaced(name: str) -> bool:
    return bool(REPLACED.search(in_words(name)))


def may_have_one(module: Path) -> bool:
    """Whether a replaced word is anywhere in it; to parse what has none takes long."""
    words = set(re.findall(r"[^\W\d]\w*", f"{module.stem} {module.read_text('utf-8')}"))
    return any(map(is_replaced, words))


def test_a_replaced_word_is_recognized_in_every_style() -> None:
    found = [name for name in ("KeptDevice", "a_stranger", "LOOK", "looks_at") if is_replaced(name)]

    assert found == ["KeptDevice", "a_stranger", "LOOK", "looks_at"]
    assert not is_replaced("outlook")


def test_no_name_is_made_of_a_replaced_word() -> None:
    found = [
        f"{module.relative_to(ROOT)}:{line} {name}"
        for module in filter(may_have_one, modules())
        for line, name in names(module)
        if is_replaced(name)
    ]

    assert not found
