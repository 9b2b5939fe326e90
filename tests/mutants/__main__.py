"""`python -m tests.mutants fleet/status`: puts faults into the rules; some test has to notice each.

Without a name, all of `fleet/`. `--share 0.2 --seed 7` tries that share of the mutants. It ends
with 1 where fewer than 90 % are killed, or a survivor is not named in `equivalent.yaml`.
"""

import argparse
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
import yaml

from tests.mutants.importing import ROOT, held_functions
from tests.mutants.mutations import Mutant, mutants_of
from tests.mutants.trial import ARGUMENTS, Bench, Outcome, covered, is_law, quick

LEAST_KILLED = 0.9
EQUIVALENT = yaml.safe_load((Path(__file__).parent / "equivalent.yaml").read_text("utf-8")) or {}


def chosen(parts: list[str], share: float, seed: int) -> Iterator[Mutant]:
    """The mutants of these folders or modules, or that share of them, module by module."""
    draw = random.Random(seed)
    for part in parts:
        path = ROOT / part
        for module in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found = list(mutants_of(module))
            some = draw.sample(found, round(share * len(found))) if share < 1 else found
            yield from some


class Run:
    """One run over some mutants, inside of a session of pytest that has collected the tests."""

    def __init__(self, mutants: list[Mutant], is_quick: bool) -> None:
        self.is_quick = is_quick
        self.mutants = mutants
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.unexplained = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests."""
        items = [item for item in session.items if not (self.is_quick and is_law(item))]
        quick(items)
        coverage = covered(items)
        bench = Bench(
            {item.nodeid: item for item in items}, coverage, held_functions(), self.is_quick
        )
        seconds = sum(coverage.seconds.values())
        say(f"{len(items)} tests pass in {seconds:.0f} s; {len(self.mutants)} mutants")
        for module, mutants in groupby(self.mutants, key=lambda each: each.module):
            name = str(module.relative_to(ROOT))
            for mutant in mutants:
                self.note(name, mutant, bench.tries(mutant))
            say(f"{name}: {', '.join(f'{n} {what}' for what, n in self.counts[name].items())}")
        return True

    def note(self, module: str, mutant: Mutant, outcome: Outcome) -> None:
        """Counts what became of a mutant, and shows it when nothing explains that it lives."""
        what: str = outcome
        if outcome is Outcome.SURVIVED:
            if str(mutant) in EQUIVALENT.get(module, {}):
                what = "equivalent"
            else:
                self.unexplained += 1
                say(f"{module}:{mutant.line}: {mutant}")
        self.counts[module]["mutants"] += 1
        self.counts[module][what] += 1

    def report(self) -> float:
        """Prints the counts by module; answers which share of what can be killed was."""
        columns = ("mutants", "killed", "looped", "equivalent", "survived")
        total = sum(self.counts.values(), Counter[str]())
        say(f"\n| module | {' | '.join(columns)} |\n|---|{'---:|' * len(columns)}")
        for module, counts in [*self.counts.items(), ("all", total)]:
            say(f"| {module} | {' | '.join(str(counts[each]) for each in columns)} |")
        share = (total["killed"] + total["looped"]) / max(1, total["mutants"])
        say(f"\n{share:.1%} of {total['mutants']} mutants were killed")
        return share


def say(line: str) -> None:
    """Prints at once, also into a pipe."""
    print(line, flush=True)  # noqa: T201


def main(arguments: list[str]) -> int:
    """Tries the mutants; 0 when enough are killed and every other one is explained."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("part", nargs="*", default=["fleet"])
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", nargs="*", type=Path, default=[ROOT / "tests" / "fleet"])
    parser.add_argument(
        "--quick", action="store_true", help="leave out laws, and import nothing anew"
    )
    given = parser.parse_args(arguments)
    os.chdir(ROOT)
    run = Run(list(chosen(given.part, given.share, given.seed)), given.quick)
    ended = pytest.main([*ARGUMENTS, *map(str, given.tests)], plugins=[run])
    if ended != pytest.ExitCode.OK or not run.mutants:
        return 2
    return 0 if run.report() >= LEAST_KILLED and not run.unexplained else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
