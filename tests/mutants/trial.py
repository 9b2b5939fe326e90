"""A trial: whether some test fails with a mutant in place, each in a process of its own.

A mutant inside a function is put into the running process, whose code is exchanged; then the tests
that run through its lines are run again, the quickest first. One of a table, or one that lived on,
is imported anew with all that builds on it. No file is changed.
"""

import os
import resource
import sys
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from time import process_time
from types import CodeType, FrameType

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutants.importing import ROOT, Held, exchange, import_anew
from tests.mutants.mutations import Mutant

SURVIVED, KILLED, BROKEN = 0, 1, 3  # how the process of a trial ends
A_LAW_TAKES = 0.5  # seconds of the processor, while its lines are noted
ENDINGS: Mapping[int, int] = {
    pytest.ExitCode.OK: SURVIVED,
    pytest.ExitCode.TESTS_FAILED: KILLED,
    pytest.ExitCode.INTERRUPTED: KILLED,  # a test file could not be imported
}
LOOPS_AFTER = 10  # seconds of the processor, beside ten times what a test needs
MOST_CALLS = 300  # of one function by one test, whose lines are noted
MOST_MEMORY = 4 << 30  # bytes
ARGUMENTS = (
    *(
        "-o",
        "addopts=",
        "--import-mode=importlib",
        "--strict-markers",
        "--rootdir",
        str(ROOT),
        "-s",
    ),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *(word for name in ("xdist", "terminal", "cacheprovider") for word in ("-p", f"no:{name}")),
)


class Outcome(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    LOOPED = "looped"
    SURVIVED = "survived"


@dataclass
class Coverage:
    """Which tests run through which lines, and how many seconds of the processor each takes."""

    by_line: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that run through a mutant's lines, the quickest first."""
        own = self._through(mutant, mutant.lines)
        found = own or self._through(mutant, mutant.function_lines)
        return sorted(found, key=self.seconds.__getitem__)

    def _through(self, mutant: Mutant, lines: range) -> set[str]:
        file = str(mutant.module)
        return {test for line in lines for test in self.by_line.get((file, line), ())}


@dataclass(frozen=True)
class Bench:
    """What a mutant is tried on: the tests that were collected, and the functions they call."""

    items: Mapping[str, pytest.Item]
    coverage: Coverage
    held: Held
    is_quick: bool

    def tries(self, mutant: Mutant) -> Outcome:
        """What becomes of a mutant."""
        ended = SURVIVED
        if mutant.function:
            covering = self.coverage.of(mutant)
            ended = _in_a_process(partial(self._run_in_place, mutant, covering))
        for tests in self._rounds(mutant):
            if ended == SURVIVED and tests:
                ended = _in_a_process(partial(self._run_anew, mutant, tests))
        if ended == BROKEN:
            raise RuntimeError(f"could not be tried: {mutant.module}: {mutant}")
        return {SURVIVED: Outcome.SURVIVED, KILLED: Outcome.KILLED}.get(ended, Outcome.LOOPED)

    def _rounds(self, mutant: Mutant) -> list[list[str]]:
        """The tests that are tried with everything imported anew, round by round.

        No test runs through the lines of a table, nor of a function that only a table calls: the
        tests of its module are tried first, then all others. Any other function needs it only
        where it was called, or its answer kept, before.
        """
        quick = [test for test, took in self.coverage.seconds.items() if took < A_LAW_TAKES]
        if covering := {*self.coverage.of(mutant)} if mutant.function else set():
            return [] if self.is_quick else [[test for test in quick if test in covering]]
        own = f"fleet/{mutant.module.parent.name}/test_{mutant.module.stem}"
        return [[t for t in quick if own in t], [t for t in quick if own not in t]]

    def _run_in_place(self, mutant: Mutant, tests: list[str]) -> int:
        is_there = exchange(mutant, self.held)
        return _run([self.items[t] for t in tests], self.coverage) if is_there else SURVIVED

    def _run_anew(self, mutant: Mutant, tests: list[str]) -> int:
        import_anew(mutant)
        files = dict.fromkeys(str(ROOT / test.partition("::")[0]) for test in tests)
        ended = pytest.main([*ARGUMENTS, *files], plugins=[_Again(tests, self.coverage)])
        return ENDINGS.get(ended, BROKEN)


def _in_a_process(trial: Callable[[], int]) -> int:
    """How `trial` ends in a copy of this process; a negative number where it had to be ended."""
    if not (pid := os.fork()):
        code = BROKEN
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = trial()
        except BaseException:  # noqa: BLE001  # it is printed, and the trial counts as broken
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


@dataclass
class _Again:
    """Runs the wanted tests in the wanted order, until one fails."""

    tests: list[str]
    coverage: Coverage

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        quick(session.items)
        found = [items[test] for test in self.tests if test in items]
        if session.testsfailed or _run(found, self.coverage) == KILLED:
            raise session.Failed
        return True


def _run(items: list[pytest.Item], coverage: Coverage) -> int:
    """Whether all of these tests pass; the first one that does not ends it."""
    for item, following in zip(items, [*items[1:], None], strict=False):
        most = int(process_time() + LOOPS_AFTER + 10 * coverage.seconds[item.nodeid])
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
        if any(each.failed for each in runtestprotocol(item, log=False, nextitem=following)):
            return KILLED
    return SURVIVED


def covered(items: list[pytest.Item]) -> Coverage:
    """Runs every test once, without a mutant; all have to pass."""
    coverage = Coverage()
    for item, following in zip(items, [*items[1:], None], strict=False):
        before = process_time()
        with _traced(coverage, item.nodeid):
            reports = runtestprotocol(item, log=False, nextitem=following)
        coverage.seconds[item.nodeid] = process_time() - before
        if failed := [str(each.longrepr) for each in reports if each.failed]:
            raise RuntimeError(f"fails without any mutant: {item.nodeid}\n{failed[0]}")
    return coverage


def is_law(item: pytest.Item) -> bool:
    """Whether a test searches for examples."""
    return hasattr(getattr(item, "obj", None), "hypothesis")


def quick(items: Iterable[pytest.Item]) -> None:
    """Lets laws search through the same examples each time, and stop at the first that fails."""
    for item in items:
        law = getattr(item, "obj", None)
        if own := getattr(law, "_hypothesis_internal_use_settings", None):
            law._hypothesis_internal_use_settings = settings(  # type: ignore[union-attr]
                own,
                phases=(Phase.explicit, Phase.generate),
                database=None,
                derandomize=True,
            )


@contextmanager
def _traced(coverage: Coverage, test: str) -> Iterator[None]:
    inside, by_line = str(ROOT / "fleet"), coverage.by_line
    calls_of: Counter[CodeType] = Counter()

    def lines(frame: FrameType, event: str, argument: object) -> object:
        by_line[frame.f_code.co_filename, frame.f_lineno].add(test)
        return lines

    def calls(frame: FrameType, event: str, argument: object) -> object:
        if not frame.f_code.co_filename.startswith(inside):
            return None
        calls_of[frame.f_code] += 1
        return lines if calls_of[frame.f_code] <= MOST_CALLS else None

    sys.settrace(calls)  # type: ignore[arg-type]
    try:
        yield
    finally:
        sys.settrace(None)
