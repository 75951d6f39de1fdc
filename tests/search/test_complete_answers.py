"""What an answer that says it is complete has not, a look at every text has not either."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.rendering import matches_text, search_text

PAGE = """---
title: The {n} dovecote, café and Kestrel+ {n}
date: 2031-02-{n:02}
description: 'Under the eaves of barn {n}, ask for a [tin of varnish](https://tins.example/{n}) and **two brushes**.'
hosts: [Wilhelmina Thorn{n}]
tags: [thatching]
---

## Hedgerows

A word on [gate *posts*](https://posts.example/{n}) before the list.

- [Lychgate {n}](https://lych.example/{n})

  It says so in [the old {n} almanac](https://almanac.example/{n}) for farriers, and
  `bodger` &amp; sons' [tarn](https://t.example) water.

- [Millrace {n} & sons](https://race.example/mill-{n})

  Nothing else, but Copilot+ runs it.
"""
TALK = """WEBVTT

00:01.000 --> 00:05.000
<v Ann>We wore a quilted

00:06.000 --> 00:09.000
<v Bo>gambeson, did we.
"""
ASKED = {
    "dovecote": "dovecote",
    "café": "café",
    "kestrel": r"kestrel\+",
    '"dovecote, café"': "dovecote, café",
    "eaves": "eaves",
    '"ask for a tin of varnish and two brushes"': "ask for a tin of varnish and two brushes",
    "Wilhelmina": "wilhelmina",
    "thatching": "thatching",
    "hedgerows": "hedgerows",
    '"word on gate *posts* before"': "word on gate",
    "farriers almanac": "almanac for farriers",
    "bodger": "bodger",
    '"bodger & sons\' tarn water"': "sons' tarn",
    "copilot": "copilot",
    "millrace": "millrace",
    "gambeson": "gambeson",
    '"a quilted gambeson"': "quilted",
}


@pytest.fixture(name="farm", scope="module")
def farm_of_every_part(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Six episodes with words in every part that an episode has."""
    folder: Path = tmp_path_factory.mktemp("farm")
    for n in range(1, 7):
        (folder / f"2031-02-{n:02}.md").write_text(PAGE.format(n=n), encoding="utf-8")
        (folder / f"2031-02-{n:02}.vtt").write_text(TALK, encoding="utf-8")
    return library_over(folder, tmp_path_factory.mktemp("index"))


@pytest.mark.parametrize("asked", ASKED)
def test_what_any_text_has_is_in_the_complete_answer(farm: Library, asked: str) -> None:
    answer = farm.search(asked)
    assert (answer.complete, answer.total_episodes) == (True, 6)
    listed = {name for hit in answer.hits if not hit.near for name in (hit.id, hit.episode_id)}
    found = farm.find_text(ASKED[asked], case="ignore")
    assert found.total_episodes == 6
    assert {hit.id for hit in found.hits} <= listed


def test_an_answer_to_the_beginning_of_a_question_is_not_complete(farm: Library) -> None:
    assert not farm.search("dovecote " + "and so on " * 300).complete


def test_an_answer_from_an_index_that_is_behind_is_not_complete(farm: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = farm.freshness().model_copy(update={"state": "updating", "pending": 2})
    monkeypatch.setattr("zunda_mcp.index.catalog.Meta.freshness", lambda *_: behind)
    answer = farm.search("eaves")
    assert (answer.total_stories + answer.own_text, answer.complete) == (6, False)
    assert "Complete" not in search_text.search(answer)
    assert "complete" not in matches_text.matches(farm.find_text("eaves"))
