"""Somebody is enrolled by `muster approvers enroll`, as on a terminal."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pyotp

ROOT = Path(__file__).parents[2]
PROMPT = "that the app shows"
KEY = re.compile(r"write this key into it: ([A-Z2-7 ]+)")


class Terminal(NamedTuple):
    """What was shown, with which code it ended, and the app that has the key."""

    shown: str
    code: int
    app: pyotp.TOTP


def enroll(environment: Mapping[str, str], *words: str, digits: str = "") -> Terminal:
    """Enroll somebody; answer with `digits`, or else with those that the app shows."""
    command = [sys.executable, "-m", "command", "approvers", "enroll", *words]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**environment}, cwd=ROOT
    ) as running:
        os.close(theirs)
        shown = _read(ours, PROMPT)
        key = KEY.search(shown)
        app = pyotp.TOTP(key.group(1).replace(" ", "") if key else "")
        os.write(ours, f"{digits or (app.now() if key else '')}\n".encode())
        shown += _read(ours, PROMPT if digits else "")
        running.kill() if digits else running.wait(60)
        code = running.wait(60)
    os.close(ours)
    return Terminal(shown, code, app)


def _read(terminal: int, until: str) -> str:
    """What it shows, up to `until`, or to its end."""
    shown = b""
    while not until or until.encode() not in shown:
        try:
            more = os.read(terminal, 65536)
        except OSError:  # how a terminal ends
            break
        if not more:
            break
        shown += more
    return shown.decode()
