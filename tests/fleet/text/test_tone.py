"""Every tone can be seen: a class of the style sheet gives it a color."""

from pathlib import Path

import pytest

from fleet.text.tone import Tone

STYLES = (Path(__file__).parents[3] / "reports" / "page" / "page.css").read_text("utf-8")


@pytest.mark.parametrize("tone", ["good", "move", "idle", "warn", "bad"])
def test_a_tone_has_a_color_on_the_pages(tone: str) -> None:
    assert tone in {*Tone}
    assert f".t-{tone} {{ --c: var(--{tone}); }}" in STYLES
