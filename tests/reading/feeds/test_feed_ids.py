"""Items of feeds: their dates, their ids, and the files that they are kept in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from feed_samples import feed_of, one_item, read, rss

from zunda_mcp.reading.detection.conventions import Conventions, origin_of
from zunda_mcp.reading.feeds.document import FeedPage, StoredFeed, read_stored
from zunda_mcp.reading.feeds.episodes import FeedFile, KeptFeed, claims, drafts_of
from zunda_mcp.reading.feeds.item import ids
from zunda_mcp.reading.formats import is_readable
from zunda_mcp.reading.metadata.site import Addresses, Site, Templates
from zunda_mcp.reading.source_file import SourceFile
from zunda_mcp.text.calendar_days import read_day

# --- dates ---


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Wed, 29 May 2024 07:00:00 +0900", "2024-05-29T07:00:00+09:00"),
        ("Mon, 29 May 2024 7:05 EST", "2024-05-29T07:05:00-05:00"),
        ("29 May 24 07:00:00 PDT", "2024-05-29T07:00:00-07:00"),
        ("29 Sept 2024 07:00:00 JST", "2024-09-29T07:00:00+09:00"),
        ("Wed, 29 May 2024 07:00:00 GMT+2", "2024-05-29T07:00:00+02:00"),
        ("Wed, 29 May 2024 07:00:00 +0900 (JST)", "2024-05-29T07:00:00+09:00"),
        ("Wed, 29 May 2024 07:00:00 +09:00", "2024-05-29T07:00:00+09:00"),
        ("Wed, 29 May 2024 07:00:00", "2024-05-29T07:00:00"),
        ("Wed, 29 May 2024 07:00:00 XYZ", "2024-05-29T07:00:00"),
        ("水, 29 May 2024 07:00:00 +0900", "2024-05-29T07:00:00+09:00"),
        ("Wed, 29-May-2024 19:00:61 Z", "2024-05-29T19:00:59+00:00"),
        ("Wed, 29 May 2024 24:00:00 GMT", "2024-05-30T00:00:00+00:00"),
        ("2024-05-29T07:00:00.1234567Z", "2024-05-29T07:00:00.123456+00:00"),
        ("2024-05-29 07:00:00", "2024-05-29T07:00:00"),
        ("2024-05-29T07:00+09:00", "2024-05-29T07:00:00+09:00"),
    ],
)
def test_times_are_read_as_feeds_write_them(written: str, moment: str) -> None:
    found = read_day(written)
    assert found is not None
    assert found.at == dt.datetime.fromisoformat(moment)
    assert found.day == found.at.date()


@pytest.mark.parametrize("written", ["29 May 2024", "May 29, 2024", "2024-05-29", "2024年5月29日", "2024/5/29"])
def test_days_are_read_as_feeds_write_them(written: str) -> None:
    assert read_day(written) == (dt.date(2024, 5, 29), None)


@pytest.mark.parametrize("written", ["", "yesterday", "32 May 2024", "0000-00-00T00:00:00Z", "x" * 500, "99999999"])
def test_what_is_no_date_is_none(written: str) -> None:
    assert read_day(written) is None


def test_a_date_that_cannot_be_understood_leaves_the_item_undated_and_is_said() -> None:
    drafts, problems = read(rss("<item><title>t</title><guid>g</guid><pubDate>soon</pubDate></item>"))
    assert drafts[0].date is None
    assert "`soon`" in problems[0].cause


# --- ids ---


def _ids(*items: str) -> list[str]:
    return [draft.id for draft in read(rss("".join(f"<item>{item}</item>" for item in items)))[0]]


DAY = "<pubDate>01 Jan 2031 00:00:00 GMT</pubDate>"


def test_an_id_is_the_day_and_the_pages_own_name_else_the_guid_else_a_digest() -> None:
    assert _ids(f"{DAY}<link>https://show.example/a/The-Title.html</link><guid>g</guid>") == ["2031-01-01-the-title"]
    assert _ids(f"{DAY}<link>https://show.example/2031-01-01-豆/</link>") == ["2031-01-01-豆"]
    assert _ids(f"{DAY}<link>https://show.example/</link><guid>ep-12</guid>") == ["2031-01-01-ep-12"]
    (long,) = _ids(f"{DAY}<title>t</title><guid>https://show.example/?p=12345</guid>")
    assert long.startswith("2031-01-01-")
    assert len(long) == len("2031-01-01-12345678")


def test_ids_do_not_depend_on_order_or_on_what_else_is_in_the_feed() -> None:
    items = [f"{DAY}<title>{n}</title><link>https://show.example/{n}/same</link><guid>{n * 30}</guid>" for n in "abc"]
    alone, forth, back = _ids(items[0])[0], _ids(*items), _ids(*reversed(items))
    assert sorted(forth) == sorted(back)
    assert (forth[0], back[2]) == (alone, alone)
    assert len(set(forth)) == 3


def test_an_id_that_was_given_stays_when_date_and_address_are_edited() -> None:
    old = feed_of(rss(f"<item><guid>g</guid><title>t</title>{DAY}<link>https://show.example/old</link></item>"))
    new = feed_of(rss("<item><guid>g</guid><title>t</title><link>https://show.example/new</link></item>"))
    given = ids(old.items)
    assert [draft.id for draft in drafts_of([new], label="l", zone=None, kept=StoredFeed("", ids=given))[0]] == [
        "2031-01-01-old"
    ]


def test_items_without_guid_are_known_by_link_or_by_title_and_date() -> None:
    assert _ids(f"<title>a</title>{DAY}") != _ids(f"<title>b</title>{DAY}")
    assert len(_ids(f"<title>a</title>{DAY}", f"<title>a</title>{DAY}")) == 1


def test_a_guid_that_is_the_audios_address_is_no_page() -> None:
    audio = "https://cdn.example/shows/a.mp3"
    draft = one_item(
        f'<title>t</title><guid>{audio}</guid><enclosure url="{audio}" type="audio/mpeg"/>'
        "<pubDate>01 Jan 2031 00:00:00 GMT</pubDate>"
    )
    assert (draft.page_url, draft.audio_url) == (None, audio)
    assert draft.id.startswith("2031-01-01-")


def test_items_without_a_guid_are_told_apart_and_keep_their_ids() -> None:
    items = "".join(
        f"<item><title>Talk {n}</title><pubDate>01 Jan 2031 0{n}:00:00 GMT</pubDate></item>" for n in (1, 2)
    )
    first, second = (one.id for one in read(rss(items))[0])
    assert first != second
    assert [one.id for one in read(rss(items))[0]] == [first, second]


def test_a_guid_that_every_item_has_tells_none_of_them() -> None:
    items = "".join(
        f"<item><title>t{n}</title><link>https://show.example/{n}</link><guid>same</guid></item>" for n in (1, 2, 3)
    )
    assert [one.title for one in read(rss(items))[0]] == ["t1", "t2", "t3"]
    twice = "<item><title>t</title><guid>g</guid></item>" * 2 + "<item><title>u</title><guid>h</guid></item>"
    assert [one.title for one in read(rss(twice))[0]] == ["t", "u"]


# --- files ---


def _file(path: Path, text: str) -> tuple[list[str], list[str]]:
    path.write_text(text, encoding="utf-8")
    file = SourceFile(str(path), f"show/{path.name}", len(text), 0)
    origin = origin_of(file, None, Addresses(Templates(), Site(path.parent), path.name, None), Conventions())
    assert is_readable(path.name)
    drafts, problems = (KeptFeed() if path.suffix == ".feed" else FeedFile()).read(text, origin)
    return [draft.id for draft in drafts], [problem.cause for problem in problems]


def test_a_file_that_is_a_feed_gives_its_items_and_any_other_nothing(tmp_path: Path) -> None:
    text = rss(f"<item><title>t</title><guid>g</guid>{DAY}</item>")
    for name in ("feed.xml", "feed.rss", "feed.atom"):
        assert _file(tmp_path / name, text) == (["2031-01-01-g"], [])
    assert _file(tmp_path / "sitemap.xml", "<?xml version='1.0'?><urlset/>") == ([], [])
    assert _file(tmp_path / "opml.xml", "<opml><body/></opml>") == ([], [])
    assert claims(text)
    assert not claims('{"name": "package"}')


def test_pages_that_are_kept_are_one_feed_of_which_the_newest_page_counts(tmp_path: Path) -> None:
    new = rss("<item><title>new words</title><guid>g</guid></item>")
    old = rss("<item><title>old words</title><guid>g</guid></item><item><title>gone</title><guid>h</guid></item>")
    stored = StoredFeed("https://show.example/feed", (FeedPage("u", new), FeedPage("u", old)), {"h": "2030-01-01-h"})
    assert read_stored(stored.text()) == stored
    assert _file(tmp_path / "show.feed", stored.text()) == (["g", "2030-01-01-h"], [])
    assert _file(tmp_path / "other.feed", "{}")[0] == []
