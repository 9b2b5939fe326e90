"""Plain logs: Prefect's own lines about runs show sentences, and no Python.

What clients log, such as that a call waits for its quota, goes to the log of the run.

Prefect writes *Finished in state Failed('The roster …')* and, where a task returned that state,
*Task run failed with state: Failed(message=…)* with the traceback of nothing: NoneType: None.
"""

import ast
import logging
import re

from prefect.client.schemas.objects import State
from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

_CLIENTS = "systems"
_LOGGERS = ("prefect.flow_runs", "prefect.task_runs")
_FINISHED = re.compile(r"Finished in state Failed(\(.*\))", re.DOTALL)
_FAILED = "Task run failed with state: "  # the line after it says the same
_RETRIED = "Task run failed with %s: %r - Retry"


class PlainLines(logging.Filter):
    """Rewrites what Prefect writes about a state; what it does not know stays as it is."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is kept."""
        if record.exc_info and record.exc_info[0] is None:
            record.exc_info = None
        text = str(record.msg)
        if text.startswith(_FAILED):
            return False
        if found := _FINISHED.fullmatch(text):
            record.msg = _message(found[1]) or text
        elif text.startswith(_RETRIED) and isinstance(record.args, tuple) and len(record.args) == 5:
            _kind, failure, number, limit, when = record.args
            why = failure.message if isinstance(failure, State) else failure
            record.msg = "%s. Trying again (%s of %s), %s"
            record.args = (why, number, limit, when)
        return True


class InRunLog(logging.Handler):
    """Writes lines into the log of the run that they belong to; outside of runs, as usual."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line once."""
        try:
            get_run_logger().log(record.levelno, record.getMessage())
        except MissingContextError:
            usual = logging.getLogger()
            if record.levelno >= usual.level:
                usual.handle(record)


def use_plain_lines() -> None:
    """Have the lines about flow runs and task runs rewritten, and those of clients among them.

    Doing so again changes nothing.
    """
    clients = logging.getLogger(_CLIENTS)
    if not any(isinstance(each, InRunLog) for each in clients.handlers):
        clients.addHandler(InRunLog())
        clients.setLevel(logging.INFO)
        clients.propagate = False
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, PlainLines) for each in logger.filters):
            logger.addFilter(PlainLines())


def _message(arguments: str) -> str:
    """The message of a state that is shown so; "" when Prefect shows states in another way."""
    try:
        call = ast.parse(f"state{arguments}", mode="eval").body
        messages = call.args if isinstance(call, ast.Call) else []
        return " ".join(str(ast.literal_eval(each)) for each in messages)
    except (SyntaxError, ValueError):
        return ""
