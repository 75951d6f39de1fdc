"""Show notes in the styles of the wild: the same stories as files would give, and no word of them lost."""

from __future__ import annotations

import re

import pytest
from feed_flavours import FLAVOURS
from feed_samples import feed_of, read

from zunda_mcp.reading.detection.conventions import Conventions
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.feeds.episodes import strategy_of
from zunda_mcp.reading.html.to_markdown import markdown_of


def _first(name: str) -> Draft:
    drafts, problems = read(FLAVOURS[name].text)
    assert problems == []
    assert len(drafts) == 3
    return next(draft for draft in drafts if draft.date and draft.date.day == 1)


@pytest.mark.parametrize("name", FLAVOURS)
def test_a_style_of_show_notes_is_split_into_its_stories(name: str) -> None:
    flavour, draft = FLAVOURS[name], _first(name)
    assert [(entry.title, entry.url, entry.start) for entry in draft.entries] == flavour.stories
    assert [piece for piece in flavour.prose if piece not in draft.prose] == []
    assert strategy_of([feed_of(flavour.text)], Conventions()).name == flavour.strategy


@pytest.mark.parametrize("name", FLAVOURS)
def test_no_word_of_a_style_is_lost(name: str) -> None:
    draft = _first(name)
    (item,) = (item for item in feed_of(FLAVOURS[name].text).items if item.moment and item.moment.day.day == 1)
    held = "\n".join(
        [draft.title, draft.description, draft.prose, *(f"{e.title} {e.url} {e.summary}" for e in draft.entries)]
    )
    text = re.sub(r"\]\([^()]*\)", "]", markdown_of(item.body.text, item.body.type).text)
    text = re.sub(r"^#+ Links$", "", text, flags=re.MULTILINE)  # a heading that has nothing left under it
    words = re.findall(r"[\w’“”]+", text)
    stamps = {"00", "02", "34", "01", "03", "10", "0", "2", "1"}
    assert [word for word in words if word not in held and word not in stamps] == []
