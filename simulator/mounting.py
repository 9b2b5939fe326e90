"""A system that is an app of its own, below a path of the simulator."""

import re
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.routing import Mount


class Below(Mount):
    """A mount that also hands on a path with a line end in it, as an id may have one."""

    def __init__(self, path: str, app: FastAPI, middleware: Sequence[Middleware] = ()) -> None:
        super().__init__(path, app, middleware=middleware)
        self.path_regex = re.compile(self.path_regex.pattern, re.DOTALL)
