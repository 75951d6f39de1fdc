"""Feeds that are broken or meant to break something: what is whole is kept, and nothing is trusted."""

from __future__ import annotations

from pathlib import Path

import pytest
from feed_samples import feed_of, read, rss

from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.encoding import decode
from zunda_mcp.reading.feeds.document import looks_like_a_feed, read_document
from zunda_mcp.reading.html.to_markdown import Markdown, markdown_of

ITEMS = "\n".join(f"<item><guid>g{n}</guid><title>Title {n}</title></item>" for n in range(5))


def _titles(text: str) -> list[str]:
    return [item.title for item in feed_of(text).items]


# --- attacks ---


@pytest.mark.parametrize(
    "before", ["---\nlayout: null\n---\n", "{% assign posts = site.posts %}", '{{ printf "<?xml?>" | safeHTML }}']
)
def test_what_a_site_makes_its_feed_of_is_none(tmp_path: Path, before: str) -> None:
    text = f"{before}<rss><channel><title>T</title><item><title>{{{{ post.title }}}}</title></item></channel></rss>"
    (tmp_path / "feed.xml").write_text(text, encoding="utf-8")
    assert read_archive(ArchiveReader([tmp_path])) == ([], [])


def test_entities_are_refused() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><channel><title>&b;</title></channel></rss>'
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'
    parameter = '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;]><rss><channel/></rss>'
    for text in (bomb, outside, parameter):
        document = read_document(text)
        assert document.feed is None
        assert "entities" in document.why


def test_a_document_type_of_the_nineties_is_passed_over_and_never_loaded() -> None:
    old = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:1/rss-0.91.dtd">'
    assert _titles(old + rss(ITEMS).partition("?>")[2])[0] == "Title 0"
    assert _titles(old + rss("<item><title>caf&eacute;</title></item>").partition("?>")[2]) == ["café"]


def test_elements_without_end_in_depth_are_refused() -> None:
    assert "deep" in read_document("<rss><channel>" + "<a>" * 100_000).why


def test_json_nested_without_end_is_no_feed() -> None:
    text = '{"version": "https://jsonfeed.org/version/1", "items": ' + "[" * 100_000
    assert read_document(text).feed is None


@pytest.mark.parametrize(
    "piece",
    [
        '<a "',
        "<!--",
        '<a href="x',
        "<",
        "<b>",
        "<ul><li>",
        "<a x=1 ",
        "<script>",
        "<blockquote>",
        "&",
        "<![CDATA[",
        "[a](",
        "<a b",
    ],
)
def test_broken_html_takes_time_by_its_length_alone(piece: str) -> None:
    drafts, _ = read(
        rss(f"<item><title>t</title><description><![CDATA[{piece * 16_000}"[:80_000] + "]]></description></item>")
    )
    assert len(drafts) == 1


@pytest.mark.parametrize("piece", ["<item>", "<![CDATA[", "&x;", "<item/>", "</item>", "<item", "&"])
def test_broken_xml_takes_time_by_its_length_alone(piece: str) -> None:
    read_document(rss(piece * 20_000))


# --- breakage ---


def test_ampersands_and_names_of_html_are_put_right() -> None:
    text = rss("<item><title>Q&A: R&D caf&eacute;&nbsp;x &lt; y &#1; <![CDATA[ & &raw; ]]></title></item>")
    feed = feed_of(text)
    assert [item.title for item in feed.items] == ["Q&A: R&D café x < y \ufffd & &raw;"]
    ((line, cause),) = feed.remarks
    assert line == 3
    assert "repaired" in cause


def test_a_feed_that_is_cut_off_keeps_its_whole_items() -> None:
    text = rss(ITEMS)
    cut = text[: text.index("Title 3") + 3]
    feed = feed_of(cut)
    assert [item.title for item in feed.items] == ["Title 0", "Title 1", "Title 2"]
    assert feed.title == "A Show"
    assert "3 whole items were kept, 1 left out" in feed.remarks[0][1]


def test_one_broken_item_costs_no_other() -> None:
    feed = feed_of(rss(ITEMS.replace("<title>Title 2</title>", "<title>Title <b>2</title>")))
    assert [item.title for item in feed.items] == ["Title 0", "Title 1", "Title 3", "Title 4"]
    assert "4 whole items were kept, 1 left out" in feed.remarks[0][1]
    assert [item.line for item in feed.items] == [3, 4, 6, 7]


def test_an_atom_feed_that_is_cut_off_keeps_its_whole_entries() -> None:
    entry = '<entry><id>{n}</id><title>{n}</title><link href="e/{n}"/></entry>'
    text = '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><title>A</title>'
    feed = feed_of(text + entry.format(n=1) + entry.format(n=2) + "<entry><id>3")
    assert [(item.title, item.link) for item in feed.items] == [
        ("1", "https://a.example/e/1"),
        ("2", "https://a.example/e/2"),
    ]


def test_prefixes_that_nobody_declared_mean_what_they_always_mean() -> None:
    text = "<rss><channel><item><title>t</title><itunes:author>Host</itunes:author><x:y>z</x:y></item></channel></rss>"
    drafts, problems = read(text)
    assert (drafts[0].hosts, problems) == (("Host",), [])


def test_text_before_the_feed_is_passed_over_and_said() -> None:
    feed = feed_of("\ufeff\n<br />Warning: fopen() failed\n" + rss(ITEMS))
    assert len(feed.items) == 5


def test_control_characters_are_taken_out() -> None:
    assert _titles(rss("<item><title>a\x0bb</title></item>")) == ["ab"]


def test_what_is_no_feed_is_none() -> None:
    for text in (
        "",
        "words",
        "<html><body>404</body></html>",
        "{}",
        "[1]",
        '{"version": 1}',
        "<svg/>",
        "<rs",
        "<?xml?>",
    ):
        assert read_document(text).feed is None
        assert not looks_like_a_feed(text)
    assert "web page" in read_document("<!doctype html><p>Not found").why


# --- encodings ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "euc-jp", "shift_jis", "iso-2022-jp"])
def test_a_japanese_feed_is_read_in_the_encoding_it_declares(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + rss("<item><title>ずんだ餅の話</title></item>")[22:]
    assert _titles(decode(text.encode(encoding)).text or "") == ["ずんだ餅の話"]


def test_latin_text_is_read_as_declared_and_utf_8_where_the_declaration_is_wrong() -> None:
    text = (
        '<?xml version="1.0" encoding="iso-8859-1"?><rss><channel><item><title>Café “x”</title></item></channel></rss>'
    )
    assert _titles(decode(text.encode("cp1252")).text or "") == ["Café “x”"]
    assert _titles(decode(text.encode("utf-8")).text or "") == ["Café “x”"]


def test_what_the_server_says_counts_where_the_bytes_are_not_utf_8() -> None:
    text = "<rss><channel><item><title>Ärger</title></item></channel></rss>"
    assert _titles(decode(text.encode("latin-1"), "iso-8859-1").text or "") == ["Ärger"]
    assert _titles(decode(text.encode("utf-8"), "iso-8859-1").text or "") == ["Ärger"]
    assert decode(text.encode(), "no-such-charset").remark is None


def test_bad_bytes_become_replacement_characters_and_that_is_said() -> None:
    data = (
        '<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>豆'.encode()
        + b"\xff\x92</title></item></channel></rss>"
    )
    decoded = decode(data)
    assert _titles(decoded.text or "") == ["豆\ufffd\ufffd"]
    assert "replacement" in (decoded.remark or "")
    assert decode(b"\xef\xbb\xbf" + data).text == decoded.text


# --- HTML to Markdown ---


def test_html_becomes_the_markdown_that_a_file_would_have() -> None:
    html = (
        "<h2>Links</h2><ul><li><a href='https://a.example/x_(y)'>A [1] b</a></li></ul>"
        "<p>Some <b>bold</b> and <i>fine</i> words<br>on two lines.</p>"
        "<ol start=3><li>three<ul><li>deep</li></ul></li><li><p>four</p><p>more</p></li></ol>"
        "<blockquote><p>said</p></blockquote><pre><code>x &lt; y\n  z</code></pre><p>- no list, 3 &lt; 4</p>"
        "<table><tr><td>a</td><td>b</td></tr></table>"
    )
    assert Markdown(html).text == (
        "## Links\n\n- [A \\[1\\] b](<https://a.example/x_(y)>)\n\nSome **bold** and *fine* words  \non two lines.\n\n"
        "3. three\n   - deep\n4. four\n\n   more\n\n> said\n\n```\nx < y\n  z\n```\n\n\\- no list, 3 < 4\n\na | b"
    )


def test_signs_around_a_link_and_links_around_a_heading_do_not_hide_it() -> None:
    assert Markdown("<ul><li><strong><a href='/x'>A</a></strong></li></ul>").text == "- [A](/x)"
    assert Markdown("<a href='/x'><h3>A <b>b</b></h3></a>").text == "### [A **b**](/x)"
    assert Markdown("<a href='/x'><img src='p.png' alt='a picture'></a>").text == "a picture"


def test_scripts_styles_and_comments_are_nothing_and_frames_are_noted() -> None:
    made = Markdown(
        "<script>a<b</script><style>p{}</style><!-- <p>x</p> --><iframe src='https://v.example/'></iframe><p>y"
    )
    assert (made.text, made.frames) == ("y", ["https://v.example/"])


def test_plain_text_stays_as_it_is() -> None:
    text = "# Title\n\n- [A](https://a.example/) * _x_ < y"
    assert markdown_of(text, "text").text == markdown_of(text, "html").text == text


def test_half_a_character_in_an_address_and_a_carriage_return_in_a_text_do_no_harm() -> None:
    html = "<li><a href='https://b.example/\\ud800'>豆\\r</a></li><p>&#13;[a](b)&#13;- [c](https://c.example)</p>"
    items = f'[{{"id": "1", "url": "https://a.example/\\ud800", "title": "x\\ud800", "content_html": "{html}"}}]'
    drafts, _ = read(f'{{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": {items}}}')
    assert len(drafts) == 1
    drafts[0].episode(frozenset())
