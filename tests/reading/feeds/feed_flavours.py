# ruff: noqa: E501  (markup as it comes)
"""Feeds in the styles of well-known hosts and tools, three items each. The content is made up; the markup is as theirs.

Each value is a feed and what its first item should hold: (title, address, start) of every story, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import NamedTuple

from feed_samples import NAMESPACES

Story = tuple[str, str | None, float | None]


class Flavour(NamedTuple):
    """A feed, the stories of its item 1, pieces that its prose holds, and the strategy it should be split by."""

    text: str
    stories: list[Story]
    prose: tuple[str, ...]
    strategy: str


def _feed(item: Callable[[int], str], channel: str = "<title>Beans</title><link>https://beans.example/</link>") -> str:
    items = "\n".join(f"<item>{item(number)}</item>" for number in (1, 2, 3))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {NAMESPACES}><channel>{channel}{items}</channel></rss>'


def _head(n: int) -> str:
    return (
        f"<title>Episode {n}: about beans</title><link>https://beans.example/{n}</link>"
        f"<guid isPermaLink='false'>beans-{n}</guid><pubDate>0{n} Jan 2031 07:00:00 +0900</pubDate>"
        f'<enclosure url="https://cdn.beans.example/{n}.mp3" length="1" type="audio/mpeg"/>'
    )


def _cdata(markup: str) -> str:
    return f"<![CDATA[{markup}]]>"


def _list_of_links(n: int) -> str:
    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f"<p>We talk about beans, and what came of number {n}.</p><p>Links:</p><ul>"
            f'<li><a href="https://a.example/{n}?x=1&amp;y=2">Soy &amp; rice {n}</a></li>'
            f'<li><a href="https://b.example/{n}"><strong>Natto {n}</strong></a> – a blog</li></ul>'
            '<p><a href="https://beans.example/support">Support the show</a></p>'
        )
        + "</content:encoded>"
    )


def _link_and_text(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + _cdata(
            f'<p>Hello.</p><p><a href="https://a.example/{n}">Soy {n}</a></p><p>Soy grew by {n} percent.</p><p>It rained.</p>'
            f'<p><a href="https://b.example/{n}">Natto {n}</a><br>Natto is eaten with rice.</p>'
            '<p><a href="https://beans.example/about">About us</a></p>'
        )
        + "</description>"
    )


def _headings(n: int) -> str:
    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f"<p>Intro {n}.</p><h3>Soy harvest {n}</h3><p>The harvest was good this year, and it was long.</p>"
            f'<p>More at <a href="https://a.example/{n}">the ministry</a>.</p>'
            f"<h3>Natto day {n}</h3><p>Everybody ate natto on that day, and nobody was unhappy about it.</p>"
        )
        + "</content:encoded>"
    )


def _timed_lines(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + _cdata(
            f"<p>About number {n}.</p><p>(00:00:00) Opening<br/>(00:02:34) Soy {n}<br />"
            f'(01:02:03) <a href="https://b.example/{n}">Natto {n}</a><br>(01:10:00) Ending</p>'
        )
        + "</description>"
    )


def _plain_with_addresses(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + escape(
            f"Beans & rice, number {n}.\n\nSoy {n}\nhttps://a.example/{n}\n\nNatto {n}: https://b.example/{n}\n\n"
            "Music: https://music.example/"
        )
        + "</description>"
    )


def _dots(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + escape(
            f"今回の話題\n・大豆の収穫 {n}\nhttps://a.example/{n}\n・納豆の日 {n} https://b.example/{n}\n\n感想は #豆 まで。"
        )
        + "</description>"
    )


def _markdown(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + escape(
            f"Intro {n}.\n\n## Links\n\n- [Soy {n}](https://a.example/{n})\n\n  It grew.\n\n- [Natto {n}](https://b.example/{n})\n\n"
            "  It is eaten.\n"
        )
        + "</description>"
    )


def _twice_escaped(n: int) -> str:
    inner = f'<p>Hi &amp; welcome.</p><ul><li><a href="https://a.example/{n}">Soy &amp;amp; rice {n}</a></li><li><a href="https://b.example/{n}">Natto {n}</a></li></ul>'
    return _head(n) + "<description>" + _cdata(escape(inner)) + "</description>"


def _three_bodies(n: int) -> str:
    """Megaphone: the same text in three elements, the plain one longer by its addresses."""
    html = f'<p>About beans.</p><ul><li><a href="https://a.example/{n}">Soy {n}</a></li><li><a href="https://b.example/{n}">Natto {n}</a></li></ul><p>Learn more about your ad choices. Visit <a href="https://megaphone.example/adchoices">megaphone.example/adchoices</a></p>'
    plain = f"About beans. Soy {n} (https://a.example/{n}) Natto {n} (https://b.example/{n}) Learn more about your ad choices. Visit megaphone.example/adchoices (https://megaphone.example/adchoices)"
    return (
        _head(n) + f"<description>{_cdata(html)}</description><itunes:summary>{plain}</itunes:summary>"
        f"<content:encoded>{_cdata(html)}</content:encoded>"
    )


def _buzzsprout(n: int) -> str:
    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f'<p><a rel="payment" href="https://www.buzzsprout.example/1/support">Send us a text</a></p><p>Number {n}.</p><ul>'
            f'<li><a href="https://a.example/{n}">Soy {n}</a></li><li><a href="https://b.example/{n}">Natto {n}</a></li></ul>'
            '<p><a rel="payment" href="https://www.buzzsprout.example/1/support">Support the show</a></p>'
        )
        + (
            "</content:encoded><psc:chapters><psc:chapter start='0:00' title='Opening'/>"
            f"<psc:chapter start='2:34' title='Soy {n}'/><psc:chapter start='1:02:03' title='Natto {n}'/></psc:chapters>"
        )
    )


def _anchor(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + _cdata(
            f'<p>Number {n}.</p>\n<p>・<a href="https://a.example/{n}">大豆 {n}</a><br>・<a href="https://b.example/{n}">納豆 {n}</a></p>\n<p>---</p>\n'
            '<p>Send in a voice message: <a href="https://podcasters.example/pod/show/beans/message" target="_blank">'
            "https://podcasters.example/pod/show/beans/message</a></p>"
        )
        + "</description>"
    )


def _transistor(n: int) -> str:
    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f"<div>Number {n}, about beans.<br><br></div><div><strong>Links</strong></div><ul>"
            f'<li>Soy {n} — <a href="https://a.example/{n}">a.example/{n}</a></li>'
            f'<li>Natto {n}: <a href="https://b.example/{n}">https://b.example/{n}</a></li></ul><div><br></div>'
            "<strong>Creators and Guests</strong>\n<ul><li>Ann - Host</li></ul>"
        )
        + "</content:encoded>"
    )


def _libsyn(n: int) -> str:
    return (
        _head(n)
        + "<description>"
        + _cdata(
            f"<p>Number&nbsp;{n}.</p> <p>&nbsp;</p> <p><strong>[00:00]</strong> Opening</p> <p><strong>[02:34]</strong> Soy {n}</p> "
            f"<p><strong>[1:02:03]</strong> <a href='https://b.example/{n}'>Natto {n}</a></p> <p>&nbsp;</p>"
        )
        + "</description>"
    )


def _substack(n: int) -> str:
    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f'<div class="captioned-image-container"><figure><a class="image-link" href="https://cdn.example/{n}.png"><img src="x.png" alt=""></a>'
            f"<figcaption>A bean</figcaption></figure></div><p>Intro {n}.</p><h3>Soy harvest {n}</h3><p>The harvest was good this year, and "
            f'it was <a href="https://a.example/{n}">long</a>, says the ministry of beans.</p><h3>Natto day {n}</h3><p>Everybody ate '
            "natto on that day, and nobody was unhappy.</p>"
            f'<p class="button-wrapper"><a class="button" href="https://beans.example/{n}?action=share"><span>Share</span></a></p>'
        )
        + "</content:encoded>"
    )


def _wordpress(n: int) -> str:
    return (
        _head(n)
        + (
            f"<description>{_cdata(f'Intro {n} &#8230; <a href=https://beans.example/{n} class=more-link>Continue reading</a>')}</description>"
            "<content:encoded>"
        )
        + _cdata(
            f'<p>Intro {n} with &#8220;quotes&#8221;.</p>\n<h2>Links</h2>\n<ul>\n<li><a href="https://a.example/{n}">Soy&#8217;s {n}</a>: it grew</li>\n'
            f'<li><a href="https://b.example/{n}">Natto {n}</a></li>\n</ul>\n<p>The post <a href="https://beans.example/{n}">Episode {n}</a> '
            'first appeared on <a href="https://beans.example">Beans</a>.</p>\n<!-- wp:plugin --><script>var x = "<p>";</script>'
        )
        + "</content:encoded>"
    )


def _ghost(n: int) -> str:
    def card(title: str, url: str, text: str) -> str:
        return (
            f'<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="{url}"><div class="kg-bookmark-content">'
            f'<div class="kg-bookmark-title">{title}</div><div class="kg-bookmark-description">{text}</div>'
            '<div class="kg-bookmark-metadata"><img class="kg-bookmark-icon" src="i.png" alt=""><span class="kg-bookmark-author">'
            "Site</span></div></div></a></figure>"
        )

    return (
        _head(n)
        + "<content:encoded>"
        + _cdata(
            f"<p>Intro {n}.</p>{card(f'Soy {n}', f'https://a.example/{n}', 'Soy grew.')}<p>We liked it.</p>"
            f"{card(f'Natto {n}', f'https://b.example/{n}', 'Natto is eaten.')}<p>We liked that, too.</p>"
        )
        + "</content:encoded>"
    )


def _note(n: int) -> str:
    return (
        f"<title>豆の話 {n}</title><media:thumbnail>https://cdn.example/{n}.png</media:thumbnail><description>"
        + _cdata(
            f'<p name="a" id="a">はじめに {n}。</p><h3 name="b">大豆の収穫 {n}</h3><p name="c">今年の大豆はよくとれました。とても長い夏でした。</p>'
            f'<h3 name="d">納豆の日 {n}</h3><p name="e">みんなが納豆を食べました。誰も不幸ではありませんでした。</p>'
            f"<br/><a href='https://note.example/beans/n/n{n}'>続きをみる</a>"
        )
        + f"</description><link>https://note.example/beans/n/n{n}</link><guid>https://note.example/beans/n/n{n}</guid>"
        f"<pubDate>Thu, 0{n} Jan 2031 07:00:00 +0900</pubDate>"
    )


def _youtube() -> str:
    entries = "".join(
        f"<entry><id>yt:video:0aR63e1eKt{n}</id><yt:videoId>0aR63e1eKt{n}</yt:videoId><title>Beans {n}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/watch?v=0aR63e1eKt{n}"/><published>2031-01-0{n}T00:00:00+00:00</published>'
        f"<media:group><media:title>Beans {n}</media:title><media:content url='https://www.youtube.com/v/0aR63e1eKt{n}' type='application/x-shockwave-flash'/>"
        f"<media:description>Number {n} &amp; beans.\n\n0:00 Opening\n2:34 Soy {n}\n1:02:03 Natto {n} https://b.example/{n}\n\nMusic: https://music.example/"
        "</media:description></media:group></entry>"
        for n in (1, 2, 3)
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
        f'xmlns:media="http://search.yahoo.com/mrss/"><title>Beans</title><link rel="alternate" href="https://www.youtube.com/channel/UC1"/>{entries}</feed>'
    )


_TWO: list[Story] = [("Soy 1", "https://a.example/1", None), ("Natto 1", "https://b.example/1", None)]
_TIMES: list[Story] = [
    ("Opening", None, 0.0),
    ("Soy 1", None, 154.0),
    ("Natto 1", "https://b.example/1", 3723.0),
]

FLAVOURS: dict[str, Flavour] = {
    "list of links": Flavour(
        _feed(_list_of_links),
        [("Soy & rice 1", "https://a.example/1?x=1&y=2", None), ("Natto 1", "https://b.example/1", None)],
        ("what came of number 1", "Support the show"),
        "list-items",
    ),
    "link and text below": Flavour(_feed(_link_and_text), _TWO, ("Hello.",), "link-heads"),
    "headings": Flavour(
        _feed(_headings),
        [("Soy harvest 1", "https://a.example/1", None), ("Natto day 1", None, None)],
        ("Intro 1.",),
        "headings",
    ),
    "timed lines": Flavour(_feed(_timed_lines), [*_TIMES, ("Ending", None, 4200.0)], ("About number 1.",), "list-items"),
    "plain with addresses": Flavour(
        _feed(_plain_with_addresses),
        [*_TWO, ("Music", "https://music.example/", None)],
        ("Beans & rice, number 1.", "https://a.example/1"),
        "link-heads",  # as where nothing speaks for any other
    ),
    "dots": Flavour(
        _feed(_dots),
        [("大豆の収穫 1", "https://a.example/1", None), ("納豆の日 1", "https://b.example/1", None)],
        ("今回の話題", "感想は #豆 まで。"),
        "list-items",
    ),
    "Markdown": Flavour(_feed(_markdown), _TWO, ("Intro 1.",), "link-heads"),
    "escaped twice": Flavour(
        _feed(_twice_escaped),
        [("Soy & rice 1", "https://a.example/1", None), ("Natto 1", "https://b.example/1", None)],
        ("Hi & welcome.",),
        "list-items",
    ),
    "Megaphone": Flavour(_feed(_three_bodies), _TWO, ("About beans.", "ad choices"), "list-items"),
    "Buzzsprout": Flavour(
        _feed(_buzzsprout),
        [("Soy 1", "https://a.example/1", 154.0), ("Natto 1", "https://b.example/1", 3723.0), ("Opening", None, 0.0)],
        ("Number 1.", "Support the show"),
        "list-items",
    ),
    "Anchor": Flavour(
        _feed(_anchor),
        [("大豆 1", "https://a.example/1", None), ("納豆 1", "https://b.example/1", None)],
        ("Number 1.", "voice message"),
        "list-items",
    ),
    "Transistor": Flavour(_feed(_transistor), [*_TWO, ("Ann - Host", None, None)], ("about beans",), "list-items"),
    "Libsyn": Flavour(_feed(_libsyn), _TIMES, ("Number 1.",), "list-items"),
    "Substack": Flavour(
        _feed(_substack),
        [("Soy harvest 1", "https://a.example/1", None), ("Natto day 1", "https://beans.example/1?action=share", None)],
        ("A bean", "Intro 1."),
        "headings",
    ),
    "WordPress": Flavour(
        _feed(_wordpress),
        [("Soy’s 1", "https://a.example/1", None), ("Natto 1", "https://b.example/1", None)],
        ("Intro 1 with “quotes”.", "first appeared on"),
        "list-items",
    ),
    "Ghost": Flavour(_feed(_ghost), _TWO, ("Intro 1.",), "link-heads"),
    "note": Flavour(
        _feed(_note, "<title>豆</title><link>https://note.example/beans</link>"),
        [("大豆の収穫 1", None, None), ("納豆の日 1", "https://note.example/beans/n/n1", None)],
        ("はじめに 1。",),
        "headings",
    ),
    "YouTube": Flavour(_youtube(), _TIMES, ("Number 1 & beans.", "Music: https://music.example/"), "list-items"),
}  # fmt: skip
