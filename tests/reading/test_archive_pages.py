"""What is no Markdown with front matter: pages of HTML, mail, reStructuredText, tables, files of many days."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive

DAY = dt.date(2024, 5, 3)


def opened(tmp_path: Path, files: dict[str, str]) -> tuple[list[Episode], list[Problem]]:
    """Write the files into an archive and read it."""
    folder = tmp_path / "archive"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_archive(ArchiveReader([folder]))


def stories(episode: Episode) -> list[tuple[str, str | None, str]]:
    return [(story.title, story.url, story.summary) for story in episode.stories]


FRAME = (
    "<!DOCTYPE html><html><head><title>{title} | 豆ブログ</title>{head}<style>p{{}}</style></head><body>"
    '<header><nav><a href="/">ホーム</a></nav></header>{body}'
    '<footer><a href="https://social.example.com/">Social</a></footer></body></html>'
)
BODY = (
    "<p>はじめに。</p><h2>豆の話</h2><p>豆を<a href='https://example.com/{n}'>煮る</a>。</p>"
    "<h2>餅の話</h2><p>餅をつく。<a href='https://example.net/{n}'>餅屋</a></p>"
)


def test_a_page_of_html_is_an_episode_without_its_frame(tmp_path: Path) -> None:
    head = (
        '<meta property="og:title" content="豆の日 {n}"><meta property="article:published_time" '
        'content="2024-05-0{n}T23:00:00+09:00"><meta name="author" content="豆太郎">'
        '<link rel="canonical" href="https://mame.example.com/{n}">'
    )
    pages = {
        f"posts/beans{n}.html": FRAME.format(
            title=f"豆の日 {n}", head=head.format(n=n), body=f"<article>{BODY.format(n=n)}</article>"
        )
        for n in (1, 2, 3)
    }
    found, problems = opened(tmp_path, pages)
    assert problems == []
    last = found[-1]
    assert (last.date, last.title, last.hosts) == (DAY, "豆の日 3", ("豆太郎",))
    assert last.page_url == "https://mame.example.com/3"
    assert stories(last) == [
        ("豆の話", "https://example.com/3", "豆を[煮る](https://example.com/3)。"),
        ("餅の話", "https://example.net/3", "餅をつく。[餅屋](https://example.net/3)"),
    ]
    assert "ホーム" not in last.model_dump_json()
    assert "Social" not in last.model_dump_json()


@pytest.mark.parametrize(
    ("head", "before"),
    [
        ('<meta name="date" content="2024-05-03">', ""),
        ('<meta itemprop="datePublished" content="2024-05-03T10:00:00Z">', ""),
        ('<script type="application/ld+json">{"@type":"Article","datePublished":"2024-05-03"}</script>', ""),
        ("", '<time datetime="2024-05-03T10:00">5月3日</time>'),
        ("", '<time datetime="2024-06-01" class="updated">直した</time><time class="published" datetime="2024-05-03">'),
        ("", "<p>2024年5月3日</p>"),
    ],
)
def test_the_day_of_a_page_is_found_where_sites_write_it(tmp_path: Path, head: str, before: str) -> None:
    body = f"<main><h1>豆の日</h1>{before}{BODY.format(n=1)}</main>"
    (found,), _ = opened(tmp_path, {"beans.html": FRAME.format(title="豆の日", head=head, body=body)})
    assert (found.date, found.title) == (DAY, "豆の日")


def test_pages_of_a_site_without_a_day_are_none_and_no_problem(tmp_path: Path) -> None:
    about = FRAME.format(title="概要", head="", body="<p>豆の会です。</p>")
    layout = "---\nlayout: default\n---\n<ul>{% for post in site.posts %}<li>{{ post.title }}</li>{% endfor %}</ul>\n"
    page = FRAME.format(title="豆", head="", body=f"<main>{BODY.format(n=1)}</main>")
    found, problems = opened(tmp_path, {"a/b.html": about, "a/c.html": layout, "a/2024-05-03-beans.html": page})
    assert [(one.id, one.date) for one in found] == [("2024-05-03-beans", DAY)]
    assert problems == []


def test_broken_html_of_any_size_is_read_in_one_pass(tmp_path: Path) -> None:
    page = '<meta name="date" content="2024-05-03"><article>' + "<div><a href='x'><b>" * 20000 + "豆"
    (found,), _ = opened(tmp_path, {"broken.html": page})
    assert found.date == DAY


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_mailed_newsletter_is_an_episode(tmp_path: Path, kind: str) -> None:
    body = "<ul><li><a href='https://example.com/1'>豆を煮た</a></li><li><a href='https://example.net/1'>餅をついた</a></li></ul>"
    if kind == "plain":
        body = "今週の豆。\n\n- 豆を煮た https://example.com/1\n- 餅をついた https://example.net/1\n"
    mail = (
        "From: =?utf-8?b?6LGG5aSq6YOO?= <taro@example.com>\nTo: secret@example.com\n"
        "Subject: =?utf-8?b?6LGG6YCa5L+h?=\nDate: Fri, 03 May 2024 10:00:00 +0900\nMIME-Version: 1.0\n"
        f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}"
    )
    (found,), problems = opened(tmp_path, {"news.eml": mail})
    assert problems == []
    assert (found.date, found.title, found.hosts) == (DAY, "豆通信", ("豆太郎",))
    told = [story[:2] for story in stories(found)]
    assert told == [("豆を煮た", "https://example.com/1"), ("餅をついた", "https://example.net/1")]
    assert "secret" not in found.model_dump_json()


def test_restructured_text_of_pelican_and_of_nikola(tmp_path: Path) -> None:
    pelican = (
        "Beans\n=====\n\n:date: 2024-05-03 10:00\n:author: Taro\n\nWe met.\n\nCooking\n-------\n\n"
        "We cook `beans <https://example.com/1>`_.\n\nMochi\n-----\n\nPound it, see mochi_.\n\n"
        ".. _mochi: https://example.net/1\n"
    )
    nikola = (
        ".. title: Rice\n.. slug: rice\n.. date: 2024-05-04 10:00:00 UTC\n\n"
        "Soak\n----\n\nSoak `it`_.\n\nBoil\n----\n\nBoil.\n"
    )
    found, _ = opened(tmp_path, {"beans.rst": pelican, "rice.rst": nikola})
    assert [(one.date, one.title, one.hosts) for one in found] == [
        (DAY, "Beans", ("Taro",)),
        (dt.date(2024, 5, 4), "Rice", ()),
    ]
    assert stories(found[0]) == [
        ("Cooking", "https://example.com/1", "We cook [beans](https://example.com/1)."),
        ("Mochi", "https://example.net/1", "Pound it, see [mochi](https://example.net/1)."),
    ]


NIKOLA = {
    "lines with names": ".. title: Rice\n.. slug: rice\n.. date: 2024-05-03 10:00:00 UTC\n",
    "lines without": "Rice\nrice\n2024/05/03 10:00\nfood\n\n\n",
    "yaml": "---\ntitle: Rice\ndate: 2024-05-03\n---\n",
}


@pytest.mark.parametrize("ending", ["md", "txt", "html"])
@pytest.mark.parametrize("form", NIKOLA)
def test_a_page_of_nikola_has_its_front_matter_in_a_file_beside_it(tmp_path: Path, form: str, ending: str) -> None:
    text = "Soak [it](https://example.com/1), and boil it the next day.\n"
    body = f"<p>{text}</p>" if ending == "html" else text
    (found,), problems = opened(tmp_path, {f"rice.{ending}": body, "rice.meta": NIKOLA[form]})
    assert (found.date, found.title, problems) == (DAY, "Rice", [])


def test_texts_beside_such_pages_have_it_at_their_top(tmp_path: Path) -> None:
    files = {
        "rice.txt": "Soaked.\n",
        "rice.meta": NIKOLA["yaml"],
        "pea.txt": f"{NIKOLA['lines with names']}\nBoiled.\n",
    }
    found, problems = opened(tmp_path, files)
    assert ([(one.date, one.title, one.prose) for one in found], problems) == (
        [(DAY, "Rice", "Boiled."), (DAY, "Rice", "Soaked.")],
        [],
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "list.csv",
            'date,title,url,description,guests\n2024-05-03,"豆、煮る",https://example.com/3,"一行目\n二行目",豆太郎\n'
            "2024-05-10,餅,https://example.com/4,,\n",
        ),
        (
            "list.csv",
            "\ufeff番号,公開日,タイトル,URL,内容,ゲスト\n3,2024年5月3日,豆、煮る,https://example.com/3,一行目,豆太郎\n"
            "4,2024年5月10日,餅,https://example.com/4,,\n",
        ),
        (
            "list.tsv",
            "Publish Date\tEpisode Title\tLink\tSummary\tGuests\n"
            "2024-05-03\t豆、煮る\thttps://example.com/3\t一行目\t豆太郎\n2024-05-10\t餅\thttps://example.com/4\t\t\n",
        ),
        (
            "list.jsonl",
            '{"date":"2024-05-03","title":"豆、煮る","url":"https://example.com/3","guests":["豆太郎"],'
            '"description":"一行目"}\n\n{"date":"2024-05-10","title":"餅","url":"https://example.com/4"}\n',
        ),
        (
            "list.json",
            json.dumps(
                [
                    {
                        "number": 3, "date": "2024-05-03", "title": "豆、煮る", "url": "https://example.com/3",
                        "guests": "豆太郎", "summary": "一行目",
                    },
                    {"number": 4, "date": "2024-05-10", "title": "餅", "url": "https://example.com/4"},
                ]
            ),
        ),
    ],
)  # fmt: skip
def test_a_table_of_episodes_is_an_episode_a_row(tmp_path: Path, name: str, text: str) -> None:
    found, problems = opened(tmp_path, {name: text})
    assert problems == []
    assert [(one.date, one.title, one.page_url) for one in found] == [
        (DAY, "豆、煮る", "https://example.com/3"),
        (dt.date(2024, 5, 10), "餅", "https://example.com/4"),
    ]
    assert found[0].hosts == ("豆太郎",)
    assert found[0].description.startswith("一行目")


def test_a_table_with_many_rows_a_day_is_a_link_log(tmp_path: Path) -> None:
    rows = "".join(f"2024-05-0{n // 3 + 1},豆{n},https://example.com/{n},話{n}\n" for n in range(9))
    found, _ = opened(tmp_path, {"links.csv": f"date,title,url,description\n{rows}"})
    assert [(one.date, len(one.stories)) for one in found] == [(dt.date(2024, 5, n), 3) for n in (1, 2, 3)]
    assert stories(found[0])[0] == ("豆0", "https://example.com/0", "話0")


def test_show_notes_in_a_column_are_split(tmp_path: Path) -> None:
    notes = "<ul><li><a href='https://example.com/a'>豆</a></li><li><a href='https://example.com/b'>餅</a></li></ul>"
    found, _ = opened(tmp_path, {"e.csv": f'number,date,title,show notes\n7,2024-05-03,回,"{notes}"\n'})
    assert (found[0].number, [story[0] for story in stories(found[0])]) == (7, ["豆", "餅"])


def test_a_table_of_something_else_is_none(tmp_path: Path) -> None:
    files = {
        "prices.csv": "shop,price\n豆屋,100\n",
        "log.jsonl": '{"level":"info","msg":"x"}\n',
        "t.tsv": "a\tb\n1\t2\n",
    }
    found, problems = opened(tmp_path, files)
    assert found == []
    assert [problem.path for problem in problems] == ["archive/prices.csv"]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("## 2024-05-0{n}", "2024-05-0{n}"),
        ("# 2024年5月{n}日（水）", "2024-05-0{n}"),
        ("## May {n}, 2024 — Beans {n}", "Beans {n}"),
        ("## [1.{n}.0] - 2024-05-0{n}", "1.{n}.0"),
        ("### 2024/5/{n} 豆の日", "豆の日"),
    ],
)
def test_each_heading_with_a_day_in_one_file_is_an_episode(tmp_path: Path, heading: str, title: str) -> None:
    days = "".join(
        f"{heading.format(n=n)}\n\n- [豆{n}](https://example.com/{n})\n- [餅{n}](https://example.net/{n})\n\n"
        for n in (3, 2, 1)
    )
    found, problems = opened(tmp_path, {"weekly.md": f"前書き。\n\n{days}"})
    assert problems == []
    assert [(one.id, one.date, one.title) for one in found] == [
        (f"2024-05-0{n}-weekly", dt.date(2024, 5, n), title.format(n=n)) for n in (1, 2, 3)
    ]
    assert stories(found[2])[0] == ("豆3", "https://example.com/3", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2024.md", "## 4 May: rice\n\nSoaked.\n\n## May 3\n\nBoiled.\n"),
        ("log.md", "# 2024\n\n## 5月4日（土）\n\nSoaked.\n\n## 5月3日（金）\n\nBoiled.\n"),
        ("2025/log.md", "# 2024年\n\n## Saturday 4 May\n\nSoaked.\n\n## Friday 3 May\n\nBoiled.\n"),
    ],
)
def test_days_without_their_year_are_of_the_year_above_them(tmp_path: Path, name: str, text: str) -> None:
    found, problems = opened(tmp_path, {name: text})
    assert ([one.date for one in found], problems) == ([DAY, dt.date(2024, 5, 4)], [])


def test_a_page_with_its_own_day_is_one_episode_whatever_days_its_headings_name(tmp_path: Path) -> None:
    body = "## 2024-05-01\n\n煮た。\n\n## 2024-05-02\n\nついた。\n"
    files = {"trip.md": f"---\ntitle: 旅\ndate: 2024-05-03\n---\n{body}", "2024-05-04-trip.md": f"# 旅\n\n{body}"}
    found, _ = opened(tmp_path, files)
    assert [one.date for one in found] == [DAY, dt.date(2024, 5, 4)]


def test_a_day_of_change_alone_dates_a_page(tmp_path: Path) -> None:
    page = "---\ntitle: 豆{0}\nupdated_at: '2024-05-03T08:00:00+09:00'\nid: {0}\n---\n# 煮る\n\n煮る。\n"
    dated = "---\ntitle: 餅\ndate: 2024-05-01\nupdated_at: 2024-06-01\n---\n# つく\n\nつく。\n"
    found, _ = opened(tmp_path, {"a.md": page.format(1), "b.md": dated, "2024-05-02.md": page.format(2)})
    assert sorted((one.title, str(one.date)) for one in found) == [
        ("豆1", "2024-05-03"),
        ("豆2", "2024-05-02"),
        ("餅", "2024-05-01"),
    ]


def test_drafts_and_pictures_of_an_export_of_a_blog_stay_out(tmp_path: Path) -> None:
    item = (
        "<item><title>{0}</title><pubDate>Fri, 03 May 2024 10:00:00 +0900</pubDate><link>https://example.com/{0}</link>"
        "<wp:status>{1}</wp:status><wp:post_type>{2}</wp:post_type><description>豆。</description></item>"
    )
    kinds = [("out", "publish", "post"), ("draft", "draft", "post"), ("own", "private", "post")]
    items = "".join(item.format(*one) for one in [*kinds, ("picture", "inherit", "attachment")])
    feed = f'<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>豆</title>{items}</channel></rss>'
    found, _ = opened(tmp_path, {"export.xml": feed})
    assert [one.title for one in found] == ["out"]


def test_the_name_that_notion_gives_a_page_is_no_title(tmp_path: Path) -> None:
    files = {
        f"豆の会 {n}123456789abcdef0123456789abcdef.md": f"---\ndate: 2024-05-0{n}\n---\n豆を煮た。\n" for n in (1, 2)
    }
    found, _ = opened(tmp_path, files)
    assert [(one.title, one.number) for one in found] == [("豆の会", None)] * 2


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["00:00", "20:00", "53:45", "06:42", "09:49"], [0, 1200, 3225, 4002, 4189]),
        (["50:00", "05:00", "1:10:00"], [3000, 300, 4200]),
        (["50:00", "05:00", "55:00"], [3000, 300, 3300]),
        (["30:00", "05:00"], [1800, 300]),
    ],
)
def test_times_that_go_on_behind_the_hour_without_it_are_meant_behind_it(
    tmp_path: Path, written: list[str], meant: list[int]
) -> None:
    items = "".join(f"- [{time}](#t={time}) topic {n}\n" for n, time in enumerate(written))
    pages = {f"{n}.md": f"---\ntitle: t\ndate: 2024-05-0{n}\n---\n{items}" for n in (1, 2, 3)}
    found, _ = opened(tmp_path, pages)
    assert [story.start for story in found[0].stories] == meant
