"""The JSON schemas that editors use, such as that of night rules; `make schemas` writes them."""

import json
from pathlib import Path

from fleet.admission import policy_file
from fleet.nightly import rules_file

FOLDER = Path(__file__).parent
SCHEMAS = {
    "policies/policy.schema.json": policy_file.schema,
    "night-rules/night-rules.schema.json": rules_file.schema,
}


def write(folder: Path = FOLDER) -> None:
    """Write each schema to its place in `folder`."""
    for name, schema in SCHEMAS.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(schema(), indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    write()
