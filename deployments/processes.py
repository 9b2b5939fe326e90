"""The processes of a demo or a small installation, which end with it."""

import fcntl
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

_PORTS = range(20_000, 30_000)


class DidNotStart(Exception):
    """A process ended, or did not answer in time; the message shows the end of its log."""


def free_port() -> int:
    """A port on the loopback on which nothing listens.

    It is none of those that systems give away by themselves: until a server has started, another
    program could get it.
    """
    for _ in range(100):
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotStart("All ports tried are in use. End programs that are needed no more.")


def is_free(port: int) -> bool:
    """Whether nothing listens on `port` of the loopback."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Only one process at a time is in this context for `folder`; DidNotStart for another.

    The open file holds the lock, so that it ends with its process, however that ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DidNotStart(f"Muster is already running in {folder}. Stop it first.") from None
        yield


@contextmanager
def running(
    command: list[str], log: Path, answers: str | None = None, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m` with `command` for as long as the context lasts, on a leash.

    Entered once `answers`, an address, answers 200. Its output goes to `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "deployments.leash", sys.executable, "-m", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | dict(env or {}),
        )
    try:
        if answers:
            _await(process, answers, log)
        yield process
    finally:
        if process.stdin:
            process.stdin.close()
        process.wait()


def _await(process: subprocess.Popen[bytes], address: str, log: Path, seconds: int = 90) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, timeout=2, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise DidNotStart(f"{address} did not answer. The end of {log}:\n{tail}")
