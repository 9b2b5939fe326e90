"""`make bench`: onboarding against the bare calls that it makes, and against the obvious way."""

import argparse
import os
import pstats
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path

from bench.digest import Undigested
from bench.findings import Findings
from bench.trial import Trial, TrialFailed, Trials
from deployments.processes import DidNotStart, free_port, running
from simulator.lem.settings import DEFAULT_TOKEN

ROOT = Path(__file__).parents[1]
RESULT = Path("var/bench/onboarding.json")
SIZES = (100, 300)
ROUNDS = 3
WARM_UP = 5  # devices: a server answers its first flow run a second late
OURS = ("LEM_", "MUSTER_", "PREFECT_", "SIMULATOR_")


def main() -> int:
    """Measure, print a table, and write the same as JSON; 1 when something failed."""
    args = _parser().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _stage() as (trials, folder):
            if args.profile:
                _profile(trials, args.devices, folder / "profile")
                return 0
            findings = _compared(trials, args.devices)
            if not args.skip_naive:
                findings = _with_naive(trials, findings, args.naive_devices or args.devices)
    except (DidNotStart, TrialFailed, Undigested) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"\n{findings.table()}\n\nThe same as JSON: {findings.write(RESULT)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.onboarding", description=__doc__)
    parser.add_argument("--devices", type=int, default=1000, help="of the largest site (1000)")
    parser.add_argument("--skip-naive", action="store_true", help="leave the obvious way out")
    parser.add_argument("--naive-devices", type=int, help="fewer for the obvious way")
    parser.add_argument("--profile", action="store_true", help="only profile our own flow")
    return parser


@contextmanager
def _stage() -> Iterator[tuple[Trials, Path]]:
    """A simulator and a Prefect server, each a process of its own, with nothing left behind."""
    _forget_settings()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        stack.enter_context(chdir(folder))  # where no .env is
        os.environ |= {
            "PYTHONPATH": str(ROOT),
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        }
        _say("starting the simulator and a Prefect server")
        simulator, projects = _simulator(stack, folder)
        prefect_api = _prefect(stack, folder)
        yield Trials(simulator, DEFAULT_TOKEN, prefect_api, iter(projects), folder), folder


def _forget_settings() -> None:
    """Measure the defaults, whatever this machine is set to."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]


def _simulator(stack: ExitStack, folder: Path) -> tuple[str, list[str]]:
    """A simulator without delays, and its projects."""
    port = free_port()
    projects = [f"bench{number:02}" for number in range(20)]
    env = {
        "SIMULATOR_LEM_PROJECTS": str(projects).replace("'", '"'),
        "SIMULATOR_LEM_SECONDS_PER_STEP": "0",
    }
    url = f"http://127.0.0.1:{port}"
    command = ["simulator", "--port", str(port)]
    log = folder / "simulator.log"
    stack.enter_context(running(command, log, f"{url}/_simulator/clock", env))
    return url, projects


def _prefect(stack: ExitStack, folder: Path) -> str:
    """A Prefect server on SQLite; the address of its API."""
    port = str(free_port())
    command = ["prefect", "server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui"]
    api = f"http://127.0.0.1:{port}/api"
    stack.enter_context(running(command, folder / "prefect.log", f"{api}/health"))
    return api


def _compared(trials: Trials, devices: int) -> Findings:
    """Ours and bare in turn at the full size, after ours at the smaller ones."""
    _run(trials, "ours", WARM_UP)
    ours: dict[int, list[Trial]] = {}
    for size in (size for size in SIZES if size < devices):
        ours[size] = [_run(trials, "ours", size)]
    bare: list[Trial] = []
    ours[devices] = []
    for _ in range(ROUNDS):
        ours[devices].append(_run(trials, "ours", devices))
        bare.append(_bare(trials, ours[devices][-1]))
    return Findings(devices, ours, bare)


def _bare(trials: Trials, like: Trial) -> Trial:
    """A bare trial, which must have made the very same calls as the trial it is `like`."""
    bare = _run(trials, "bare", like.devices, *like.options)
    if bare.calls != like.calls:
        raise TrialFailed(f"bare made other calls than ours: {bare.calls} and {like.calls}")
    return bare


def _with_naive(trials: Trials, findings: Findings, devices: int) -> Findings:
    """Naive once, beside bare at the same size."""
    beside = findings.bare
    if devices != findings.devices:
        options = findings.ours[findings.devices][0].options
        beside = [_run(trials, "bare", devices, *options) for _ in range(ROUNDS)]
    return findings.beside(_run(trials, "naive", devices), beside)


def _profile(trials: Trials, devices: int, file: Path) -> None:
    _run(trials, "ours", WARM_UP)
    _run(trials, "ours", devices, f"--profile={file}")
    stats = pstats.Stats(str(file))
    for order in ("cumulative", "tottime"):
        stats.sort_stats(order).print_stats(25)


def _run(trials: Trials, contender: str, devices: int, *options: str) -> Trial:
    trial = trials.run(contender, devices, *options)
    _say(f"{contender}, {devices} devices: {trial.measured.seconds:.2f} s")
    return trial


def _say(what: str) -> None:
    sys.stderr.write(f"bench: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
