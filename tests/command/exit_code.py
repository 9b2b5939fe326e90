"""The command `muster`, run in the test's own process."""

import pytest

from command.muster import main


def exit_code(*arguments: str) -> object:
    """With which code `muster` ends for these arguments."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code
