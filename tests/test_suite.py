"""What holds of the tests themselves: none passes because nothing was looked at."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.laws import all_met, met

HERE = Path(__file__).parent
WITHOUT = """
def test_it():
    for act in plan:
        if act.is_due:
            assert act.reason
"""
WITH = """
def test_it():
    for act in met(act for act in plan if act.is_due):
        assert act.reason
"""


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and is_test(node):
            yield node


def is_test(function: ast.FunctionDef) -> bool:
    """Whether it is a test by itself, or one of the laws that a test goes through."""
    fingerprints = [ast.unparse(each) for each in function.decorator_list]
    return function.name.startswith("test_") or "law" in fingerprints


def is_expectation(node: ast.AST) -> bool:
    """Whether `node` can fail a test by itself: an assert, or a block that has to raise."""
    if isinstance(node, ast.With):
        return any("raises(" in ast.unparse(item) for item in node.items)
    return isinstance(node, ast.Assert)


def always_asserts(body: Sequence[ast.stmt]) -> bool:
    """Whether there is an assert that no condition, and no empty list, keeps from being made."""
    return any(is_expectation(each) or _inside_always_asserts(each) for each in body)


def _inside_always_asserts(statement: ast.stmt) -> bool:
    match statement:
        case ast.With() | ast.Try():
            return always_asserts(statement.body)
        case ast.If():
            return always_asserts(statement.body) and always_asserts(statement.orelse)
        case ast.For(iter=ast.Call(func=ast.Name("met"))):
            return always_asserts(statement.body)
        case ast.For(iter=ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_])):
            return always_asserts(statement.body)
    return False


def may_assert_nothing(code: str) -> list[str]:
    """The tests in `code` that assert something, but not whatever happens."""
    return [
        test.name
        for test in functions(ast.parse(code))
        if not always_asserts(test.body) and any(map(is_expectation, ast.walk(test)))
    ]


@pytest.mark.parametrize(("code", "found"), [(WITHOUT, ["test_it"]), (WITH, [])])
def test_a_test_that_may_assert_nothing_is_found(code, found):
    assert may_assert_nothing(code) == found


def test_every_test_asserts_something_whatever_happens():
    files = sorted(HERE.rglob("test_*.py"))

    found = {str(file.relative_to(HERE)): may_assert_nothing(file.read_text()) for file in files}

    assert len(files) > 100
    assert {file: names for file, names in found.items() if names} == {}


def see(*examples):
    """What a law does that looks for cases in each of its examples."""
    with all_met():
        return sum(map(len, map(met, examples)))


def test_a_law_whose_cases_never_occur_fails():
    with pytest.raises(AssertionError, match="no example had a case of: see"):
        see([], [])


def test_a_law_whose_cases_occur_in_one_example_passes():
    assert see([], [7]) == 1


def test_no_law_fails_because_a_machine_is_slow(request):
    own = (
        getattr(item.obj, "_hypothesis_internal_use_settings", None)
        for item in request.session.items
    )

    used = {each for each in own if each} | {settings.default}

    assert {each.deadline for each in used} == {None}
    assert all(HealthCheck.too_slow in each.suppress_health_check for each in used)
