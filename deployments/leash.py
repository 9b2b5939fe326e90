"""`python -m deployments.leash COMMAND…`: run a command that ends when standard input does.

The process that started it holds the other end of that pipe, so the command cannot outlive it, not
even when it is killed.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

import psutil

GRACE_SECONDS = 5


def main(command: list[str]) -> int:
    """Run `command` in a process group of its own until it ends or standard input does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that holds the pipe
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
    while True:  # a signal that comes just before the wait begins does not end the wait
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask `child` and everything below it to end, then make them; a worker's runs lead groups."""
    try:
        below = psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        for process in below:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _, below = psutil.wait_procs(below, GRACE_SECONDS)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
