"""What the pages name is there: files, headings, commands, settings, versions."""

import importlib
import re
import tomllib
from typing import Any

import pytest
import yaml

from fleet.text.settings import Settings
from tests.docs.pages import (
    HISTORY,
    PAGES,
    ROOT,
    anchors_of,
    links_of,
    paths_of,
    targets_of,
    text_of,
)

VARIABLE = re.compile(r"\b(?:LEM|ACUSIGHT|PROVISION_API|MUSTER)_[A-Z_]+[A-Z]\b")
# Those that are for tests and simulations alone, or that Prefect's own file reads.
UNSEEN = {
    "MUSTER_TEST_POSTGRES",
    "MUSTER_TEST_ON_POSTGRES",
    "MUSTER_CLOCK_URL",
    "MUSTER_ROOT",
}


def project() -> dict[str, Any]:
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])


def workflow() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8")))


def settings() -> set[str]:
    """The variables of every class of settings that installations are to use."""
    found: list[type[Settings]] = []
    for file in sorted(ROOT.glob("[!.]*/**/*.py")):
        if file.is_relative_to(ROOT / "tests"):
            continue
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        names = re.findall(r"^class (\w+)\(\w*Settings\)", file.read_text("utf-8"), re.MULTILINE)
        kinds = [getattr(importlib.import_module(module), name) for name in names]
        found += [kind for kind in kinds if issubclass(kind, Settings)]
    named = [kind for kind in found if kind.model_config.get("env_prefix")]
    assert len(named) >= 8
    return {kind.variable(field) for kind in named for field in kind.model_fields}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    broken = []
    for link in links_of(page):
        file, _, anchor = link.partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)

    assert not broken


@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith(HISTORY)])
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    made = {".venv/bin/muster"}  # by the Makefile, where it made the environment
    absent = [path for path in paths_of(page) if not (ROOT / path).exists() and path not in made]

    assert [path for path in absent if not (ROOT / f"{path}.py").exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_is_there(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))

    assert targets_of(page) <= targets


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    readme = text_of("README.md")

    unreached = [page for page in PAGES if page.startswith("docs/") and page.count("/") == 1]
    assert len(readme.splitlines()) < 200
    assert [page for page in unreached if f"({page})" not in readme] == []


def test_every_setting_has_its_line_in_both_lists_of_them() -> None:
    example = set(VARIABLE.findall((ROOT / ".env.example").read_text("utf-8")))
    listed = set(VARIABLE.findall(text_of("docs/configuration.md")))

    assert example == settings() - UNSEEN
    assert listed == settings() | UNSEEN


def test_each_decision_has_a_number_of_its_own_which_its_title_bears() -> None:
    files = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    titles = [file.read_text("utf-8").split(". ", 1)[0] for file in files]

    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert titles == [f"# {number}" for number in range(1, len(files) + 1)]


def test_the_newest_release_has_its_notes() -> None:
    releases = re.findall(r"^## \[(\d[\d.]*)\]", text_of("CHANGELOG.md"), re.MULTILINE)

    assert releases[0] == project()["version"]


def test_hosted_ci_runs_the_script_on_every_python_that_is_promised() -> None:
    prefix = "Programming Language :: Python :: "
    promised = [each.removeprefix(prefix) for each in project()["classifiers"]]

    site_run = workflow()["jobs"]["run"]

    assert site_run["strategy"]["matrix"]["python"] == promised
    assert site_run["env"]["PYTHON"] == "python${{ matrix.python }}"
    assert "bash .ci/run" in [step.get("run") for step in site_run["steps"]]
