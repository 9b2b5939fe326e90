"""The faults that are put into the rules: which there are, and that each is what it says."""

import ast
from pathlib import Path

import pytest

from tests.mutants.importing import exchange
from tests.mutants.mutations import Mutant, mutants_of

MODULE = '''
"""Text for people."""
LIMITS: dict[str, int] = {"few": 2, "many": 9}

def allowed(name: str, past: list[str], *, most: int = 3) -> bool:
    """More text."""
    if not name:
        raise ValueError(f"no name in {past}")
    past.append(name.strip())
    return len(past) <= most and name in sorted(past, key=len)
'''


@pytest.fixture
def mutants(tmp_path: Path) -> list[Mutant]:
    module = tmp_path / "module.py"
    module.write_text(MODULE, "utf-8")
    return list(mutants_of(module))


def test_every_kind_of_fault_is_put_in(mutants: list[Mutant]) -> None:
    assert {
        "module: {'few': 2, 'many': 9} → {'few': 2}",
        "module: 2 → 3",
        "module: 'few' → 'fewX'",
        "allowed: not name → True",
        "allowed: not name → name",
        "allowed: raise ValueError(f'no name in {past}') → pass",
        "allowed: past.append(name.strip()) → pass",
        "allowed: name.strip() → name",
        "allowed: return len(past) <= most and name in sorted(past, key=len) → return None",
        "allowed: len(past) <= most and name in sorted(past, key=len) → len(past) <= most",
        "allowed: len(past) <= most → len(past) < most",
        "allowed: name in sorted(past, key=len) → name not in sorted(past, key=len)",
        "allowed: sorted(past, key=len) → sorted(past)",
    } < {str(each) for each in mutants}


def test_text_for_people_annotations_and_defaults_stay_as_they_are(mutants: list[Mutant]) -> None:
    found = {ast.unparse(each.old) for each in mutants}

    assert not found & {"'Text for people.'", "'More text.'", "str", "int", "past", "3"}
    assert not any(each.startswith("f'") for each in found)


def test_a_mutant_differs_from_its_module_and_can_be_compiled(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(MODULE, "utf-8")
    count = len(list(mutants_of(module)))

    written = {ast.unparse(list(mutants_of(module))[i].put_in()) for i in range(count)}

    assert ast.unparse(ast.parse(MODULE)) not in written
    assert len(written) == count
    assert all(compile(each, "module.py", "exec") for each in written)


def test_a_function_that_no_longer_uses_what_is_around_it_is_left_to_a_new_import(
    tmp_path: Path,
) -> None:
    module = tmp_path / "module.py"
    module.write_text("class Named(Exception):\n    def __init__(self): super().__init__('x')\n")
    made: dict[str, type] = {}
    exec(compile(module.read_text("utf-8"), str(module), "exec"), made)
    (without,) = [each for each in mutants_of(module) if str(each).endswith("→ pass")]

    assert not exchange(without, {(str(module), 2): [vars(made["Named"])["__init__"]]})
    assert str(made["Named"]()) == "x"
