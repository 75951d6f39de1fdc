"""Clients are told when an episode comes, goes or is edited: over stdio in both eras, and from the SDK's server."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp.types import ResourceListChangedNotification, ResourceUpdatedNotification
from stdio_client import Server, write_archive

from conftest import library_over
from zunda_mcp.library import Library
from zunda_mcp.server import notifications
from zunda_mcp.server.dispatch import LazyArchive
from zunda_mcp.server.notifications import ArchiveChange, ChangeNotifier
from zunda_mcp.server.sdk import ArchiveServer

LISTED = {"jsonrpc": "2.0", "method": "notifications/resources/list_changed"}
SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
PATIENCE = 60


def edit(archive: Path, episode: str = "") -> str:
    """Change the text of an episode, by default the newest; its id."""
    newest = archive / f"{episode}.md" if episode else max(archive.glob("*.md"))
    changed = newest.with_suffix(".new")  # put in its place, so that nobody sees it half written
    changed.write_text(newest.read_text(encoding="utf-8") + "\n追記です。\n", encoding="utf-8")
    changed.replace(newest)
    return newest.stem


def opened(library: Library) -> LazyArchive:
    """An archive that is open already."""
    opening = LazyArchive(lambda: library)
    opening.get()
    return opening


def next_notice(server: Server) -> dict[str, Any]:
    """The next message that answers nothing, while nobody asks anything."""
    message = server.notices.pop(0) if server.notices else server.read()
    assert "id" not in message
    return message


def test_a_client_with_a_handshake_is_told_of_a_new_episode_without_asking(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with Server(archive, tmp_path / "index") as server:
        assert server.open()["result"]["capabilities"]["resources"] == {"subscribe": True, "listChanged": True}
        server.patient_call("search_episodes")
        write_archive(archive, days=3)
        assert next_notice(server) == LISTED
        assert server.hang_up() == 0


def test_a_client_with_a_handshake_is_told_of_the_resources_it_subscribed_to(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with Server(archive, tmp_path / "index") as server:
        server.open()
        server.patient_call("search_episodes")
        newest = max(archive.glob("*.md")).stem
        for uri in (f"episode://{newest}", f"story://{newest}%231", "episode://1999-01-01-1", "archive://topics"):
            assert server.ask("resources/subscribe", {"uri": uri})["result"] == {}
        server.ask("resources/unsubscribe", {"uri": "archive://topics"})
        edit(archive)
        told = [next_notice(server)["params"]["uri"] for _ in range(2)]
        assert told == [f"episode://{newest}", f"story://{newest}%231"]
        assert server.hang_up() == 0
        assert server.notices == []


def test_a_stateless_client_is_told_on_the_stream_it_opened(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with Server(archive, tmp_path / "index", era="2026-07-28") as server:
        server.open()
        server.patient_call("search_episodes")
        newest = max(archive.glob("*.md")).stem
        wanted = {"toolsListChanged": True, "resourcesListChanged": True}
        number = server.send(
            "subscriptions/listen", {"notifications": {**wanted, "resourceSubscriptions": [f"episode://{newest}"]}}
        )
        acknowledged = next_notice(server)
        assert acknowledged["method"] == "notifications/subscriptions/acknowledged"
        assert acknowledged["params"] == {
            "notifications": {"resourcesListChanged": True, "resourceSubscriptions": [f"episode://{newest}"]},
            "_meta": {SUBSCRIPTION: number},
        }
        edit(archive)
        updated = next_notice(server)
        assert updated["method"] == "notifications/resources/updated"
        assert updated["params"] == {"uri": f"episode://{newest}", "_meta": {SUBSCRIPTION: number}}
        write_archive(archive, days=3)
        listed = next_notice(server)
        assert listed["method"] == LISTED["method"]
        assert listed["params"] == {"_meta": {SUBSCRIPTION: number}}
        assert server.hang_up() == 0


def test_a_cancelled_stream_says_nothing_more(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with Server(archive, tmp_path / "index", era="2026-07-28") as server:
        server.open()
        server.patient_call("search_episodes")
        first, second = (
            server.send("subscriptions/listen", {"notifications": {"resourcesListChanged": True}}) for _ in range(2)
        )
        assert [next_notice(server)["params"]["_meta"][SUBSCRIPTION] for _ in range(2)] == [first, second]
        server.write({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": first}})
        write_archive(archive, days=3)
        assert next_notice(server)["params"]["_meta"][SUBSCRIPTION] == second
        server.call("search_episodes")
        assert server.notices == []


def test_the_server_on_the_sdk_tells_its_streams(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    newest = max(archive.glob("*.md")).stem

    async def converse(opening: LazyArchive) -> list[object]:
        told: list[object] = []
        async with Client(ArchiveServer(opening)) as client:
            uri = f"episode://{newest}"
            async with client.listen(resources_list_changed=True, resource_subscriptions=[uri]) as events:
                edit(archive)
                await client.call_tool("search_episodes", {})
                async for event in events:
                    told.append(event)
                    if len(told) == 1:
                        write_archive(archive, days=3)
                        await client.call_tool("search_episodes", {})
                    else:
                        break
        return told

    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        library.search("")
        told = anyio.run(_within, converse, opened(library))
    assert told == [ResourceUpdated(f"episode://{newest}"), ResourcesListChanged()]


@pytest.mark.filterwarnings("ignore:resources/subscribe is removed")  # it is the older era that is asked
def test_the_server_on_the_sdk_tells_its_sessions(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    newest = max(archive.glob("*.md")).stem

    async def converse(opening: LazyArchive) -> list[object]:
        told: list[object] = []
        enough = anyio.Event()

        async def hear(message: object) -> None:
            told.append(message)
            if len(told) == 2:
                enough.set()

        async with Client(ArchiveServer(opening), mode="legacy", message_handler=hear) as client:
            await client.session.subscribe_resource(f"episode://{newest}")
            write_archive(archive, days=3)
            edit(archive, newest)
            await enough.wait()
        return told

    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        library.search("")
        told = anyio.run(_within, converse, opened(library))
    assert {type(message) for message in told[:2]} == {ResourceListChangedNotification, ResourceUpdatedNotification}


@pytest.mark.filterwarnings("ignore:resources/subscribe is removed")
def test_a_session_that_subscribes_without_end_forgets_the_oldest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "MOST_URIS", 3)

    archive = write_archive(tmp_path / "episodes", days=6)
    episodes = sorted(path.stem for path in archive.glob("*.md"))

    async def converse(opening: LazyArchive) -> list[object]:
        uris: list[object] = []
        last = anyio.Event()

        async def receive(message: object) -> None:
            if isinstance(message, ResourceUpdatedNotification):
                uris.append(str(message.params.uri))
                if uris[-1] == f"episode://{episodes[-1]}":  # a change is notified of in the order of addresses
                    last.set()

        async with Client(ArchiveServer(opening), mode="legacy", message_handler=receive) as client:
            for episode in episodes:
                await client.session.subscribe_resource(f"episode://{episode}")
            for episode in episodes:
                edit(archive, episode)
            await last.wait()
        return uris

    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        library.search("")
        notified = anyio.run(_within, converse, opened(library))
    assert set(notified) == {f"episode://{episode}" for episode in episodes[-3:]}


async def _within(converse: Any, opening: LazyArchive) -> list[object]:
    with anyio.fail_after(PATIENCE):
        found: list[object] = await converse(opening)
    return found


def test_nobody_is_told_of_a_merge_or_of_a_file_that_was_only_touched(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=2)
    with library_over(archive, tmp_path / "index") as library:
        library.refresh()
        library.search("")
        heard: list[ArchiveChange] = []
        changed = threading.Event()

        def hear(change: ArchiveChange) -> None:
            heard.append(change)
            changed.set()

        notices = ChangeNotifier(opened(library), interval=0.05)
        stop = notices.listen(hear)
        max(archive.glob("*.md")).touch()
        library.refresh()
        library.refresh(rebuild=True)
        newest = edit(archive)
        assert changed.wait(PATIENCE)
        stop()
    assert heard == [ArchiveChange(listed=False, episodes=frozenset({newest}))]


def test_a_change_after_the_first_answer_is_told_even_where_the_first_look_comes_later(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "episodes", days=3)
    changed, may_look = threading.Event(), threading.Event()
    heard: list[ArchiveChange] = []

    class SlowToLook(LazyArchive):
        def get(self) -> Library:
            if threading.current_thread().name == "notices":
                assert may_look.wait(PATIENCE)
            return super().get()

    def hear(change: ArchiveChange) -> None:
        heard.append(change)
        changed.set()

    with library_over(archive, tmp_path / "index") as library:
        opening = SlowToLook(lambda: library)
        notices = ChangeNotifier(opening, interval=0.05)
        stop = notices.listen(hear)
        assert len(opening.get().episodes()) == 3
        notices.nudge()
        write_archive(archive, days=4)
        may_look.set()
        assert changed.wait(PATIENCE)
        stop()
    assert heard == [ArchiveChange(listed=True, episodes=frozenset({"2025-07-04-4"}))]


@pytest.mark.parametrize(
    ("uri", "touched"),
    [
        ("episode://2025-07-02-2", True),
        ("story://2025-07-02-2%233", True),
        ("story://2025-07-02-2#3", True),
        ("episode://2025-07-01-1", False),
        ("archive://overview", True),
        ("episode://latest", True),
        ("story://%E6%9C%80%E6%96%B0%231", True),
        ("episode://2025-07-02", True),
        ("episode://2", True),
        ("episode://3", False),
        ("no uri at all", False),
    ],
)
def test_a_change_touches_what_is_read_from_its_episodes(uri: str, touched: bool) -> None:
    assert ArchiveChange(listed=False, episodes=frozenset({"2025-07-02-2"})).touches(uri) is touched
