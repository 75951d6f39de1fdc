"""Bookmarks as browsers and services export them: each page a story of the day it was kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from archive_samples import read_all, write

NETSCAPE = """<!DOCTYPE NETSCAPE-Bookmark-file-1>
<!-- This is an automatically generated file. DO NOT EDIT! -->
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=UTF-8">
<TITLE>Bookmarks</TITLE>
<H1>Bookmarks</H1>
<DL><p>
"""
GREEN = ("2024-01-05-bookmarks", "Six green teas", "https://tea.example/green?a=1&b=2")


def shown(folder: Path) -> list[tuple[str, str, str | None, str]]:
    """Day, title, address and text of each page; no problem is left."""
    found, problems = read_all(folder)
    assert problems == []
    rows = [(one.id, story.title, story.url, story.summary) for one in found.values() for story in one.stories]
    assert {story.kind for one in found.values() for story in one.stories} == {"bookmark"}
    return rows


@pytest.mark.parametrize(
    ("list_", "text"),
    [
        # Chrome, Edge: folders, an icon, seconds
        (
            '<DT><H3 ADD_DATE="1" PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>\n<DL><p>\n'
            '<DT><H3 ADD_DATE="1">Drinks</H3>\n<DL><p>\n'
            '<DT><A HREF="https://tea.example/green?a=1&amp;b=2" ADD_DATE="1704445964" ICON="data:;base64,iVBO">'
            "Six green teas</A>\n</DL><p>\n</DL><p>\n",
            "Folder: Drinks",
        ),
        # Firefox: microseconds, tags, a description
        (
            '<DT><A HREF="https://tea.example/green?a=1&amp;b=2" ADD_DATE="1704445964000000" TAGS="tea,green">'
            "Six green teas</A>\n<DD>tasting notes &amp; more\n",
            "tasting notes & more\n\nTags: tea, green",
        ),
        # lower case, single quotes, no closing tags, a bookmarklet
        (
            "<dt><a href='javascript:alert(1)' add_date='1704445964'>Do</a>"
            "<dt><a href='https://tea.example/green?a=1&b=2' add_date='1704445964'>Six\n green teas</a>",
            "",
        ),
        # Safari: in a folder that is not named, with milliseconds
        ('<DL><p><DT><A HREF="https://tea.example/green?a=1&b=2" ADD_DATE="1704445964123">Six green teas</A></DL>', ""),
    ],
)
def test_a_bookmark_file_of_any_browser(tmp_path: Path, list_: str, text: str) -> None:
    write(tmp_path, "bookmarks.html", f"{NETSCAPE}{list_}</DL><p>\n")
    assert shown(tmp_path) == [(*GREEN, text)]


def test_a_note_belongs_to_the_page_above_it_and_each_page_to_its_day(tmp_path: Path) -> None:
    list_ = (
        '<DT><A HREF="https://tea.example/1" ADD_DATE="1704445964">One</A>\n<DD>first\n'
        '<DT><A HREF="https://tea.example/2" ADD_DATE="1704445964">Two</A>\n'
        '<DT><A HREF="https://tea.example/3" ADD_DATE="1704532364"></A>\n<DD>third\n'
    )
    write(tmp_path, "bookmarks.html", NETSCAPE + list_)
    assert shown(tmp_path) == [
        ("2024-01-05-bookmarks", "One", "https://tea.example/1", "first"),
        ("2024-01-05-bookmarks", "Two", "https://tea.example/2", ""),
        ("2024-01-06-bookmarks", "https://tea.example/3", "https://tea.example/3", "third"),
    ]


def test_pages_that_do_not_say_when_they_were_kept_are_kept_and_counted(tmp_path: Path) -> None:
    write(tmp_path, "bookmarks.html", f'{NETSCAPE}<DT><A HREF="https://tea.example/1" ADD_DATE="0">One</A>\n')
    found, problems = read_all(tmp_path)
    assert [(one.id, one.date, one.title) for one in found.values()] == [
        ("undated-bookmarks", None, "Bookmarks without a date")
    ]
    assert [problem.cause for problem in problems] == ["1 of 1 bookmarks do not say when they were kept."]


def test_the_list_that_pocket_wrote_in_html(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><h1>Unread</h1><ul>"
        '<li><a href="https://tea.example/green?a=1&amp;b=2" time_added="1704445964" tags="tea,green">'
        "Six green teas</a></li></ul></body></html>"
    )
    write(tmp_path, "ril_export.html", page)
    assert shown(tmp_path) == [(*GREEN, "Tags: tea, green")]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ("title,url,time_added,tags,status\nSix green teas,{url},1704445964,tea|green,unread\n", "Tags: tea, green"),
        (
            "id,title,note,excerpt,url,folder,tags,created,cover,highlights,favorite\n"
            '1,Six green teas,my note,"an\nexcerpt",{url},Drinks,"tea, green, ",2024-01-05T09:12:44.000Z,,,true\n',
            "my note\n\nan\nexcerpt\n\nTags: tea, green\nFolder: Drinks",
        ),
        ("URL,Title,Selection,Folder,Timestamp\n{url},Six green teas,,Unread,1704445964\n", "Folder: Unread"),
        (
            '\ufeffURL,Title,Selection,Folder,Timestamp,Tags\n{url},Six green teas,,,1704445964,"[""tea""]"\n',
            "Tags: tea",
        ),
        ("url,folder,title,note,tags,created\n{url},,Six green teas,,,2024-01-05\n", ""),
    ],
)
def test_a_table_of_pages_whatever_its_columns(tmp_path: Path, table: str, text: str) -> None:
    write(tmp_path, "part_000000.csv", table.format(url=GREEN[2]))
    assert shown(tmp_path) == [(*GREEN, text)]


def test_a_row_without_an_address_is_none_and_a_title_may_be_missing(tmp_path: Path) -> None:
    table = "title,url,time_added,tags,status\nNo address,,1704445964,,unread\n,https://tea.example/1,1704445964,,\n"
    write(tmp_path, "pocket.csv", table)
    assert shown(tmp_path) == [("2024-01-05-bookmarks", "https://tea.example/1", "https://tea.example/1", "")]


PINBOARD = {
    "href": GREEN[2], "description": GREEN[1], "extended": "notes", "meta": "m", "hash": "h",
    "time": "2024-01-05T09:12:44Z", "shared": "yes", "toread": "no", "tags": "tea green",
}  # fmt: skip


@pytest.mark.parametrize("wrapped", [[PINBOARD], {"user": "mina", "date": "x", "posts": [PINBOARD]}])
def test_pinboard(tmp_path: Path, wrapped: object) -> None:
    write(tmp_path, "pinboard_export.json", json.dumps(wrapped).replace("/", "\\/"))
    assert shown(tmp_path) == [(*GREEN, "notes\n\nTags: tea, green")]


def test_the_backups_of_firefox_and_of_chrome(tmp_path: Path) -> None:
    page = {"type": "text/x-moz-place", "title": GREEN[1], "uri": GREEN[2], "dateAdded": 1704445964000000}
    folder = {"type": "text/x-moz-place-container", "title": "Drinks", "children": [page]}
    menu = {"type": "text/x-moz-place-container", "title": "menu", "root": "bookmarksMenuFolder", "children": [folder]}
    firefox = {"type": "text/x-moz-place-container", "title": "", "root": "placesRoot", "children": [menu]}
    node = {"type": "url", "name": "Black tea", "url": "https://tea.example/black", "date_added": "13348919565000000"}
    bar = {"type": "folder", "name": "Bookmarks bar", "children": [node]}
    chrome = {"checksum": "c", "roots": {"bookmark_bar": bar, "other": {"name": "Other", "children": []}}, "version": 1}
    write(tmp_path, "bookmarks-2024-02-01.json", json.dumps(firefox))
    write(tmp_path, "chrome.json", json.dumps(chrome))
    assert shown(tmp_path) == [
        (*GREEN, "Folder: Drinks"),
        ("2024-01-05-bookmarks", "Black tea", "https://tea.example/black", ""),
    ]


def test_a_diary_and_the_bookmarks_of_its_days_are_both_there(tmp_path: Path) -> None:
    write(tmp_path, "bookmarks.html", f'{NETSCAPE}<DT><A HREF="https://tea.example/1" ADD_DATE="1704445964">One</A>\n')
    write(tmp_path, "2024-01-05.md", "---\ntitle: Friday\n---\n\nRain.\n")
    found, problems = read_all(tmp_path)
    assert sorted(found) == ["2024-01-05", "2024-01-05-bookmarks"]
    assert problems == []


def test_days_are_those_of_japan_where_most_titles_are_in_japanese(tmp_path: Path) -> None:
    write(
        tmp_path,
        "bookmarks.html",
        f'{NETSCAPE}<DT><A HREF="https://cha.example/1" ADD_DATE="1704481200">お茶の話</A>\n',  # 19:00 UTC
    )
    found, problems = read_all(tmp_path)
    assert [one.title for one in found.values()] == ["2024-01-06 のブックマーク"]
    assert "days are counted in Japan time" in problems[0].cause


def test_any_other_table_is_told_to_be_of_no_kind_and_none_of_another(tmp_path: Path) -> None:
    write(tmp_path, "prices.csv", "item,price\ntea,3\n")
    _, problems = read_all(tmp_path)
    (problem,) = problems
    assert problem.skipped
    assert "item,price" in problem.cause
    assert "kind that is read" in problem.cause
