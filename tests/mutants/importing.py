"""Importing a module with a mutant in place, or putting it into what is imported already."""

import gc
import sys
from collections import defaultdict
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

from tests.mutants.mutations import Function, Mutant

Held = dict[tuple[str, int], list[FunctionType]]

ROOT = Path(__file__).parents[2]
OURS = {path.stem for path in ROOT.iterdir() if path.is_dir() and path.name.isidentifier()}


def held_functions() -> Held:
    """All functions of the rules that are imported, by their file and first line."""
    held: Held = defaultdict(list)
    inside = str(ROOT / "fleet")
    gc.unfreeze()
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(inside):
            held[each.__code__.co_filename, each.__code__.co_firstlineno].append(each)
    gc.collect()
    gc.freeze()
    return held


def exchange(mutant: Mutant, held: Held) -> bool:
    """Gives the function around a mutant its new code, wherever it is held; False if nowhere.

    One that no longer uses what is around it, as without its `super()`, does not fit there.
    """
    if (function := mutant.function) is None:
        return False
    file = str(mutant.module)
    code = _code_of(function, compile(mutant.put_in(), file, "exec"))
    held_here = held.get((file, _first_line(function)), [])
    found = [each for each in held_here if len(each.__code__.co_freevars) == len(code.co_freevars)]
    for each in found:
        each.__code__ = code
    return bool(found)


def import_anew(mutant: Mutant) -> None:
    """Forgets all modules of ours, so that they are imported again: one of them with its mutant."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        if not name.startswith("tests.mutants"):
            del sys.modules[name]
    sys.meta_path.insert(0, _Mutated(mutant))


class _Mutated(MetaPathFinder, Loader):
    """Imports one module with its mutant in place."""

    def __init__(self, mutant: Mutant) -> None:
        self.file, self.tree = mutant.module, mutant.put_in()
        self.name = ".".join(mutant.module.relative_to(ROOT).with_suffix("").parts)

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of this one module alone."""
        if fullname != self.name:
            return None
        return spec_from_file_location(fullname, self.file, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Runs it with its mutant."""
        exec(compile(self.tree, str(self.file), "exec"), module.__dict__)


def _first_line(function: Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])


def _code_of(function: Function, inside: CodeType) -> CodeType:
    """The code of `function` in that of its module or of its class."""
    line = _first_line(function)
    codes = [each for each in inside.co_consts if isinstance(each, CodeType)]
    while codes:
        code = codes.pop()
        if (code.co_name, code.co_firstlineno) == (function.name, line):
            return code
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
    raise LookupError(function.name)
