"""The archive of X: what is opened, what shapes its items have, and what becomes of them."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from zunda_mcp.config.settings import ReaderSettings
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.file_reader import FileReading

ROOT = Path(__file__).resolve().parents[3]
SAMPLES = ROOT.parent / "shared" / "posts"
FIRST = 2027960832928501907
CREATED = "Sun Mar 01 04:15:14 +0000 2026"


def tweet(number: int, text: str, created: str = CREATED, **fields: Any) -> dict[str, Any]:
    """An item of ``tweets.js``."""
    return {"tweet": {"id_str": str(number), "id": str(number), "created_at": created, "full_text": text} | fields}


def note(text: str, at: str = "2026-03-01T04:15:14.000Z", number: int = FIRST - 7) -> dict[str, Any]:
    """An item of ``note-tweet.js``."""
    return {"noteTweet": {"noteTweetId": str(number), "createdAt": at, "core": {"text": text, "urls": []}}}


def like(number: int, text: str | None) -> dict[str, Any]:
    """An item of ``like.js``."""
    full_text = {} if text is None else {"fullText": text}
    return {"like": {"tweetId": str(number), "expandedUrl": f"https://twitter.com/i/web/status/{number}"} | full_text}


def put(folder: Path, name: str, items: list[Any] | str, variable: str = "window.YTD.tweets.part0") -> None:
    """Write a data file as X does."""
    text = items if isinstance(items, str) else f"{variable} = {json.dumps(items, ensure_ascii=False, indent=1)}"
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / name).write_text(text, encoding="utf-8")


def manifest(folder: Path, *names: str, user: str | None = "zunda_example") -> None:
    """Write a manifest that names these files."""
    manifest = {
        "userInfo": {"userName": user} if user else {},
        "dataTypes": {name: {"files": [{"fileName": f"data/{name}", "globalName": "YTD.x.part0"}]} for name in names},
    }
    put(folder, "manifest.js", f"window.__THAR_CONFIG = {json.dumps(manifest)}")


def read(folder: Path, zone: str | None = "Asia/Tokyo") -> FileReading:
    """Read the one export in a folder, as an index does."""
    reader = ArchiveReader([folder], ReaderSettings(timezone=zone))
    (file,) = reader.scan().files
    return reader.read(file)


def rows(reading: FileReading) -> list[tuple[str | None, str]]:
    return [(entry.kind, entry.summary) for draft in reading.drafts for entry in draft.entries]


def test_posts_reposts_and_likes_stand_in_their_days(tmp_path: Path) -> None:
    short = {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://example.com/a?x=1&y=2"}]}
    manifest(tmp_path, "tweets.js", "like.js")
    put(
        tmp_path,
        "tweets.js",
        [
            tweet(FIRST + 1, "RT @someone: 人の話…", "Sun Mar 01 20:00:00 +0000 2026"),
            tweet(FIRST, "R&amp;D の話\n2行目 https://t.co/abc https://t.co/abcd", entities=short),
        ],
    )
    put(tmp_path, "like.js", [like(2000000000000000000, "いいねした投稿"), like(2000000000000000001, None)])
    reading = read(tmp_path)
    assert [draft.id for draft in reading.drafts] == ["2025-12-14", "2026-03-01", "2026-03-02"]
    assert rows(reading) == [
        ("like", "いいねした投稿"),
        ("like", ""),
        ("post", "R&D の話\n2行目 https://example.com/a?x=1&y=2 https://t.co/abcd"),
        ("repost", "RT @someone: 人の話…"),
    ]
    assert [draft.entries[0].url for draft in reading.drafts] == [
        "https://x.com/i/web/status/2000000000000000000",
        f"https://x.com/zunda_example/status/{FIRST}",
        f"https://x.com/zunda_example/status/{FIRST + 1}",
    ]
    assert reading.problems == ()


def test_parts_communities_and_the_older_shape_are_read(tmp_path: Path) -> None:
    names = ("tweets.js", "tweets-part1.js", "community-tweet.js", "tweet.js", "account.js")
    manifest(tmp_path, *names, user=None)
    put(tmp_path, "tweets.js", [tweet(FIRST, "一")])
    put(tmp_path, "tweets-part1.js", [tweet(FIRST + 1, "二")], "window.YTD.tweets.part1")
    put(tmp_path, "community-tweet.js", [tweet(FIRST + 2, "三")], "window.YTD.community_tweet.part0")
    put(tmp_path, "tweet.js", [tweet(FIRST + 3, "四")["tweet"]], "window.YTD.tweet.part0")
    put(tmp_path, "account.js", [{"account": {"username": "old_name", "email": "secret@example.com"}}])
    reading = read(tmp_path)
    assert [text for _, text in rows(reading)] == ["一", "二", "三", "四"]
    assert reading.drafts[0].hosts == ("old_name",)
    assert "secret" not in repr(reading)


def test_a_long_post_gets_its_full_text(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js", "note-tweet.js")
    put(
        tmp_path,
        "tweets.js",
        [
            tweet(FIRST, "長い話の先頭で、途中で切れ… https://t.co/more"),
            tweet(FIRST + 1, "同じ秒の別の話"),
            tweet(FIRST + 2, "次の秒の長い", "Sun Mar 01 04:15:15 +0000 2026"),
        ],
    )
    long = "長い話の先頭で、途中で切れないところまで全部。"
    put(tmp_path, "note-tweet.js", [note(long), note("全く別の長文", "2026-03-01T04:15:15.000Z")])
    reading = read(tmp_path)
    assert [text for _, text in rows(reading)] == [long, "同じ秒の別の話", "次の秒の長い\n\n全く別の長文"]


def test_a_note_that_belongs_to_no_post_is_kept_without_an_address(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js", "note-tweet.js")
    put(tmp_path, "tweets.js", [tweet(FIRST, "短い")])
    put(tmp_path, "note-tweet.js", [note("別の日の長文", "2026-04-01T00:00:00.000Z")])
    reading = read(tmp_path)
    assert [(draft.id, draft.entries[0].url) for draft in reading.drafts][1] == ("2026-04-01", None)


def test_of_an_edited_post_the_newest_counts(tmp_path: Path) -> None:
    ids = [str(FIRST), str(FIRST + 50)]
    manifest(tmp_path, "tweets.js")
    put(
        tmp_path,
        "tweets.js",
        [
            tweet(FIRST + 50, "直した", edit_info={"edit": {"initialTweetId": ids[0], "editControlInitial": {}}}),
            tweet(FIRST, "誤字", edit_info={"initial": {"editTweetIds": ids}}),
            tweet(FIRST + 9, "ほか"),
        ],
    )
    assert [text for _, text in rows(read(tmp_path))] == ["ほか", "直した"]


def test_times_are_utc_and_days_those_of_the_archive_or_of_japan_for_japanese(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js")
    put(tmp_path, "tweets.js", [tweet(FIRST, "夜中の話です", "Sun Mar 01 20:00:00 +0000 2026")])
    assert read(tmp_path, "UTC").drafts[0].id == "2026-03-01"
    unsaid = read(tmp_path, None)
    assert (unsaid.drafts[0].id, unsaid.drafts[0].title) == ("2026-03-02", "2026-03-02 の投稿")
    assert ["Japan time" in problem.cause for problem in unsaid.problems] == [True]
    put(tmp_path, "tweets.js", [tweet(FIRST, "late at night", "Sun Mar 01 20:00:00 +0000 2026")])
    unsaid = read(tmp_path, None)
    assert (unsaid.drafts[0].id, unsaid.drafts[0].title, unsaid.problems) == ("2026-03-01", "Posts of 2026-03-01", ())
    assert unsaid.drafts[0].entries[0].at == dt.datetime(2026, 3, 1, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("broken", "texts"),
    [
        ('window.YTD.tweets.part0 = [ {ITEM},\n{"tweet": {"id_str": "1", }},\n{ITEM} ]', ["豆"]),
        ("window.YTD.tweets.part0 = [ {ITEM}, {ITEM}", ["豆"]),
        ('window.YTD.tweets.part0 = [ {ITEM},\n  {"tweet": {"id_str": "5', ["豆"]),
        ("alert(1)", []),
        ("", []),
        ('window.YTD.tweets.part0 = [ 1, null, "x", {ITEM} ]', ["豆"]),
        ("\ufeffwindow.YTD.tweets.part0=[{ITEM}]", ["豆"]),
        ("window.YTD.tweets.part0 = " + "[" * 100_000, []),
    ],
)
def test_broken_files_cost_what_is_broken(tmp_path: Path, broken: str, texts: list[str]) -> None:
    manifest(tmp_path, "tweets.js", "like.js")
    item = json.dumps(tweet(FIRST, "豆"), ensure_ascii=False)
    put(tmp_path, "tweets.js", broken.replace("{ITEM}", item))
    put(tmp_path, "like.js", [like(FIRST + 1, "無事")])
    reading = read(tmp_path)
    assert [text for _, text in rows(reading)] == [*texts, "無事"]
    assert bool(reading.problems) == (not broken.startswith("\ufeff"))


def test_an_item_longer_than_a_chunk_and_many_items_are_read(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js")
    long = "長" * 1_500_000
    put(tmp_path, "tweets.js", [tweet(FIRST, long), *(tweet(FIRST + n, f"豆{n}") for n in range(1, 9000))])
    posts = rows(read(tmp_path))
    assert len(posts) == 9000
    assert posts[0] == ("post", long)


def test_a_broken_manifest_leaves_the_files_beside_it(tmp_path: Path) -> None:
    put(tmp_path, "manifest.js", "window.__THAR_CONFIG = {")
    put(tmp_path, "tweets.js", [tweet(FIRST, "豆")])
    reading = read(tmp_path)
    assert rows(reading) == [("post", "豆")]
    assert ["manifest" in problem.cause for problem in reading.problems] == [True]


def test_a_file_that_the_manifest_names_in_vain_is_said(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js", "like.js")
    put(tmp_path, "tweets.js", [tweet(FIRST, "豆")])
    assert ["like.js" in problem.cause for problem in read(tmp_path).problems] == [True]


def test_a_like_of_a_post_older_than_numbers_with_a_time_is_no_failure(tmp_path: Path) -> None:
    manifest(tmp_path, "like.js")
    put(tmp_path, "like.js", [like(20, "just setting up my twttr"), like(FIRST, "豆")])
    reading = read(tmp_path)
    assert ("like", "豆") in rows(reading)


def test_nothing_but_posts_is_ever_opened(tmp_path: Path) -> None:
    private = ("direct-messages.js", "deleted-tweets.js", "ip-audit.js", "contact.js", "tweets.js.js", "notes.csv")
    manifest(tmp_path, "tweets.js", *private, "../../outside/like.js")
    put(tmp_path, "tweets.js", [tweet(FIRST, "豆")])
    for name in (*private, "bookmark.js", "README.md"):
        put(tmp_path, name, [tweet(FIRST + 1, "秘密")])
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "2024-01-01-1.md").write_text("秘密", encoding="utf-8")
    code = (
        "import sys, pathlib\n"
        "from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "read_archive(ArchiveReader([folder]))\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "episodes, _ = read_archive(ArchiveReader([folder]))\n"
        "print(sorted({pathlib.Path(name).name for name in opened if name.startswith(str(folder))}))\n"
        "print([story.summary for episode in episodes for story in episode.stories])\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, str(tmp_path)], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines() == ["['manifest.js', 'tweets.js']", "['豆']"]


def test_a_manifest_of_something_else_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "manifest.js").write_text("{}", encoding="utf-8")
    (tmp_path / "2031-01-01-1.md").write_text("豆", encoding="utf-8")
    scan = ArchiveReader([tmp_path]).scan()
    assert [file.path.name for file in scan.files] == ["2031-01-01-1.md"]


def test_a_changed_part_changes_the_export(tmp_path: Path) -> None:
    manifest(tmp_path, "tweets.js")
    put(tmp_path, "tweets.js", [tweet(FIRST, "豆")])
    reader = ArchiveReader([tmp_path])
    (before,) = reader.scan().files
    digest = reader.read(before).digest
    put(tmp_path, "tweets.js", [tweet(FIRST, "豆"), tweet(FIRST + 1, "餅")])
    (after,) = reader.scan().files
    assert after.size > before.size
    assert reader.read(after).digest != digest


def test_two_exports_of_one_user_are_one_archive(tmp_path: Path) -> None:
    export = tmp_path / "x"
    export.mkdir()
    manifest(export, "tweets.js", "like.js")
    put(export, "tweets.js", [tweet(FIRST, "短縮"), tweet(FIRST + 1, "こちらだけ")])
    put(export, "like.js", [like(FIRST + 2, "いいね")])
    line = '"{0}","https://x.com/{1}/status/{0}","2026-03-01 13:15:14","{2}","{3}"\n'
    csv = line.format(FIRST + 2, "other", "いいね", 2) + line.format(FIRST, "zunda_example", "短縮でない全文", 1)
    (tmp_path / "zunda_example-261101.csv").write_text(csv, encoding="utf-8")
    episodes, problems = read_archive(ArchiveReader([tmp_path], ReaderSettings(timezone="Asia/Tokyo")))
    assert [(story.id, story.kind, story.summary) for episode in episodes for story in episode.stories] == [
        ("2026-03-01#1", "post", "短縮でない全文"),
        ("2026-03-01#2", "post", "こちらだけ"),
        ("2026-03-01#3", "like", "いいね"),
    ]
    assert episodes[0].stories[2].url == f"https://x.com/other/status/{FIRST + 2}"
    assert problems == []


@pytest.mark.archive
def test_the_samples_are_read_as_they_are() -> None:
    episodes, _ = read_archive(ArchiveReader([SAMPLES]))
    stories = [(story.id, story.kind) for episode in episodes for story in episode.stories]
    assert stories == [("2025-12-14#1", "like"), ("2026-03-01#1", "post"), ("2026-03-01#2", "repost")]


def zipped(folder: Path, archive: Path, under: str = "") -> None:
    """Pack an export as X hands it out."""
    archive.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                opened.write(path, under + path.relative_to(folder).as_posix())


@pytest.mark.parametrize("under", ["", "twitter-2026-11-01/"])
def test_a_zip_is_read_as_its_folder_is(tmp_path: Path, under: str) -> None:
    source, packed = tmp_path / "source", tmp_path / "packed"
    source.mkdir()
    manifest(source, "tweets.js", "like.js", "direct-messages.js")
    put(source, "tweets.js", [tweet(FIRST, "豆")])
    put(source, "like.js", [like(FIRST + 1, "いいね")])
    put(source, "direct-messages.js", [tweet(FIRST + 2, "秘密")])
    zipped(source, packed / "twitter.zip", under)
    reading = read(packed)
    assert rows(reading) == [("post", "豆"), ("like", "いいね")]
    assert reading.problems == ()
    put(source, "tweets.js", [tweet(FIRST, "餅")])
    zipped(source, packed / "twitter.zip", under)
    assert read(packed).digest != reading.digest


def test_a_damaged_zip_is_a_problem_and_another_zip_is_none(tmp_path: Path) -> None:
    source, packed = tmp_path / "source", tmp_path / "packed"
    source.mkdir()
    manifest(source, "tweets.js", "like.js")
    put(source, "tweets.js", [tweet(FIRST + n, f"豆{n}") for n in range(3000)])
    put(source, "like.js", [like(FIRST, "いいね")])
    zipped(source, packed / "twitter.zip")
    data = bytearray((packed / "twitter.zip").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    (packed / "twitter.zip").write_bytes(data)
    reading = read(packed)
    assert ("like", "いいね") in rows(reading)
    assert any("tweets.js" in problem.cause for problem in reading.problems)
    (packed / "twitter.zip").write_bytes(b"PK not a zip")
    assert [problem.skipped for problem in read(packed).problems] == [True]
    with zipfile.ZipFile(packed / "twitter.zip", "w") as opened:
        opened.writestr("photos/a.txt", "豆")
    assert (read(packed).drafts, read(packed).problems) == ((), ())
