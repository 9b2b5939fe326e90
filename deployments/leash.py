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

GRACE_SECONDS = 4


def main(command: list[str]) -> int:
    """Run `command` in a process group of its own until it ends or standard input does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that holds the pipe
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        threading.Thread(target=_watch, daemon=True).start()  # it may end this at once
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
    """Ask `child` and everything below it to end, then make them; a worker's runs lead groups.

    All of them have the same seconds for it: a worker whose runs have ended may wait for ever.
    """
    left: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        itself = psutil.Process(child.pid)
        left = [itself, *itself.children(recursive=True)]
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        for process in left:
            if process.pid != child.pid:  # its group has the signal already
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
        _, left = psutil.wait_procs(left, GRACE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
