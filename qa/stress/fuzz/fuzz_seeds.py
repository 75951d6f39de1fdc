# ruff: noqa: E501  (what is read here is written on one line)
"""What the readers' cases are bred from: small whole files of every kind that is read."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_BROKEN = ROOT / "tests" / "fixtures" / "archive" / "broken"

_BODY = (
    "## 関連リンク\n\n- [小さな言語モデル](https://example.com/small?utm_source=x)  \n手元の**生成AI**を動かした。\n\n"
    '引用元: https://example.com/small\n\n- [Agents (that) read](<https://example.com/a b> "t")\n\n1. one\n   - two\n\n'
    "> quoted\n\n```py\n[no](link)\n```\n\n<iframe src='https://www.youtube.com/embed/abcdefghijk'></iframe>\n"
    "(00:12:34) 話題 https://example.net/x\n\n### 12:00 見出し\n\n検索拡張生成（RAG）とは。\n\n**A:** はい。\n\n**B:** いいえ。\n"
)
PAGES = [
    f"---\nactor_ids:\n- zundamon\ndate: 2031-01-01 05:00:00 +0900\ndescription: '題'\ntitle: 豆の回\n---\n\n{_BODY}",
    f'+++\ntitle = "豆"\ndate = 2031-01-01T05:00:00+09:00\ntags = ["a", "b"]\n[params]\nhosts = ["x"]\n+++\n\n{_BODY}',
    f'{{\n "title": "豆",\n "date": "2031-01-01",\n "hosts": ["a", {{"name": "b"}}]\n}}\n\n{_BODY}',
    f"Title: 豆の回\nDate: 2031-01-01 10:20\nTags: a, b\nSlug: mame\n\n{_BODY}",
    f"# 豆の回\n\n{_BODY}",
    "---\ntitle: 'a'\nlinks:\n- title: one\n  url: https://a.example/1\n  text: said\n- {title: two, url: 'https://a.example/2'}\n"
    "date: July 8, 2025\npermalink: /:year/:title/\nguests: [a, b]\naudio: a.mp3\nduration: '12:30'\n---\n\ntext\n",
    "---\ntitle: >-\n  folded\n  text\ndate: 令和7年7月8日\nepisode: 12\nyoutube: https://youtu.be/abcdefghijk\n...\nbody {% include x %}\n",
]
PAGES += [path.read_text(encoding="utf-8") for path in sorted(_BROKEN.glob("*.md"))]

FILES = [page.encode() for page in PAGES] + [
    PAGES[0].encode(code) for code in ("cp932", "euc_jp", "iso2022_jp", "utf-16", "utf-8-sig")
]

DATES = """2025-07-08|2025/7/8|2025年7月8日|令和7年7月8日|昨日|去年の夏|先月の8日|last tuesday|3 days ago|過去3ヶ月|2025-W28
2025-W28-3|2025年第28週|Q3 2025|2025-Q3|2025年第3四半期|summer of 2025|July 8, 2025|8 Jul 2025|Tue, 08 Jul 2025 05:00:00 +0900
2025-07-08T05:00:00+09:00|2025-07-08 05:00:00 +0900 JST|20250708|1751918400|1751918400000|今年|二〇二五年七月|since 2024|12:34
1:02:03|00:00:01.500|[12:34](x) 題|12時34分|PT1H2M3S|Sat Mar 01 04:15:14 +0000 2026|2025-07-08T24:00:00Z|2025/07/08(火)|火曜日
2025-07-08T05:00:00.123456789Z|08 Jul 25 5:00 EST|2025-02-29|0001-01-01|9999-12-31T23:59:59-12:00|March 2025""".replace(
    "\n", "|"
).split("|")

NAMES = """2025-07-08-279|2025-07-08|20250708_show|ep279|第279回 豆|279|2025/07/08/index|2025/07/279|show-2025-07-08|README|a.ja.vtt
2025-07-08-279.transcript.json|news 2025.07.08|0279-title-of-it|.hidden|con.md|a/b/c|_posts/2025-02-30-x|12-31|episode_12_final
transcripts/2025-07-08.srt|index.ja|ﾊﾝｶｸ-12|ｅｐ１２""".replace("\n", "|").split("|")

_NS = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:psc="http://podlove.org/simple-chapters" xmlns:atom="http://www.w3.org/2005/Atom"'
)
_HTML = (
    "<p>See <a href='https://a.example/1'>one</a> &amp; <b>two</b><br/>00:01:02 topic <a href=/x>rel</a></p>"
    '<ul><li><a href="https://b.example">b</a>: text<ul><li>deep</li></ul></li></ul><pre>code</pre>'
    "<blockquote><h2>頭</h2></blockquote><script>no()</script><!-- c --><img src=a alt=b>"
)
FEEDS = [
    f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {_NS}><channel><title>Show</title>'
    "<link>https://show.example/</link><language>ja</language><itunes:author>A</itunes:author>"
    '<podcast:person role="host">B</podcast:person><item><title>#12 豆</title><guid isPermaLink="false">g1</guid>'
    "<link>https://show.example/12</link><pubDate>Tue, 08 Jul 2025 05:00:00 +0900</pubDate>"
    f"<description>{_HTML.replace('<', '&lt;')}</description><content:encoded><![CDATA[{_HTML}]]></content:encoded>"
    '<enclosure url="https://show.example/12.mp3" type="audio/mpeg" length="1"/><itunes:episode>12</itunes:episode>'
    '<podcast:transcript url="t.vtt" type="text/vtt"/><podcast:chapters url="c.json"/>'
    '<psc:chapters><psc:chapter start="00:01:02.5" title="c" href="https://a.example/1"/></psc:chapters></item>'
    "<item><title>two</title><pubDate>8 Jul 2025</pubDate></item></channel></rss>",
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://b.example/"><title type="html">&lt;b&gt;F</title>'
    '<link rel="next" href="?p=2"/><entry><id>tag:a,2025:1</id><title>E</title><updated>2025-07-08T00:00:00Z</updated>'
    '<link href="e1"/><link rel="enclosure" href="a.mp3" type="audio/mpeg"/><author><name>N</name></author>'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x <a href="y">z</a></p></div></content></entry></feed>',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>'
    '<item rdf:about="https://r.example/1"><title>1</title><dc:date>2025-07-08</dc:date><description>d</description></item></rdf:RDF>',
    json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "J",
            "home_page_url": "https://j.example/",
            "authors": [{"name": "A"}],
            "items": [
                {
                    "id": "1",
                    "url": "https://j.example/1",
                    "title": "T",
                    "content_html": _HTML,
                    "date_published": "2025-07-08T00:00:00Z",
                    "attachments": [{"url": "a.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 3}],
                    "language": "ja",
                }
            ],
        }
    ),
    '<opml version="2.0"><head><title>L</title></head><body><outline text="a"><outline text="b" type="rss" '
    'xmlUrl="https://b.example/feed"/></outline></body></opml>',
    '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>x</body></html>',
    f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item><title>&a;&nbsp;&copy</title>"
    f"<description>{_HTML}</description></item><item><title>x & y</title></channel>",
]
FEEDS.append(
    json.dumps(
        {
            "zunda_mcp_feed": 1,
            "url": "https://a.example",
            "pages": [{"url": "u", "text": FEEDS[0]}],
            "ids": {"g1": "2025-07-08-12"},
            "extras": {"c.json": '{"chapters": []}'},
        }
    )
)

CHAPTERS = [
    '{"version":"1.2.0","chapters":[{"startTime":1.5,"title":"a","url":"https://a.example"},{"startTime":2,"toc":false}]}'
]

TRANSCRIPTS = [
    "WEBVTT - x\nKind: captions\nLanguage: ja\n\nNOTE n\n\nSTYLE\n::cue{}\n\nid1\n00:01.000 --> 00:02.500 align:start\n"
    "<v.loud Mary>Peas &amp; <i>beans</i></v>\n\n01:00:03.000 --> 01:00:04.000\n<ruby>豆<rt>まめ</rt></ruby>の話\n",
    "1\n00:00:01,000 --> 00:00:02,000\nA: hello\n\n2\n00:00:02,500 --> 00:00:04,000\n<b>小さな言語モデル</b>の話です。\n",
    json.dumps(
        {
            "language": "ja",
            "segments": [
                {"start": 0.5, "end": 2, "text": "豆です。", "speaker": "A"},
                {"startTime": 3, "endTime": 4, "body": "二つ目"},
            ],
        }
    ),
    json.dumps([{"speaker": "A", "text": "x", "start_ms": 100}, {"id": 1, "text": "小さな言語モデル", "sections": []}]),
    "A: はい。\nB: いいえ。\n\n[00:01:02] A: 次は小さな言語モデル。\n\n**C** (12:34): そう。\n",
    '{\n "title": "s", "sections": [{"title": "x", "url": "https://example.com/small", "lines": [{"text": "a"}]}]}',
]
TRANSCRIPT_NAMES = ("a.vtt", "a.srt", "a.json", "a.txt", "2031-01-01-1.ja.vtt", "a.md")

TWILOG = [
    '"2027960832928501907","https://x.com/zunda_example/status/2027960832928501907","2026-03-01 13:15:14",'
    '"豆 https://t.co/abc を""見た""\n二行目 https://example.com/x","1"\n"1","https://x.com/a/status/1","2026-03-01","x","2"\n',
    "2027960832928501907\thttps://x.com/a/status/2027960832928501907\t2026/03/01 1:15\ttext\n",
    '260301 131514,"text, with comma",https://x.com/a/status/2027960832928501907\n,,,\n',
]
_TWEET = {
    "tweet": {
        "id_str": "2027960832928501907",
        "created_at": "Sun Mar 01 04:15:14 +0000 2026",
        "full_text": "豆 https://t.co/a",
        "entities": {
            "urls": [{"url": "https://t.co/a", "expanded_url": "https://example.com/x"}],
            "user_mentions": [{"screen_name": "b"}],
        },
        "in_reply_to_status_id_str": "7",
        "edit_info": {"initial": {"editTweetIds": ["2027960832928501907"]}},
    }
}
X_SCRIPTS = [
    f"window.YTD.tweets.part0 = {json.dumps([_TWEET, _TWEET], ensure_ascii=False, indent=1)}",
    'window.YTD.like.part0 = [{"like":{"tweetId":"2027960832928501907","fullText":"t","expandedUrl":"https://x.com/i/web/status/1"}}]',
    'window.YTD.note_tweet.part0 = [{"noteTweet":{"noteTweetId":"1","createdAt":"2026-03-01T04:15:14.000Z",'
    '"core":{"text":"long text","urls":[]}}}]',
    'window.YTD.account.part0 = [{"account":{"username":"zunda_example","accountId":"1"}}]',
]
X_NAMES = ("tweets.js", "like.js", "note-tweet.js", "account.js")
X_MANIFEST = "window.__THAR_CONFIG = " + json.dumps(
    {
        "userInfo": {"userName": "zunda_example"},
        "dataTypes": {name: {"files": [{"fileName": f"data/{name}", "globalName": "YTD.x.part0"}]} for name in X_NAMES},
    }
)

LISTS = [
    json.dumps(
        {
            "title": "N",
            "date": "2031-01-01",
            "items": [
                {"title": "a", "url": "https://a.example/1", "summary": "s", "date": "2031-01-01"},
                {"title": "b", "link": "https://b.example"},
            ],
        }
    ),
    json.dumps(
        [{"title": "E", "date": "2031-01-02", "links": [{"title": "x", "url": "https://x.example", "text": "t"}]}]
    ),
]

SITES = [
    "title: サイト\nlang: ja\ntimezone: Asia/Tokyo\nurl: https://s.example\nbaseurl: /b\npermalink: /:year/:month/:title:output_ext\n"
    "exclude: [a, b]\n",
    "baseURL = 'x'\ntimezone: ../../etc/passwd\n",
]
