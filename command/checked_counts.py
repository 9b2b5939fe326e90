"""The last line of `muster check`: how many lines can be used, and what to do about the others."""

from collections.abc import Sequence

from fleet.roster.draft import Draft


def next_step(file: str, lines: Sequence[Draft]) -> tuple[str, bool]:
    """The sentence, and whether nothing is wrong: no fault, and no repair that waits for a yes."""
    is_fine = not any(line.faults or line.proposed for line in lines)
    counted = f"{len(lines):,} line{'s' if len(lines) > 1 else ''}"
    parts = ", ".join(_counts(lines))
    if is_fine:
        name = "FILE" if file == "-" else file
        also = f": {parts}" if any(line.repaired for line in lines) else ""
        then = f"What would be done: muster plan {name} --site …"
        return f"{counted}, and nothing is wrong{also}. {then}", True
    again = "." if file == "-" else f". Then check again: muster check {file}"
    return f"{counted}: {parts}{again}", False


def _counts(lines: Sequence[Draft]) -> list[str]:
    """How many lines there are of each kind; each line is of one."""
    usable = [line for line in lines if line.is_usable]
    repaired = sum(bool(line.repaired) for line in usable)
    faulty = sum(bool(line.faults) for line in lines)
    waiting = [line for line in lines if line.proposed and not line.faults]
    again = len(lines) - len(usable) - faulty - len(waiting)
    found = [f"{len(usable) - repaired:,} can be used as they are"]
    found += [f"{repaired:,} repaired as accepted"] if repaired else []
    found += [f"{again:,} left out because another says the same"] if again else []
    found += [f"{faulty:,} to be corrected as said above"] if faulty else []
    return [*found, *_repairs(waiting)]


def _repairs(waiting: Sequence[Draft]) -> list[str]:
    """How many lines a yes to safe repairs makes usable, and how many more a yes to all."""
    safe = sum(all(repair.is_safe for repair in line.proposed) for line in waiting)
    guesses = len(waiting) - safe
    found = [f"{safe:,} with --accept-repairs safe"] if safe else []
    if guesses:
        more = f"{guesses:,} more only with all" if safe else ""
        found.append(more or f"{guesses:,} only with --accept-repairs all")
    return found
