"""What devices and people wrote is shown as they wrote it, and does nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.page.wording import plain
from tests.reports.nights import NASTY

UNESCAPED = r"(?<!\\)(?:\\\\)*"


@given(text=st.sampled_from(NASTY) | st.text())
def test_nothing_from_outside_is_markup_or_a_link_or_moves_a_cursor(text):
    shown = plain(text)

    assert not re.search(UNESCAPED + r"[<>\[\]`*_|~!&]", shown)
    assert not re.search(UNESCAPED + "(:(?=//)|@)", shown)
    assert shown.isprintable()


@pytest.mark.parametrize("text", ["edge-001 (02:00:00:00:00:01)", "[a](b) at https://www.x, &lt;"])
def test_a_text_is_shown_as_it_is(text):
    assert plain(text).replace("\\", "") == text
