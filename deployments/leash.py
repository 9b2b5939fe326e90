"""`python -m deployments.leash COMMAND…`: run a command that ends when standard input does.

Whoever started it holds the other end of that pipe, so the command cannot outlive them, not even
when they are killed.
"""

import os
import signal
import subprocess
import sys
import threading

GRACE_SECONDS = 15


def main(command: list[str]) -> int:
    """Run `command` in a process group of its own until it ends or standard input does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever holds the pipe
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    try:
        return child.wait()
    finally:
        _end(child)


def _watch(child: subprocess.Popen[bytes]) -> None:
    while sys.stdin.buffer.read(1):
        pass
    _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then make it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
