"""Transcripts and chapters that a feed names: fetched with it, kept beside it, heard with their episodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Request, Server, item, rss, serving

from zunda_mcp import sources
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library
from zunda_mcp.models import Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft
from zunda_mcp.reading.feeds.document import StoredFeed, read_stored
from zunda_mcp.sources import attachments
from zunda_mcp.sources.store import Synced


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(name="state", autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder."""
    folder = tmp_path / "state"
    monkeypatch.setenv("ZUNDA_MCP_STATE", str(folder))
    return folder


def vtt(*lines: str) -> str:
    """A transcript that says one line every ten seconds."""
    cues = (
        f"00:{n // 6:02}:{n % 6}0.000 --> 00:{n // 6:02}:{n % 6}9.000\n<v Ann>{line}" for n, line in enumerate(lines)
    )
    return "WEBVTT\n\n" + "\n\n".join(cues) + "\n"


def named(number: int, *transcripts: str, **more: str) -> str:
    """An item that names transcripts: address and type with a space between them."""
    tags = "".join(f'<podcast:transcript url="{one.split(" ")[0]}" type="{one.split(" ")[1]}"/>' for one in transcripts)
    audio = f'<enclosure url="https://cdn.example/{number}.mp3" type="audio/mpeg" length="1"/>'
    return item(number, **more).replace("</item>", f"{tags}{audio}</item>")


def feed_file(name: str) -> Path:
    (folder,) = sources.source_paths(name)
    return folder / f"{name}.feed"


def kept(name: str) -> StoredFeed:
    found = read_stored(feed_file(name).read_text(encoding="utf-8"))
    assert found is not None
    return found


def files(name: str) -> list[str]:
    folder = feed_file(name).parent / ".transcripts"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def drafts(name: str) -> tuple[dict[int, Draft], list[Problem]]:
    reader = ArchiveReader(sources.source_paths(name))
    (file,) = reader.scan().files
    reading = reader.read(file)
    return {draft.date.day: draft for draft in reading.drafts if draft.date}, list(reading.problems)


def said(draft: Draft) -> str:
    return "\n".join([draft.spoken, *(entry.spoken for entry in draft.entries)])


def synced(name: str = "show") -> Synced:
    (done,) = sources.sync([name])
    return done


def asked(server: Server, path: str) -> int:
    return sum(one == path for one, _ in server.asked)


def test_what_is_said_is_found_with_its_time_and_where_to_hear_it(server: Server, tmp_path: Path) -> None:
    talk = [f"Sentence {n} is about the harvest of plain soy beans in the north." for n in range(60)]
    server.serve("/1.vtt", vtt(*talk[:40], "The kinako machine broke down.", *talk[40:]), kind="text/vtt")
    added = sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    assert added.synced is not None
    assert (added.synced.transcripts, added.synced.waiting, added.synced.cause) == (1, 0, None)
    settings = load_settings(
        archives=["show"],
        resolve=sources.source_paths,
        embedder="none",
        index=tmp_path / "index",
        environ={},
        cwd=tmp_path,
    )
    with Library.open(settings) as library:
        library.refresh()
        (hit,) = library.search("kinako machine").hits
    assert hit.start is not None
    assert 200 <= hit.start <= 400
    assert hit.listen_url == f"https://cdn.example/1.mp3#t={int(hit.start)}"
    assert "kinako" in hit.snippet
    assert hit.snippet.startswith("(spoken from ")


def test_of_several_the_one_that_tells_most_is_taken_and_the_next_where_it_is_missing(server: Server) -> None:
    server.serve("/a.txt", "Ann: plain words.\n\nBob: more.", kind="text/plain")
    server.serve("/a.srt", "1\n00:00:00,000 --> 00:00:04,000\nsub words\n", kind="application/srt")
    server.serve("/a.vtt", vtt("timed words"), kind="text/vtt")
    both = (f"{server.url}/a.txt text/plain", f"{server.url}/a.srt application/srt", "/a.vtt text/vtt")
    missing = (f"{server.url}/a.srt application/x-subrip", f"{server.url}/gone.vtt text/vtt")
    sources.add(server.serve("/feed", rss(named(1, *both), named(2, *missing))), "show")
    found, problems = drafts("show")
    assert ("timed words" in said(found[1]), "sub words" in said(found[2]), problems) == (True, True, [])
    assert asked(server, "/a.txt") == 0


@pytest.mark.parametrize(
    ("name", "kind", "body"),
    [
        ("t.srt", "application/x-subrip", "1\n00:00:00,000 --> 00:00:04,000\nAnn: the bean words\n"),
        ("t", "application/json", json.dumps({"version": "1.0.0", "segments": [
            {"speaker": "Ann", "startTime": 0.5, "endTime": 1, "body": "the"},
            {"speaker": "Ann", "startTime": 1, "endTime": 2, "body": "bean words"}]})),
        ("t.html", "text/html", "<html><title>x</title><body><nav>Home</nav><cite>Ann:</cite><time>0:01</time>"
                                "<p>the bean words</p></body></html>"),
        ("t.txt", "text/plain", "Ann [00:01]\nthe bean words\n"),
    ],
)  # fmt: skip
def test_every_form_is_read(server: Server, name: str, kind: str, body: str) -> None:
    url = server.serve(f"/{name}", body, kind=kind)
    sources.add(server.serve("/feed", rss(named(1, f"{url} {kind}"))), "show")
    found, problems = drafts("show")
    assert problems == []
    assert "the bean words" in said(found[1])
    assert "Home" not in said(found[1])


def test_one_that_cannot_be_had_is_a_problem_with_its_address_and_asked_again(server: Server) -> None:
    url = f"{server.url}/1.vtt"
    added = sources.add(server.serve("/feed", rss(named(1, f"{url} text/vtt"), item(2))), "show")
    assert added.synced is not None
    assert url in (added.synced.cause or "")
    found, (problem,) = drafts("show")
    assert (len(found), url in problem.cause, "404" in problem.cause, problem.skipped) == (2, True, True, False)
    server.serve("/1.vtt", "<html>Not here</html>", kind="text/html")
    assert "is not a transcript" in (synced().cause or "")
    server.serve("/1.vtt", vtt("here now"), kind="text/vtt")
    done = synced()
    assert (done.outcome, done.transcripts, done.cause) == ("changed", 1, None)
    found, problems = drafts("show")
    assert ("here now" in said(found[1]), problems) == (True, [])


def test_a_sync_fetches_the_newest_and_leaves_the_rest_for_the_next(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_TRANSCRIPTS", 4)
    monkeypatch.setattr(attachments, "RENEWED", 0)
    for n in range(1, 11):
        server.serve(f"/{n}.vtt", vtt(f"words {n}"), kind="text/vtt")
    feed = rss(*(named(n, f"{server.url}/{n}.vtt text/vtt") for n in range(1, 11)))
    added = sources.add(server.serve("/feed", feed), "show")
    assert added.synced is not None
    assert (added.synced.transcripts, added.synced.waiting) == (4, 6)
    assert "left for the next syncs: 6" in (added.synced.cause or "")
    assert {path for path, _ in server.asked} == {"/feed", "/10.vtt", "/9.vtt", "/8.vtt", "/7.vtt"}
    assert [(done.transcripts, done.waiting) for done in (synced(), synced(), synced())] == [(4, 2), (2, 0), (0, 0)]
    assert {path: asked(server, path) for path, _ in server.asked if path != "/feed"} == {
        f"/{n}.vtt": 1 for n in range(1, 11)
    }


def test_those_that_fail_do_not_hold_up_the_others(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_TRANSCRIPTS", 2)
    server.serve("/1.vtt", vtt("words"), kind="text/vtt")
    sources.add(server.serve("/feed", rss(*(named(n, f"{server.url}/{n}.vtt text/vtt") for n in (1, 2, 3)))), "show")
    assert (len(kept("show").missing), files("show")) == (2, [])
    assert synced().transcripts == 1


def test_a_server_that_fails_again_and_again_is_left_for_the_next_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_FAILURES", 3)
    monkeypatch.setattr(attachments, "AT_ONCE", 1)
    sources.add(server.serve("/feed", rss(*(named(n, f"{server.url}/{n}.vtt text/vtt") for n in range(1, 13)))), "show")
    assert sum(path.endswith(".vtt") for path, _ in server.asked) == 3


def test_no_more_than_a_few_are_fetched_at_one_time(server: Server) -> None:
    import threading

    lock, now, most = threading.Lock(), [0], [0]
    gate = threading.Event()

    def slow(request: Request) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
            if now[0] >= attachments.AT_ONCE:
                gate.set()
        gate.wait(10)
        with lock:
            now[0] -= 1
        request.give(vtt("words").encode(), kind="text/vtt")

    for n in range(1, 13):
        server.answers[f"/{n}.vtt"] = slow
    sources.add(server.serve("/feed", rss(*(named(n, f"{server.url}/{n}.vtt text/vtt") for n in range(1, 13)))), "show")
    assert (most[0], len(files("show"))) == (attachments.AT_ONCE, 12)


def test_what_is_there_is_asked_for_conditionally_and_a_change_is_taken(server: Server) -> None:
    def answer(request: Request) -> None:
        if request.headers.get("If-None-Match") == '"1"':
            request.head(304)
        else:
            request.give(vtt("first words").encode(), kind="text/vtt", ETag='"1"')

    server.answers["/1.vtt"] = answer
    sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    before = feed_file("show").stat().st_mtime_ns
    assert synced().outcome == "unchanged"
    assert (server.asked[-1][1]["If-None-Match"], feed_file("show").stat().st_mtime_ns) == ('"1"', before)
    server.serve("/1.vtt", vtt("other words"), kind="text/vtt")
    assert (synced().outcome, feed_file("show").stat().st_mtime_ns != before) == ("changed", True)
    assert "other words" in said(drafts("show")[0][1])


def test_a_transcript_of_one_file_is_reread_when_it_is_put_right(server: Server, tmp_path: Path) -> None:
    server.serve("/1.vtt", vtt("the old spelling"), kind="text/vtt")
    sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    settings = load_settings(
        archives=["show"],
        resolve=sources.source_paths,
        embedder="none",
        index=tmp_path / "index",
        environ={},
        cwd=tmp_path,
    )
    with Library.open(settings) as library:
        library.refresh()
        assert len(library.search("spelling").hits) == 1
        server.serve("/1.vtt", vtt("the new wording"), kind="text/vtt")
        synced()
        library.refresh()
        assert (len(library.search("wording").hits), library.search("spelling").hits) == (1, [])


def test_a_transcript_goes_to_no_private_address_that_the_user_did_not_name(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feed's own host was named by the user; another on the same machine was not."""
    other = server.url.replace("127.0.0.1", "127.0.0.2")
    sources.add(server.serve("/feed", rss(named(1, f"{other}/1.vtt text/vtt"))), "show")
    (cause,) = kept("show").missing.values()
    assert "127.0.0.2" in cause
    assert [path for path, _ in server.asked] == ["/feed"]


def test_one_that_is_too_large_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "TRANSCRIPT", replace(attachments.TRANSCRIPT, size=1000))
    server.serve("/1.vtt", vtt(*["words and words"] * 100), kind="text/vtt")
    sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    (cause,) = kept("show").missing.values()
    assert files("show") == []
    assert "is too large: it announces" in cause


def test_files_that_no_item_names_any_more_and_those_of_a_removed_source_go(server: Server, state: Path) -> None:
    for n in (1, 2):
        server.serve(f"/{n}.vtt", vtt(f"words {n}"), kind="text/vtt")
    sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    (before,) = files("show")
    server.serve("/feed", rss(named(1, f"{server.url}/2.vtt text/vtt")))
    synced()
    (after,) = files("show")
    assert before != after
    assert "words 2" in said(drafts("show")[0][1])
    sources.remove("show")
    assert not (state / "sources" / "show").exists()


def test_a_file_that_was_lost_is_fetched_again(server: Server) -> None:
    server.serve("/1.vtt", vtt("words"), kind="text/vtt")
    sources.add(server.serve("/feed", rss(named(1, f"{server.url}/1.vtt text/vtt"))), "show")
    (name,) = files("show")
    (feed_file("show").parent / ".transcripts" / name).unlink()
    _, (problem,) = drafts("show")
    assert f"{server.url}/1.vtt" in problem.path
    assert (synced().transcripts, files("show")) == (1, [name])


def test_a_kept_feed_from_elsewhere_leads_to_no_file_of_another_name(tmp_path: Path) -> None:
    secret = tmp_path / "secret.vtt"
    secret.write_text(vtt("a secret"), encoding="utf-8")
    folder = tmp_path / "show"
    (folder / ".transcripts").mkdir(parents=True)
    url = "https://a.example/1.vtt"
    page = {"url": "https://a.example/feed", "text": rss(named(1, f"{url} text/vtt"))}
    row = {url: {"file": "../../secret.vtt", "digest": "x"}}
    value = {"zunda_mcp_feed": 1, "url": page["url"], "pages": [page], "transcripts": row}
    (folder / "show.feed").write_text(json.dumps(value), encoding="utf-8")
    reader = ArchiveReader([folder])
    (file,) = reader.scan().files
    reading = reader.read(file)
    assert ([draft.title for draft in reading.drafts], [one.skipped for one in reading.problems]) == ([], [True])


def test_chapters_and_transcript_give_each_chapter_what_is_said_in_it(server: Server) -> None:
    server.serve(
        "/1.vtt", vtt("Hello.", "Soy is a bean.", "It grows.", "Natto is next.", "It is sticky."), kind="text/vtt"
    )
    chapters = [{"startTime": 0, "title": "Opening"}, {"startTime": 10, "title": "A"}, {"startTime": 30, "title": "B"}]
    server.serve("/c.json", json.dumps({"version": "1.2.0", "chapters": chapters}), kind="application/json+chapters")
    one = named(1, f"{server.url}/1.vtt text/vtt").replace("</item>", '<podcast:chapters url="/c.json"/></item>')
    sources.add(server.serve("/feed", rss(one)), "show")
    entries = {entry.title: entry for entry in drafts("show")[0][1].entries}
    assert {title: entry.start for title, entry in entries.items()} == {"Opening": 0.0, "A": 10.0, "B": 30.0}


def test_a_chapters_file_that_failed_is_asked_again_although_the_feed_is_as_before(server: Server) -> None:
    one = item(1).replace("</item>", '<podcast:chapters url="/c.json"/></item>')
    sources.add(server.serve("/feed", rss(one)), "show")
    chapters = [{"startTime": 0, "title": "Opening"}, {"startTime": 10, "title": "Beans"}]
    server.serve("/c.json", json.dumps({"version": "1.2.0", "chapters": chapters}), kind="application/json+chapters")
    synced()
    episodes, _ = read_archive(ArchiveReader(sources.source_paths("show")))
    assert [story.title for story in episodes[0].stories] == ["Opening", "Beans"]
