"""Feeds that are added and synced, from a real server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving import Request, Server, item, rss, serving

from zunda_mcp import sources
from zunda_mcp.errors import ArgumentError, FetchError, NotFoundError
from zunda_mcp.reading.feeds.document import StoredFeed, read_stored
from zunda_mcp.reading.feeds.episodes import drafts_of
from zunda_mcp.sources.store import Synced


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(name="state")
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ZUNDA_MCP_STATE", str(folder))
    return folder


def kept(name: str) -> StoredFeed:
    """What is kept of a feed."""
    (folder,) = sources.source_paths(name)
    (file,) = folder.iterdir()
    found = read_stored(file.read_text(encoding="utf-8"))
    assert found is not None
    return found


def titles(name: str) -> list[str]:
    feed = kept(name)
    drafts, problems = drafts_of(feed.feeds(), label="l", zone=None, kept=feed)
    assert problems == []
    return sorted(draft.title for draft in drafts)


def sync_one(name: str) -> Synced:
    (done,) = sources.sync([name])
    return done


def test_a_feed_is_added_under_its_title_and_read(server: Server, state: Path) -> None:
    added = sources.add(server.serve("/feed", rss(item(1), item(2))))
    assert (added.source.name, added.source.title, added.source.language) == ("a-show", "A Show", "en")
    assert (added.source.items, added.existing) == (2, False)
    assert added.synced == Synced(name="a-show", kind="feed", outcome="new", added=2)
    assert titles("a-show") == ["Episode 1", "Episode 2"]
    assert [source.name for source in sources.listed()] == ["a-show"]
    assert (state / "sources" / "a-show" / "source.json").stat().st_mode & 0o077 == 0


def test_adding_the_same_again_changes_nothing_and_another_name_is_refused(server: Server, state: Path) -> None:
    url = server.serve("/feed", rss(item(1)))
    sources.add(url, "show")
    assert sources.add(url).existing
    with pytest.raises(ArgumentError, match="added before, as show"):
        sources.add(url, "other")
    with pytest.raises(ArgumentError, match="called Show already"):
        sources.add(server.serve("/two", rss(item(1))), "Show")
    assert sources.add(server.url + "/two").source.name == "a-show"


def test_what_is_unchanged_is_asked_for_conditionally_and_not_written(server: Server, state: Path) -> None:
    def feed(request: Request) -> None:
        if request.headers.get("If-None-Match") == '"1"':
            request.head(304)
        else:
            request.give(rss(item(1)).encode(), ETag='"1"')

    server.answers["/feed"] = feed
    sources.add(server.url + "/feed", "show")
    (file,) = sources.source_paths("show")[0].iterdir()
    before = file.stat().st_mtime_ns
    assert sync_one("show").outcome == "unchanged"
    assert file.stat().st_mtime_ns == before
    assert server.asked[-1][1]["If-None-Match"] == '"1"'


def test_new_and_edited_items_are_counted(server: Server, state: Path) -> None:
    sources.add(server.serve("/feed", rss(item(1), item(2))), "show")
    server.serve("/feed", rss(item(3), item(2, text="Edited."), item(1)))
    assert sync_one("show") == Synced(name="show", kind="feed", outcome="changed", added=1, changed=1)
    server.serve("/feed", rss(item(1), item(2, text="Edited."), item(3)) + "<!-- other bytes -->")
    assert sync_one("show").outcome == "unchanged"
    assert titles("show") == ["Episode 1", "Episode 2", "Episode 3"]


def test_a_feed_that_shrinks_keeps_what_it_had(server: Server, state: Path) -> None:
    sources.add(server.serve("/feed", rss(*map(item, range(1, 8)))), "show")
    server.serve("/feed", rss(item(7)))
    assert sync_one("show") == Synced(name="show", kind="feed", outcome="kept", kept=6)
    assert len(titles("show")) == 7
    server.serve("/feed", rss(title="Empty"))
    assert sync_one("show").kept == 7
    assert len(titles("show")) == 7


def test_a_window_of_ten_items_leaves_one_page_for_every_ten(server: Server, state: Path) -> None:
    sources.add(server.serve("/feed", rss(*map(item, range(1, 4)))), "show")
    for newest in range(4, 29):
        server.serve("/feed", rss(*map(item, range(newest - 2, newest + 1))))
        assert sync_one("show").added == 1
    assert len(titles("show")) == 28
    assert len(kept("show").pages) <= 11


def test_pages_are_followed_and_asked_again_only_as_far_as_they_are_new(server: Server, state: Path) -> None:
    following = '<atom:link rel="next" href="{}"/>'
    server.serve("/feed", rss(item(5), item(4), channel=following.format("?page=2")))

    def feed(request: Request) -> None:
        number = int((request.path.partition("page=")[2]) or 1)
        more = following.format(f"?page={number + 1}") if number < 3 else following.format("?page=3")
        request.give(rss(item(8 - 2 * number), item(7 - 2 * number), channel=more).encode())

    server.answers["/feed"] = feed
    assert sources.add(server.url + "/feed", "show").source.items == 6
    assert [path for path, _ in server.asked] == ["/feed", "/feed?page=2", "/feed?page=3"]
    server.asked.clear()
    server.answers["/feed"] = lambda request: request.give(
        rss(item(6, text="Edited."), item(5), channel=following.format("?page=2")).encode()
    )
    assert sync_one("show") == Synced(name="show", kind="feed", outcome="changed", changed=1)
    assert [path for path, _ in server.asked] == ["/feed"]
    assert len(titles("show")) == 6


def test_a_page_that_is_missing_is_said_and_tried_again(server: Server, state: Path) -> None:
    server.serve("/feed", rss(item(2), channel='<atom:link rel="next" href="/two"/>'))
    added = sources.add(server.url + "/feed", "show")
    assert added.synced is not None
    assert "Page 2 is missing" in (added.synced.cause or "")
    server.serve("/two", rss(item(1)))
    assert sync_one("show") == Synced(name="show", kind="feed", outcome="changed", added=1)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (rss(item(1)), "404", "404"), (rss(item(1)), "410", "gone for good"), (rss(item(1)), "500", "has a fault"),
        ("<!doctype html><p>Maintenance", "200", "web page"), ("", "200", "empty"), ("\0\1", "200", "not text"),
        ('<!DOCTYPE rss [<!ENTITY a "b">]><rss/>', "200", "entities"),
    ],
)  # fmt: skip
def test_a_failed_sync_keeps_what_was_there_and_says_why(
    server: Server, state: Path, body: str, status: str, said: str
) -> None:
    sources.add(server.serve("/feed", rss(item(1))), "show")
    server.answers["/feed"] = lambda request: request.give(body.encode(), status=int(status))
    done = sync_one("show")
    assert done.outcome == "failed"
    assert said in (done.cause or "")
    assert titles("show") == ["Episode 1"]
    assert sources.listed()[0].error == done.cause
    server.serve("/feed", rss(item(1), item(2)))
    assert sync_one("show").added == 1
    assert sources.listed()[0].error is None


def test_one_source_that_fails_stops_no_other(server: Server, state: Path) -> None:
    sources.add(server.serve("/a", rss(item(1))), "a")
    sources.add(server.serve("/b", rss(item(1))), "b")
    server.answers["/a"] = lambda _: None
    server.serve("/b", rss(item(2), item(1)))
    assert [(done.name, done.outcome) for done in sources.sync()] == [("a", "failed"), ("b", "changed")]


def test_nothing_is_added_where_the_first_fetch_fails(server: Server, state: Path) -> None:
    with pytest.raises(FetchError, match="404"):
        sources.add(server.url + "/none")
    with pytest.raises(FetchError, match="Look for its feed"):
        sources.add(server.serve("/page", "<!doctype html><p>hello"))
    assert sources.listed() == []


def test_the_page_of_a_show_leads_to_its_feed(server: Server, state: Path) -> None:
    server.serve("/feed.xml", rss(item(1)))
    page = server.serve("/", "<html><head><link rel=alternate type=application/rss+xml href=feed.xml></head></html>")
    assert sources.add(page).source.place == server.url + "/feed.xml"


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(server: Server, state: Path) -> None:
    sources.add(server.serve("/old", rss(item(1))), "show")
    server.serve("/new", rss(item(1), item(2)))
    server.answers["/old"] = lambda request: request.give(b"", status=301, Location="/new")
    assert sync_one("show").added == 1
    assert sources.listed()[0].place == server.url + "/new"


def test_an_id_stays_when_a_date_is_edited(server: Server, state: Path) -> None:
    sources.add(server.serve("/feed", rss(item(1))), "show")
    before = kept("show").ids
    server.serve("/feed", rss(item(1).replace("01 Jan 2031", "05 Feb 2031")))
    assert sync_one("show").changed == 1
    assert kept("show").ids == before == {"show-1": "2031-01-01-1"}


def test_chapters_that_lie_elsewhere_are_fetched_once_and_become_stories(server: Server, state: Path) -> None:
    chapters = [{"startTime": 0, "title": "Hello"}, {"startTime": 65.5, "title": "Beans", "url": "https://b.example/"}]
    server.serve("/c.json", json.dumps({"version": "1.2.0", "chapters": chapters}), kind="application/json")
    mark = f'<podcast:chapters url="{server.url}/c.json" type="application/json+chapters"/>'
    sources.add(server.serve("/feed", rss(item(1).replace("</item>", f"{mark}</item>"))), "show")
    server.serve("/feed", rss(item(2), item(1).replace("</item>", f"{mark}</item>")))
    sync_one("show")
    feed = kept("show")
    drafts, _ = drafts_of(feed.feeds(), label="l", zone=None, kept=feed)
    (told,) = [draft for draft in drafts if draft.entries]
    assert [(entry.title, entry.start) for entry in told.entries] == [("Hello", 0.0), ("Beans", 65.5)]
    assert [path for path, _ in server.asked].count("/c.json") == 1


def test_a_feed_in_an_odd_encoding_is_kept_as_what_it_says(server: Server, state: Path) -> None:
    text = rss(item(1, text="ずんだ餅"), title="ずんだ").replace("UTF-8", "Shift_JIS")
    sources.add(server.serve("/feed", text.encode("shift_jis"), kind="text/html"), "show")
    assert kept("show").feeds()[0].title == "ずんだ"
    latin = "<rss><channel><title>Ärger</title></channel></rss>".encode("latin-1")
    assert sources.add(server.serve("/l", latin, kind="text/xml; charset=latin1"), "l").source.title == "Ärger"


def test_a_password_is_kept_for_the_next_sync_and_never_shown(server: Server, state: Path) -> None:
    url = server.serve("/feed", rss(item(1))).replace("//", "//me:s3cret@")
    added = sources.add(url, "show")
    assert "s3cret" not in added.model_dump_json() + "".join(one.model_dump_json() for one in sources.listed())
    sync_one("show")
    assert all(headers["Authorization"].startswith("Basic ") for _, headers in server.asked)


# --- lists ---


def test_a_list_adds_its_feeds_and_those_that_fail_are_tried_again(
    server: Server, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "".join(f'<outline text="{name}" xmlUrl="{server.url}/{name}"/>' for name in ("one", "two"))
    opml = f'<opml version="2.0"><body>{lines}</body></opml>'
    server.serve("/one", rss(item(1)))
    added = sources.add(server.serve("/list.opml", opml), "mine")
    assert (added.source.kind, added.source.feeds) == ("opml", ["one", "two"])
    # The list's author is not the user: what it names may not lie in the user's own network, as this server does.
    assert [(done.name, done.outcome) for done in added.feeds] == [("one", "failed"), ("two", "failed")]
    assert all("not asked" in (done.cause or "") for done in added.feeds)
    monkeypatch.setattr("zunda_mcp.sources.public_addresses.is_private", lambda ip: False)
    assert [(done.name, done.outcome) for done in sources.sync(["mine"])] == [
        ("mine", "unchanged"), ("one", "new"), ("two", "failed"),
    ]  # fmt: skip
    server.serve("/list.opml", opml.replace("</body>", f'<outline xmlUrl="{server.url}/three"/></body>'))
    server.serve("/three", rss(item(3)))
    assert [done.outcome for done in sources.sync()][:1] == ["new"]
    assert len(sources.source_paths("mine")) == 2
    assert sources.remove("mine")[0].name == "mine"
    assert sources.listed() == []


# --- files and names ---


def test_files_and_folders_are_read_where_they_are(tmp_path: Path, state: Path) -> None:
    feed, posts, folder = tmp_path / "f.xml", tmp_path / "me-250101.csv", tmp_path / "show"
    feed.write_text(rss(item(1)), encoding="utf-8")
    posts.write_text('"1","https://x.com/me/status/1","2025-01-01 00:00:00","x","1"\n', encoding="utf-8")
    folder.mkdir()
    (folder / "2025-07-01-1.md").write_text("---\ntitle: 1\n---\n\n- [a](https://a.example/)\n", encoding="utf-8")
    (tmp_path / "x" / "data").mkdir(parents=True)
    (tmp_path / "x" / "data" / "manifest.js").write_text("window.__THAR_CONFIG = {}", encoding="utf-8")
    tweet = {"tweet": {"id_str": "1", "created_at": "Wed Jan 01 00:00:00 +0000 2025", "full_text": "x"}}
    tweets = f"window.YTD.tweets.part0 = {json.dumps([tweet])}"
    (tmp_path / "x" / "data" / "tweets.js").write_text(tweets, encoding="utf-8")
    kinds = [sources.add(str(path)).source for path in (feed, posts, folder, tmp_path / "x")]
    assert [(source.kind, source.name) for source in kinds] == [
        ("feed", "f"), ("posts", "me-250101"), ("folder", "show"), ("posts", "x"),
    ]  # fmt: skip
    assert sources.source_paths("F") == [feed.resolve()]
    shutil.rmtree(folder)
    assert {done.name: done.outcome for done in sources.sync()} == {
        "f": "unchanged", "me-250101": "unchanged", "show": "failed", "x": "unchanged",
    }  # fmt: skip
    sources.remove("f")
    assert feed.exists()


@pytest.mark.parametrize(
    "spec", ["-x", "ext::sh -c touch% /tmp/x", "ftp://a.example/x", "no-such-file", "gopher://x/", ""]
)
def test_what_is_no_source_is_refused_with_an_example(state: Path, spec: str) -> None:
    with pytest.raises(ArgumentError, match="Give the address"):
        sources.add(spec)


@pytest.mark.parametrize("name", ["../x", ".hidden", "a/b", "con", "", "a" * 99, "x."])
def test_names_that_are_no_folders_are_refused(server: Server, state: Path, name: str) -> None:
    url = server.serve("/feed", rss(item(1)))
    if name:
        with pytest.raises(ArgumentError, match="cannot be the name"):
            sources.add(url, name)


def test_an_unknown_name_offers_near_ones(server: Server, state: Path) -> None:
    sources.add(server.serve("/feed", rss(item(1))), "zunda")
    with pytest.raises(NotFoundError, match="zunda"):
        sources.source_paths("zundam")
    with pytest.raises(NotFoundError):
        sources.remove("other")


def test_a_host_of_ones_own_network_that_the_list_of_sources_does_not_name_is_refused(
    server: Server, state: Path
) -> None:
    sources.add(server.serve("/feed", rss(item(1))), "show")
    record = state / "sources" / "show" / "source.json"
    value = json.loads(record.read_text(encoding="utf-8"))
    assert value["named"] == ["127.0.0.1"]
    record.write_text(json.dumps(value | {"named": []}), encoding="utf-8")
    assert "not asked" in (sync_one("show").cause or "")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"])
def test_chapters_transcripts_and_pages_at_a_private_host_that_a_feed_names_are_not_asked_for(
    server: Server, state: Path, host: str
) -> None:
    """The user named 127.0.0.1 alone; the feed leads to the same server under other names of this machine."""
    private = server.url.replace("127.0.0.1", host)
    marks = (
        f'<podcast:chapters url="{private}/private/chapters.json" type="application/json+chapters"/>'
        f'<podcast:transcript url="{private}/private/said.vtt" type="text/vtt"/>'
    )
    following = f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{private}/private/page2"/>'
    for path in ("/private/chapters.json", "/private/said.vtt", "/private/page2"):
        server.serve(path, rss(item(9)))
    sources.add(server.serve("/feed", rss(item(1).replace("</item>", f"{marks}</item>"), channel=following)), "show")
    sync_one("show")
    assert not [path for path, _ in server.asked if path.startswith("/private/")]
    assert titles("show") == ["Episode 1"]


def test_a_feed_that_is_a_file_is_counted_when_it_is_added_and_when_it_has_grown(tmp_path: Path, state: Path) -> None:
    feed = tmp_path / "shed.xml"
    feed.write_text(rss(item(1), item(2)), encoding="utf-8")
    added = sources.add(str(feed))
    assert (added.source.items, added.synced) == (2, Synced(name="shed", kind="feed", outcome="new", added=2))
    assert sync_one("shed") == Synced(name="shed", kind="feed", outcome="unchanged")
    feed.write_text(rss(item(1), item(2), item(3)), encoding="utf-8")
    assert sync_one("shed") == Synced(name="shed", kind="feed", outcome="changed", added=1)
