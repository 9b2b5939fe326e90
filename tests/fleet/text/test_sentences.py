"""Sentences: joined, each has one full stop."""

from fleet.text.sentences import sentences


def test_each_text_ends_with_one_full_stop_and_empty_ones_are_none():
    assert sentences(["one", "", "two. ", "Is it?", "three"]) == "one. two. Is it? three."
