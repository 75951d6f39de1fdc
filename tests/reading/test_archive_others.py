"""Archives of other shows, as they lie: what was counted, and episodes that were compared with their source by eye.

They belong to their authors and are no part of this repository; without them these tests are skipped.
"""

from __future__ import annotations

import datetime as dt

import pytest
from archive_samples import OTHERS

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft

pytestmark = pytest.mark.archive

Archive = tuple[ArchiveReader, dict[str, Episode], list[Problem]]


def _open(name: str) -> Archive:
    reader = ArchiveReader([OTHERS / name])
    episodes, problems = read_archive(reader)
    return reader, {episode.id: episode for episode in episodes}, problems


def _draft(reader: ArchiveReader, id: str) -> Draft:
    drafts = (draft for file in reader.scan().files for draft in reader.read(file).drafts)
    return next(draft for draft in drafts if draft.id == id)


@pytest.mark.parametrize(
    ("name", "strategy", "episodes", "undated", "stories", "problems"),
    [
        ("arrested-devops", "list-items", 205, 0, 1477, 0),
        ("changelog-news", "list-items", 176, 176, 1200, 0),
        ("jser-info", "json-list", 700, 0, 1982, 0),
        ("syntax-fm", "list-items", 175, 0, 2991, 0),
    ],
)
def test_an_archive_opens_without_configuration(  # noqa: PLR0917 - one row of the table
    name: str,
    strategy: str,
    episodes: int,
    undated: int,
    stories: int,
    problems: int,
) -> None:
    reader, found, said = _open(name)
    assert reader.strategy.name == strategy
    assert len(found) == episodes
    assert sum(episode.date is None for episode in found.values()) == undated
    assert sum(len(episode.stories) for episode in found.values()) == stories
    assert len(said) == problems


def test_toml_with_people_by_slug() -> None:
    _, episodes, _ = _open("arrested-devops")
    puppet = episodes["puppet"]
    assert (puppet.number, puppet.date, puppet.hosts) == (
        49,
        dt.date(2015, 11, 25),
        ("Matty Stratton", "Eric Sorenson"),
    )
    assert [(story.title, story.site) for story in puppet.stories[:2]] == [
        ("PuppetConf 2015 Videos", "info.puppetlabs.com"),
        ("Why Red Hat Acquired Ansible", "redhat.com"),
    ]
    assert episodes["2015-in-review"].youtube_id == "X56Bt2zDNyA"
    assert "Bridget Kromhout" in episodes["kubernetes-future"].hosts


def test_undated_notes_with_their_transcripts() -> None:
    reader, episodes, _ = _open("changelog-news")
    assert list(episodes)[:2] == ["changelog-news-1", "changelog-news-2"]
    draft = _draft(reader, "changelog-news-28")
    assert (draft.number, draft.date) == (28, None)
    assert [entry.title for entry in draft.entries][:2] == [
        "A framework for prioritizing tech debt",
        "UI components to copy/paste into your apps",
    ]
    first = draft.entries[0]
    assert first.summary == "- [Good tech debt featuring Jon Thornton from Squarespace](https://changelog.fm/379)"
    assert "tech debt" in first.spoken.lower()
    assert sum(len(entry.spoken) for entry in draft.entries) > 6000


def test_a_japanese_link_log_by_days() -> None:
    _, episodes, _ = _open("jser-info")
    day = episodes["2023-03-01"]
    assert next(story.title for story in day.stories) == "You Don't Need Rails to Start Using Hotwire"
    assert day.stories[0].summary == "Railsを使わなくてもHotwireは使えるという話。\nHotwireの基本的な使い方について。"
    assert len(day.stories) == 3


def test_topics_with_times_and_sponsors_left_out() -> None:
    reader, episodes, _ = _open("syntax-fm")
    draft = _draft(reader, "456 - 10 Browser APIs")
    assert (draft.number, draft.date, draft.title) == (456, dt.date(2022, 5, 11), "10 Nifty Browser APIs")
    assert draft.audio_url == "https://traffic.megaphone.fm/FSI7611696375.mp3"
    assert [(entry.title, entry.start) for entry in draft.entries[:5]] == [
        ("Welcome", 13.0),
        ("Dishwasher talk", 65.0),
        ("getUserMedia", 270.0),
        ("FileSystem", 442.0),
        ("Geolocation", 770.0),
    ]
    assert "prismic" not in repr(draft.entries).lower()
    assert "prismic" in draft.prose.lower()
    assert episodes["475 - supperclub Tim Leland"].hosts == ("Tim Leland",)
