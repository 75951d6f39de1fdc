"""Feeds of every kind: which element means what."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from archive_samples import REAL, ROOT
from feed_samples import feed_of, one, one_item, read, rss

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.detection.conventions import Conventions
from zunda_mcp.reading.draft import boilerplate_links
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.document import looks_like_a_feed, read_document
from zunda_mcp.reading.feeds.episodes import drafts_of
from zunda_mcp.reading.feeds.feed_formats import read_chapters
from zunda_mcp.reading.feeds.item import Chapter, TranscriptLink

FEEDS = ROOT.parent / "shared" / "feeds"
JST = dt.timezone(dt.timedelta(hours=9))

# --- RSS ---


def test_an_item_becomes_an_episode() -> None:
    draft = one_item(
        "<title>第12回 &amp;amp; more</title><link>https://show.example/episode/279</link>"
        "<pubDate>Tue, 08 Jul 2025 05:00:00 +0900</pubDate><description>短い話。</description>"
        '<enclosure url="/audio/豆 1.mp3" length="0" type="audio/mp3"/><guid>whatever</guid>'
    )
    assert (draft.id, draft.number, draft.title) == ("2025-07-08-279", 12, "第12回 & more")
    assert (draft.date, draft.published) == (dt.date(2025, 7, 8), dt.datetime(2025, 7, 8, 5, tzinfo=JST))
    assert (draft.page_url, draft.page_kind) == ("https://show.example/episode/279", "page")
    assert draft.audio_url == "https://show.example/audio/%E8%B1%86%201.mp3"
    assert (draft.description, draft.prose, draft.entries) == ("短い話。", "", ())


def test_the_longer_text_is_the_body_and_the_shorter_its_description() -> None:
    draft = one_item(
        "<title>t</title><guid>g</guid><description>In short: beans.</description>"
        "<content:encoded><![CDATA[<p>A long text about beans and &lt;more&gt; of them.</p>"
        "<p>And more.</p>]]></content:encoded>"
    )
    assert draft.description == "In short: beans."
    assert draft.prose == "A long text about beans and <more> of them.\n\nAnd more."


def test_elements_inside_a_description_are_part_of_its_html() -> None:
    draft = one_item(
        "<title>t</title><guid>g</guid><description><p>Not &amp;lt;escaped&amp;gt;.</p>&lt;ul&gt;&lt;li&gt;"
        '&lt;a href="https://a.example/1"&gt;A story&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;&lt;p&gt;Its text.&lt;/p&gt;'
        "</description>"
    )
    assert [(entry.title, entry.url, entry.summary) for entry in draft.entries] == [
        ("A story", "https://a.example/1", "Its text.")
    ]
    assert draft.prose == "Not &lt;escaped&gt;."


def test_persons_are_the_hosts_and_then_the_authors_of_item_and_channel() -> None:
    persons = (
        '<podcast:person role="guest">Guest</podcast:person><podcast:person>Host</podcast:person>'
        '<podcast:person group="visuals" role="cover art designer">Painter</podcast:person>'
    )
    assert one_item(f"<title>t</title>{persons}<itunes:author>Nobody</itunes:author>").hosts == ("Host", "Guest")
    assert one_item("<title>t</title><author>mail@a.example (A. Author)</author>").hosts == ("A. Author",)
    assert one_item("<title>t</title><dc:creator>山田</dc:creator><dc:creator>田中</dc:creator>").hosts == (
        "山田",
        "田中",
    )
    assert one_item("<title>t</title><author>mail@a.example</author>").hosts == ()
    channel = "<title>s</title><itunes:author>The Channel</itunes:author>"
    assert one(rss("<item><title>t</title></item>", channel)).hosts == ("The Channel",)


def test_both_addresses_of_the_podcast_namespace_are_one() -> None:
    other = "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"
    text = rss("<item><title>t</title><podcast:person>Host</podcast:person><podcast:episode>7</podcast:episode></item>")
    draft = one(text.replace("https://podcastindex.org/namespace/1.0", other))
    assert (draft.hosts, draft.number) == (("Host",), 7)


def test_transcripts_chapters_and_season_are_facts_of_an_item() -> None:
    (item,) = feed_of(
        rss(
            "<item><title>t</title>"
            '<podcast:transcript url="https://a.example/t.vtt" type="text/vtt" language="ja"/>'
            '<podcast:transcript url="https://a.example/t.srt" type="application/srt"/>'
            '<podcast:chapters url="https://a.example/c.json" type="application/json+chapters"/></item>'
        )
    ).items
    assert item.transcripts == (
        TranscriptLink("https://a.example/t.vtt", "text/vtt", "ja"),
        TranscriptLink("https://a.example/t.srt", "application/srt"),
    )
    assert item.chapters_url == "https://a.example/c.json"


def test_chapters_are_stories_with_their_times() -> None:
    draft = one_item(
        "<title>t</title><link>https://show.example/1</link><description>A talk.</description><psc:chapters>"
        '<psc:chapter start="00:04:16.5" title="Second" href="https://b.example/"/>'
        '<psc:chapter start="0" title="First"/><psc:chapter start="1:00:00" title="Third" href="/own"/></psc:chapters>'
    )
    assert [(entry.title, entry.url, entry.start) for entry in draft.entries] == [
        ("First", None, 0.0),
        ("Second", "https://b.example/", 256.5),
        ("Third", "https://show.example/own", 3600.0),
    ]


def test_a_story_of_the_body_has_the_time_of_the_chapter_with_its_address() -> None:
    draft = one_item(
        "<title>t</title><description>&lt;ul&gt;&lt;li&gt;&lt;a href='https://b.example/x'&gt;B&lt;/a&gt;&lt;/li&gt;&lt;/ul&gt;"
        '</description><psc:chapters><psc:chapter start="90" title="about B" href="https://www.b.example/x/"/></psc:chapters>'
    )
    assert [(entry.title, entry.start) for entry in draft.entries] == [("B", 90.0)]


def test_links_in_prose_are_stories_once_each_with_the_words_around_them() -> None:
    draft = one_item(
        "<title>t</title><link>https://show.example/1</link><content:encoded><![CDATA[<p>We talk about "
        '<a href="https://a.example/a">this</a> and <a href="https://a.example/a">that</a>.</p>'
        '<p><a href="/about">About us</a> <a href="mailto:x@y.example">Mail</a></p>]]></content:encoded>'
    )
    assert [(entry.title, entry.url, entry.summary) for entry in draft.entries] == [
        ("this", "https://a.example/a", "We talk about [this](https://a.example/a) and [that](https://a.example/a)."),
    ]


def test_where_there_is_a_list_its_items_are_the_stories_and_prose_is_kept_with_its_links() -> None:
    draft = one_item(
        "<title>t</title><link>https://show.example/1</link><content:encoded><![CDATA[<p>We talk about "
        '<a href="https://a.example/a">this</a>.</p>'
        "<ul><li><b>Tool</b>: <a href='https://b.example/b'>b.example</a></li><li>Paper: https://c.example/c.</li></ul>"
        "]]></content:encoded>"
    )
    assert [(entry.title, entry.url) for entry in draft.entries] == [
        ("Tool: b.example", "https://b.example/b"),
        ("Paper", "https://c.example/c"),
    ]
    assert draft.prose == "We talk about [this](https://a.example/a)."


def test_markdown_in_a_description_is_read_as_such() -> None:
    draft = one_item("<title>t</title><description>## Links\n\n- [A](https://a.example/)\n\n  About A.\n</description>")
    assert [(entry.title, entry.summary) for entry in draft.entries] == [("A", "About A.")]


def test_an_embedded_video_is_the_episodes_own() -> None:
    html = (
        "&lt;iframe src='https://www.youtube.com/embed/0aR63e1eKtA?rel=0'&gt;&lt;/iframe&gt;&lt;p&gt;Words.&lt;/p&gt;"
    )
    assert one_item(f"<title>t</title><description>{html}</description>").youtube_id == "0aR63e1eKtA"


def test_rss_without_titles_is_titled_by_its_first_words() -> None:
    draft = one_item(f"<guid>g</guid><description>{'Some words ' * 20}</description>")
    assert draft.title == "Some words Some words Some words Some words Some words Some words Some words…"


def test_an_empty_item_is_a_problem_with_its_line() -> None:
    drafts, problems = read(rss("<item><title>t</title></item>\n<item><guid>g</guid></item>"))
    assert len(drafts) == 1
    assert [(problem.line, problem.path) for problem in problems] == [(4, "show/feed.xml")]


# --- RDF, Atom, JSON Feed, OPML ---


def test_rdf_has_its_items_beside_the_channel() -> None:
    feed = feed_of(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>RDF</title><link>https://r.example/</link>'
        '<dc:language>ja</dc:language></channel><item rdf:about="https://r.example/20240601.html"><title>豆</title>'
        "<link>https://r.example/20240601.html</link><dc:date>2024-06-01T07:00+09:00</dc:date></item></rdf:RDF>"
    )
    assert (feed.title, feed.language) == ("RDF", "ja")
    (draft,), _ = drafts_of([feed], label="l", zone=None)
    assert (draft.id, draft.date) == ("2024-06-01-20240601", dt.date(2024, 6, 1))


def test_rdf_that_is_no_feed_is_none() -> None:
    foaf = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:foaf="http://xmlns.com/foaf/0.1/"/>'
    assert not looks_like_a_feed(foaf)


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="ja" xml:base="https://a.example/blog/">
<title type="html">A &amp;lt;b&amp;gt; show</title><link href="https://a.example/"/>
<link rel="next" href="?page=2"/><author><name>Feed Author</name></author>
<entry><title>One</title><id>tag:a.example,2024:1</id><link rel="alternate" href="one.html"/>
<published>2024-06-01T23:30:00Z</published><updated>2025-01-01T00:00:00Z</updated><summary>In short.</summary>
<link rel="enclosure" type="audio/mpeg" href="https://a.example/1.mp3"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>See <a href="https://b.example/x">b</a> &amp; c.</p></div></content>
</entry></feed>"""


def test_atom_is_read_with_its_base_and_types() -> None:
    feed = feed_of(ATOM)
    assert (feed.language, feed.next) == ("ja", "?page=2")
    draft = one(ATOM, "Asia/Tokyo")
    assert (draft.id, draft.date) == ("2024-06-01-one", dt.date(2024, 6, 2))
    assert (draft.page_url, draft.audio_url) == ("https://a.example/blog/one.html", "https://a.example/1.mp3")
    assert (draft.hosts, draft.description) == (("Feed Author",), "In short.")
    assert [(entry.title, entry.url) for entry in draft.entries] == [("b", "https://b.example/x")]


def test_a_video_channels_feed_has_its_videos() -> None:
    draft = one(
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
        'xmlns:media="http://search.yahoo.com/mrss/"><entry><id>yt:video:0aR63e1eKtA</id><yt:videoId>0aR63e1eKtA</yt:videoId>'
        '<title>V</title><link rel="alternate" href="https://www.youtube.com/watch?v=0aR63e1eKtA"/>'
        "<published>2024-06-01T00:00:00+00:00</published><media:group><media:description>Line 1\nhttps://x.example/\n"
        "</media:description></media:group></entry></feed>"
    )
    assert (draft.youtube_id, draft.prose) == ("0aR63e1eKtA", "Line 1\nhttps://x.example/")
    assert [(entry.title, entry.url) for entry in draft.entries] == [("Line 1", "https://x.example/")]


def test_json_feed_is_read_and_its_wrong_types_are_passed_over() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "https://j.example/",
        "next_url": "https://j.example/2.json", "authors": [{"name": "Someone"}],
        "items": [
            {"id": 7, "url": "https://j.example/seven", "title": "Seven", "date_published": "2024-06-01T00:00:00+09:00",
             "content_html": "<p>Words</p>", "external_url": "https://x.example/",
             "attachments": [{"url": "https://j.example/7.mp3", "mime_type": "audio/mpeg"}]},
            {"id": "8", "content_text": "Only text", "authors": "nobody", "attachments": 3},
            "no item",
        ],
    }  # fmt: skip
    drafts, problems = read(json.dumps(feed))
    assert (feed_of(json.dumps(feed)).next, problems) == ("https://j.example/2.json", [])
    seven, eight = drafts
    assert (seven.id, seven.hosts, seven.audio_url) == ("2024-06-01-seven", ("Someone",), "https://j.example/7.mp3")
    assert [(entry.title, entry.url) for entry in seven.entries] == [("Seven", "https://x.example/")]
    assert (eight.id, eight.title, eight.date) == ("8", "Only text", None)


def test_chapters_in_json_are_read_and_those_off_the_table_left_out() -> None:
    chapters = [{"startTime": 60, "title": "B", "url": "https://b.example/"}, {"startTime": 0, "title": "A"},
                {"startTime": 30, "title": "ad", "toc": False}, {"startTime": "x", "title": "?"}, 5,
                {"startTime": "1:30.5", "title": "C"}]  # fmt: skip
    read = read_chapters(json.dumps({"version": "1.2.0", "chapters": chapters}))
    assert read == (Chapter(0.0, "A"), Chapter(60.0, "B", "https://b.example/"), Chapter(90.5, "C"))
    assert read_chapters("[1]") == read_chapters("{") == read_chapters('{"chapters": 3}') == ()


def test_opml_lists_feeds_whatever_folders_they_are_in() -> None:
    opml = (
        '<opml version="2.0"><body><outline text="news"><outline type="rss" text="A" xmlUrl="https://a.example/feed"/>'
        '</outline><outline title="B" xmlurl="https://b.example/feed"/><outline text="no feed"/>'
        '<outline text="again" xmlUrl="https://a.example/feed"/></body></opml>'
    )
    assert read_document(opml).listed == (("https://a.example/feed", "A"), ("https://b.example/feed", "B"))


def test_a_page_that_names_its_feeds_offers_them() -> None:
    page = (
        "<!DOCTYPE html><html><head><link rel='stylesheet' href='x.css'>"
        '<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body></body></html>'
    )
    document = read_document(page)
    assert (document.feed, document.is_html, document.offered) == (None, True, ("/feed.xml",))


# --- real feeds ---


@pytest.mark.archive
@pytest.mark.archive
def test_the_shows_feed_and_its_files_tell_the_same_stories() -> None:
    text = decode((FEEDS / "zundamon-rendered.xml").read_bytes()).text or ""
    drafts, problems = read(text)
    files = {episode.id: episode for episode in read_archive(ArchiveReader([REAL / "_posts"]))[0]}
    boilerplate = boilerplate_links(draft.links for draft in drafts)
    assert (len(drafts), problems) == (67, [])
    same = 0
    for draft in drafts:
        episode = draft.episode(boilerplate)
        file = files.get(episode.id)
        if file is not None:  # two are dated otherwise than their files are named
            for name in ("number", "date", "published", "title", "page_url", "audio_url", "youtube_id"):
                assert getattr(episode, name) == getattr(file, name), (episode.id, name)
            same += [story.url for story in episode.stories] == [story.url for story in file.stories]
    assert same == 64  # of 65; one file has a story without title and address


@pytest.mark.archive
def test_a_news_podcasts_feeds_are_read_whole() -> None:
    for name, count in (("jtfnews-feed.xml", 92), ("jtfnews-podcast.xml", 25)):
        drafts, problems = read(decode((FEEDS / "jtf-news" / name).read_bytes()).text or "")
        assert (len(drafts), len({draft.id for draft in drafts}), problems) == (count, count, [])


@pytest.mark.archive
def test_the_example_of_podcasting_2_0_is_read_whole() -> None:
    feed = feed_of((FEEDS / "podcasting20-example.xml").read_text(encoding="utf-8"))
    assert [(item.number, len(item.transcripts)) for item in feed.items] == [(3, 2), (2, 1), (1, 1)]


# --- what feeds were seen to do ---


def test_items_in_any_order_are_read_alike() -> None:
    items = [
        f"<item><title>t{n}</title><guid>g{n}</guid><pubDate>0{n} Jan 2031 00:00:00 GMT</pubDate></item>"
        for n in (1, 2, 3)
    ]
    newest, oldest, mixed = (
        read(rss("".join(order)))[0] for order in (items[::-1], items, [items[1], items[2], items[0]])
    )
    assert sorted(newest, key=lambda one: one.id) == sorted(oldest, key=lambda one: one.id)
    assert {one.id for one in mixed} == {one.id for one in newest}


def test_an_enclosure_without_a_length_or_with_nonsense_in_it_is_the_audio() -> None:
    for length in ("", 'length=""', 'length="unknown"', 'length="0"'):
        draft = one_item(f'<title>t</title><enclosure url="https://cdn.example/a.mp3" type="audio/mpeg" {length}/>')
        assert draft.audio_url == "https://cdn.example/a.mp3"


def test_a_date_without_a_zone_is_in_the_archives() -> None:
    item = "<title>t</title><guid>g</guid><pubDate>Wed, 29 May 2024 23:30:00</pubDate>"
    draft = one_item(item, "Asia/Tokyo")
    assert (draft.date, draft.published) == (
        dt.date(2024, 5, 29),
        dt.datetime(2024, 5, 29, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo")),
    )
    assert one_item(item).date == dt.date(2024, 5, 29)


def test_a_paged_feed_names_the_next_page_in_either_way() -> None:
    for rel in ("next", "prev-archive"):
        channel = f'<title>t</title><atom:link rel="{rel}" href="https://show.example/feed?page=2"/>'
        assert feed_of(rss("<item><title>t</title></item>", channel)).next == "https://show.example/feed?page=2"


def test_a_feed_in_latin_1_is_read_as_it_declares() -> None:
    text = rss("<item><title>Fünf Bohnen</title></item>").replace(
        'version="1.0"?', 'version="1.0" encoding="iso-8859-1"?'
    )
    decoded = decode(text.encode("iso-8859-1")).text or ""
    assert one(decoded).title == "Fünf Bohnen"


def test_a_template_of_a_feed_in_a_repository_is_none(tmp_path: Path) -> None:
    text = "---\nlayout: null\n---\n" + rss(
        "{% for post in site.posts %}<item><title>{{ post.title }}</title></item>{% endfor %}"
    )
    (tmp_path / "feed.xml").write_text(text, encoding="utf-8")
    (tmp_path / "2031-01-01-1.md").write_text("---\ntitle: 一\n---\n\n本文。\n", encoding="utf-8")
    episodes, problems = read_archive(ArchiveReader([tmp_path]))
    assert ([episode.title for episode in episodes], problems) == (["一"], [])


def test_the_last_of_repeated_elements_is_not_the_only_one() -> None:
    """Libraries keep one ``podcast:person`` of several, and lose its text where it has attributes."""
    draft = one_item(
        '<title>t</title><podcast:person role="host" href="https://a.example/">Ann</podcast:person>'
        '<podcast:person role="guest" img="https://b.example/b.png">Bob</podcast:person>'
    )
    assert draft.hosts == ("Ann", "Bob")


def test_one_way_of_splitting_is_chosen_for_a_feed_and_the_settings_decide_over_it() -> None:
    heads = "<h3>One topic {n}</h3><p>What there is to say about it is said here, at some length.</p>" * 2
    listed = "<ul><li><a href='https://a.example/'>A</a></li><li><a href='https://b.example/'>B</a></li></ul>"
    bodies = [heads.replace("{n}", str(n)) for n in range(4)] + [listed]
    items = "".join(
        f"<item><title>t{n}</title><guid>g{n}</guid><description><![CDATA[{body}]]></description></item>"
        for n, body in enumerate(bodies)
    )
    feed = feed_of(rss(items))
    by_majority, _ = drafts_of([feed], label="l", zone=None)
    assert [len(draft.entries) for draft in by_majority] == [2, 2, 2, 2, 2]
    assert [entry.title for entry in by_majority[0].entries] == ["One topic 0", "One topic 0"]
    wanted = Conventions(settings=ReaderSettings(strategy="whole"))
    whole, _ = drafts_of([feed], label="l", zone=None, conventions=wanted)
    assert [len(draft.entries) for draft in whole] == [0, 0, 0, 0, 2]  # links alone are stories where nothing else is
