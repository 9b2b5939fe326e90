"""Findings: what all trials together say, as a table for people and as JSON for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from bench.trial import Trial

Rounds = Sequence[Trial]
Fact = Callable[[Trial], float | None]

HEADINGS = ("devices", "seconds", "÷ bare", "CPU s", "÷ bare", "list calls", "peak MiB", "digest s")


def seconds(trial: Trial) -> float:
    """By the clock."""
    return trial.measured.seconds


def cpu_seconds(trial: Trial) -> float:
    """Of the contender's own process, which neither a busy machine nor a slow server lengthens."""
    return trial.measured.cpu_seconds


def peak_mib(trial: Trial) -> float:
    """The most memory the contender's process held."""
    return trial.measured.peak_mib


@dataclass(frozen=True)
class Findings:
    """Trials of ours by size, of bare at the largest, and of naive with bare at its size."""

    devices: int
    ours: Mapping[int, Rounds]
    bare: Rounds
    naive: Rounds = ()
    beside_naive: Rounds = ()

    def beside(self, naive: Trial, bare: Rounds) -> "Findings":
        """These findings and a naive trial, with what is bare at its size."""
        return replace(self, naive=[naive], beside_naive=bare)

    def table(self) -> str:
        """Medians, one line per contender and size."""
        lines = [" " * 6 + "".join(f"{heading:>11}" for heading in HEADINGS)]
        for size, trials in self.ours.items():
            lines.append(_line("ours", trials, self.bare if size == self.devices else ()))
        lines.append(_line("bare", self.bare, self.bare))
        if self.naive:
            lines.append(_line("naive", self.naive, self.beside_naive))
        if self.beside_naive is not self.bare and self.beside_naive:
            lines.append(_line("bare", self.beside_naive, self.beside_naive))
        return "\n".join(lines)

    def write(self, file: Path) -> Path:
        """Write the JSON to `file`."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self._facts(), indent=2) + "\n", encoding="utf-8")
        return file

    def _facts(self) -> dict[str, Any]:
        ours = self.ours[self.devices]
        return {
            "devices": self.devices,
            "naive_devices": self.naive[0].devices if self.naive else None,
            "ours_over_bare": _ratio(seconds, ours, self.bare),
            "naive_over_bare": _ratio(seconds, self.naive, self.beside_naive),
            "list_calls": self._by_size(lambda trial: trial.list_calls),
            "peak_mib": self._by_size(peak_mib),
            "digest_seconds": self._by_size(lambda trial: trial.digest),
            "seconds": self._by_contender(seconds),
            "cpu_seconds": self._by_contender(cpu_seconds),
        }

    def _by_size(self, fact: Fact) -> dict[str, float | None]:
        return {str(size): _median(fact, trials) for size, trials in self.ours.items()}

    def _by_contender(self, fact: Fact) -> dict[str, Any]:
        return {
            "ours": self._by_size(fact),
            "bare": _median(fact, self.bare),
            "naive": _median(fact, self.naive),
        }


def _line(name: str, trials: Rounds, bare: Rounds) -> str:
    cells = (
        str(trials[0].devices),
        _shown(_median(seconds, trials), 2),
        _shown(_ratio(seconds, trials, bare), 1),
        _shown(_median(cpu_seconds, trials), 2),
        _shown(_ratio(cpu_seconds, trials, bare), 1),
        _shown(_median(lambda trial: trial.list_calls, trials), 0),
        _shown(_median(peak_mib, trials), 0),
        _shown(_median(lambda trial: trial.digest, trials), 1),
    )
    return f"{name:6}" + "".join(f"{cell:>11}" for cell in cells)


def _shown(number: float | None, places: int) -> str:
    return "" if number is None else f"{number:.{places}f}"


def _ratio(fact: Fact, trials: Rounds, bare: Rounds) -> float | None:
    above, below = _median(fact, trials), _median(fact, bare)
    return round(above / below, 2) if above and below else None


def _median(fact: Fact, trials: Rounds) -> float | None:
    known = [value for trial in trials if (value := fact(trial)) is not None]
    return round(median(known), 2) if known else None
