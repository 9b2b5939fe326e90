"""The JSON schemas beside the examples are those of this version."""

from deployments.schemas import FOLDER, SCHEMAS, write


def test_the_schemas_are_written_as_they_are_here(tmp_path):
    write(tmp_path)

    for name in SCHEMAS:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
    assert {path.name for path in FOLDER.glob("*/*.schema.json")} == {
        path.name for path in tmp_path.glob("*/*")
    }
