"""How a call's body is read: after its credential, and without repeating what was in it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from simulator.replies import Refused

Body = TypeVar("Body", bound=BaseModel)


def posted(shape: type[Body]) -> Callable[[Request], Awaitable[Body]]:
    """A dependency that reads the body, so that a bad token is refused before a bad body."""

    async def read(request: Request) -> Body:
        try:
            return shape.model_validate_json(await request.body())
        except ValidationError as error:
            faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
            raise Refused(400, "; ".join(faults)) from error

    return read
