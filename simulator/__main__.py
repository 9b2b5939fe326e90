"""The simulator's command line: `python -m simulator --port 8020 --state var/simulator.db`."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from simulator.server import PortTaken, Server
from simulator.settings import SimulatorSettings
from simulator.store import StateUnreadable


def main() -> int:
    """Run until interrupted; 1 means that it could not start, and one line says why."""
    try:
        settings = SimulatorSettings(**vars(_parser().parse_args()))
        server = Server(settings, announces=True)
    except (PortTaken, StateUnreadable) as error:
        return _complain(str(error))
    except ValidationError as error:
        fault = error.errors()[0]
        return _complain(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}")
    if settings.die_with_stdin:
        server.end_with_stdin()
    with suppress(KeyboardInterrupt):
        server.answer()
    return 0


def _parser() -> argparse.ArgumentParser:
    # What is not given is left out, so that the environment can set it.
    parser = argparse.ArgumentParser(
        prog="simulator",
        description="LEM, Acusight and provision_api on the loopback, with faults on demand.",
        epilog="Every switch is a variable of the environment; simulator/settings.py and the "
        f"settings.py of each system say what it does: {', '.join(switches())}.",
        argument_default=argparse.SUPPRESS,
    )
    parser.add_argument("--port", type=int, help="where to listen; 0 picks a free port (8020)")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep everything in FILE")
    parser.add_argument("--seed", type=int, help="decides everything that is drawn (7)")
    parser.add_argument("--speed", type=float, help="simulated seconds per second (1.0)")
    parser.add_argument("--die-with-stdin", action="store_true", help="end when stdin does")
    return parser


def switches() -> Iterator[str]:
    """The variables that set it, such as SIMULATOR_LEM_TOKEN."""
    for name, field in SimulatorSettings.model_fields.items():
        of_system = getattr(field.annotation, "model_fields", None)
        names = [f"{name}_{each}" for each in of_system] if of_system else [name]
        yield from (f"SIMULATOR_{each.upper()}" for each in names)


def _complain(sentence: str) -> int:
    sys.stderr.write(f"simulator: {sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
