"""Night rules: the file that says what a night does about a finding."""

from pathlib import Path

from fleet.nightly.rules import NightRules
from fleet.nightly.rules_file import UnusableNightRules, read_night_rules
from tasks.runtime.settings import RunSettings


def night_rules() -> NightRules:
    """The rules of the file that MUSTER_NIGHT_RULES names, or the defaults."""
    file = RunSettings().night_rules
    if file is None:
        return NightRules()
    if not file.is_file():
        raise UnusableNightRules(
            f"MUSTER_NIGHT_RULES names {file}, which is no file on this worker (its folder is "
            f"{Path.cwd()}). Correct the setting, or create the file."
        )
    try:
        return read_night_rules(file.read_text("utf-8-sig"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableNightRules(f"The night rules {file} cannot be read: {error}") from error
