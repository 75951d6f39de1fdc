"""The places of a crowd: each keeps one server running, talks to it, and judges its answers."""

from __future__ import annotations

import json
import random
import signal
import threading
import time
from typing import TYPE_CHECKING, Any

from conversing import LEGACY, MODERN, Conversation, HttpConversation, SilentError, StdioConversation
from random_calls import Call, error_of
from started import Started

if TYPE_CHECKING:
    from crowd import Crowd

EDITS = 5.0
"""For how long, in seconds, a change that does not show in the times of a folder may be missed by an answer that says
it is level: a few times as long as a look at all files takes, which under ten processes may be a second."""

_CLIENTS = 3


class Seat:
    """One server of the crowd, again and again where it is killed."""

    def __init__(self, crowd: Crowd, number: int) -> None:
        self._crowd = crowd
        self._number = number
        self._rng = random.Random(crowd.plan.seed * 1000 + number)
        self._lock = threading.Lock()
        self._started: Started | None = None
        self._doomed = False
        self.name = f"server-{number}"
        self.episodes = -1

    # --- what differs

    def sit(self) -> None:
        """Keep a server and talk to it until the crowd stops."""
        raise NotImplementedError

    def level(self) -> str | None:
        """Why the server is not level with the files; None where it is."""
        raise NotImplementedError

    def end(self) -> int | None:
        """End the server in order, and say its exit code."""
        raise NotImplementedError

    # --- what does not

    def kill(self) -> None:
        """Kill the server if it runs."""
        with self._lock:
            if self._started is None or self._doomed:
                return
            self._doomed = True
            process = self._started.process
            self._crowd.killed[process.pid] = time.monotonic()
            process.kill()
        self._crowd.count("servers killed")

    def stderr_text(self) -> str:
        """The text of the server's log."""
        return self._started.stderr_text() if self._started else ""

    def _start(self, *more: str) -> Started:
        started = self._crowd.starter.start(self.name, "serve", *more)
        with self._lock:
            self._started, self._doomed = started, False
        return started

    def _talk(self, conversation: Conversation, rng: random.Random) -> bool:
        """Ask until the crowd stops (True), or the server was killed (False)."""
        crowd = self._crowd
        while not crowd.stop.wait(rng.uniform(0, 0.2)):
            try:
                if rng.random() < 0.5:
                    self._look(conversation, rng)
                else:
                    self._ask(conversation, crowd.calls.draw())
                crowd.count("questions")
            except SilentError as error:
                if not self._doomed:
                    crowd.fail(f"{self.name}: {error}; it says: {self.stderr_text()[-500:]}")
                return False
        return True

    def _ask(self, conversation: Conversation, call: Call) -> None:
        had = self._crowd.has_index
        wrong = error_of(conversation.ask(call.method, call.params))
        if (wrong is not None) != call.refused and not (wrong and "being built" in wrong and not had):
            said = json.dumps(call.params, ensure_ascii=False)[:200]
            self._crowd.fail(f"{self.name} answered {call.method} {said} with: {wrong}")

    def _look(self, conversation: Conversation, rng: random.Random) -> None:
        """Ask for a word of which is known whether it is there, and hold the answer to what it says of itself."""
        crowd, archive = self._crowd, self._crowd.archive
        seen, had = archive.glimpse(rng), crowd.has_index
        if seen is None:
            return
        asked = time.monotonic()
        answer = conversation.ask(
            "tools/call", {"name": "search_episodes", "arguments": {"query": f'"{seen.word}"', "limit": 3}}
        )
        if (wrong := error_of(answer)) is not None:
            if had or "being built" not in wrong:
                crowd.fail(f"{self.name} answered a search with: {wrong}")
            return
        data: dict[str, Any] = answer["result"]["structuredContent"]
        state = data["freshness"]["state"]
        crowd.count(f"searches answered {state}")
        if state == "unreadable":
            crowd.fail(f"{self.name} says that the files cannot be read")
        if state != "current" or not archive.still(seen) or asked - seen.since < (0.0 if seen.in_folder else EDITS):
            return
        crowd.count("searches whose answer was certain")
        if (found := _found(data, seen.word)) != seen.there:
            crowd.fail(
                f"{self.name} says it is level with the files, but {seen.word} is {'found' if found else 'not found'}, "
                f"{asked - seen.since:.2f} s after it {'came' if seen.there else 'went'} "
                f"({'with' if seen.in_folder else 'without'} a change of its folder)"
            )

    def _levelled(self, conversation: Conversation) -> str | None:
        """Why answers do not show the files as they are; None where they do."""
        for seen in self._crowd.archive.all():
            asked = {"name": "search_episodes", "arguments": {"query": f'"{seen.word}"', "limit": 3}}
            answer = conversation.ask("tools/call", asked)
            if (wrong := error_of(answer)) is not None:
                return wrong
            data = answer["result"]["structuredContent"]
            self.episodes = data["freshness"]["episodes"]
            if data["freshness"]["state"] != "current":
                return f"it says {data['freshness']['state']}"
            if _found(data, seen.word) != seen.there:
                return f"{seen.word} should {'' if seen.there else 'not '}be found"
        return None


class StdioSeat(Seat):
    """A server over stdio and its client; even numbers speak the newer era."""

    _conversation: StdioConversation | None = None

    def sit(self) -> None:
        crowd, era = self._crowd, LEGACY if self._number % 2 else MODERN
        while not crowd.stop.is_set():
            self._conversation = StdioConversation(self._start().process, era)
            try:
                self._conversation.open()
            except SilentError as error:
                if not self._doomed:
                    crowd.fail(f"{self.name} did not start: {error}; {self.stderr_text()[-500:]}")
                continue
            if self._talk(self._conversation, self._rng):
                return

    def level(self) -> str | None:
        if self._conversation is None or self._doomed:
            self._conversation = StdioConversation(self._start().process, LEGACY)
            self._conversation.open()
        return self._levelled(self._conversation)

    def end(self) -> int | None:
        assert self._conversation is not None
        # What it writes just then ends with it; one that was killed before and not yet replaced ended then.
        self._crowd.killed.setdefault(self._conversation.process.pid, time.monotonic())
        self._conversation.close()
        return self._conversation.process.wait(60)


class HttpRoom(Seat):
    """A server over HTTP and several clients of both eras."""

    _port = 0

    def sit(self) -> None:
        while not self._crowd.stop.is_set():
            try:
                self._port = self._start("--http", "127.0.0.1:0").port()
            except RuntimeError as error:
                if not self._doomed:
                    self._crowd.fail(str(error))
                continue
            clients = [threading.Thread(target=self._client, args=(at,), daemon=True) for at in range(_CLIENTS)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()

    def _client(self, at: int) -> None:
        client = HttpConversation(self._port, MODERN if at % 2 else LEGACY)
        try:
            client.open()
            if self._talk(client, random.Random(self._rng.random())):
                client.close()
        except Exception as error:
            if not (self._doomed and isinstance(error, SilentError | OSError)):
                self._crowd.fail(f"a client of {self.name}: {error!r}; it says: {self.stderr_text()[-500:]}")
        finally:
            client.vanish()

    def level(self) -> str | None:
        if self._started is None or self._doomed:
            self._port = self._start("--http", "127.0.0.1:0").port()
        client = HttpConversation(self._port, MODERN)
        try:
            client.open()
            return self._levelled(client)
        finally:
            client.vanish()

    def end(self) -> int | None:
        assert self._started is not None
        self._crowd.killed.setdefault(self._started.process.pid, time.monotonic())
        self._started.process.send_signal(signal.SIGTERM)
        return self._started.process.wait(60)


def _found(data: dict[str, Any], word: str) -> bool:
    """Whether a story with this word in its title answers."""
    return any(word in hit["title"] for hit in data["hits"])
