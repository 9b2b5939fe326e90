"""`python -m deployments.leash COMMAND…`: run a command that ends when standard input does.

Whoever started it holds the other end of that pipe, so the command cannot outlive them, not even
when they are killed.
"""

import os
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from contextlib import suppress

GRACE_SECONDS = 5


def main(command: list[str]) -> int:
    """Run `command` in a process group of its own until it ends or standard input does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever holds the pipe
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_watch, daemon=True).start()
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _end(child)


def _watch() -> None:
    """Ask this process to end once standard input has."""
    while os.read(0, 1024):  # sys.stdin would still be locked when this process ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask `child` and everything that it started to end, then make them."""
    groups = {child.pid, *_groups_below(child.pid)}
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)


def _groups_below(ancestor: int) -> set[int]:
    """The process groups of the descendants of `ancestor`: a worker's runs lead their own."""
    command = ["ps", "-A", "-o", "ppid=,pid=,pgid="]
    try:
        listed = subprocess.run(command, check=False, capture_output=True, text=True).stdout
    except FileNotFoundError:  # a container without ps: what leads a group of its own may stay
        return set()
    below: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for parent, pid, group in (map(int, line.split()) for line in listed.splitlines()):
        below[parent].append((pid, group))
    groups, ancestors = set[int](), [ancestor]
    while ancestors:
        for pid, group in below[ancestors.pop()]:
            groups.add(group)
            ancestors.append(pid)
    return groups


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
