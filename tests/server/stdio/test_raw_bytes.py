"""A client that speaks in raw bytes: whatever it sends, the server answers what can be answered, and goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import preloaded
import pytest
from stdio_client import write_archive

from conftest import library_over

PATIENCE = 60
HELLO = {
    "jsonrpc": "2.0",
    "id": 0,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}},
}
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}
PING = {"jsonrpc": "2.0", "id": "ping", "method": "ping"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def search(identity: object, query: str = "生成AI", **more: Any) -> dict[str, Any]:
    """A call of the tool that is called most."""
    params = {"name": "search_episodes", "arguments": {"query": query}, **more}
    return {"jsonrpc": "2.0", "id": identity, "method": "tools/call", "params": params}


def line(message: object) -> bytes:
    """A message as one line of UTF-8."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


class Raw:
    """A server at the other end of two pipes."""

    def __init__(self, places: tuple[Path, Path]) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}
        environ["ZUNDA_MCP_EMBEDDER"] = "none"
        self.process = preloaded.start(["serve", "--episodes", str(places[0]), "--index", str(places[1])], environ)
        self._complaints: list[bytes] = []
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._patience = threading.Timer(PATIENCE, self.process.kill)  # a missing answer is a failure, not a hang
        self._patience.start()

    def send(self, data: bytes) -> None:
        """Exactly these bytes, in one write."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The next message."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said, "the server has ended"
        message: dict[str, Any] = json.loads(said)
        assert message["jsonrpc"] == "2.0"
        return message

    def answers(self, *identities: object) -> list[dict[str, Any]]:
        """The answers to these requests, which may come in any order."""
        got = {repr(message["id"]): message for message in (self.hear() for _ in identities)}
        return [got[repr(identity)] for identity in identities]

    def still_answers(self) -> None:
        """It does, and nothing comes before the answer."""
        self.send(line(PING))
        assert self.hear() == {"jsonrpc": "2.0", "id": "ping", "result": {}}

    def end(self) -> str:
        """Close stdin; the server ends in order, and what it complained about is given."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0
        return self.complaints()

    def complaints(self) -> str:
        self._listener.join(PATIENCE)
        return b"".join(self._complaints).decode()

    def close(self) -> None:
        self._patience.cancel()
        self.process.kill()
        self.process.wait()
        self._listener.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self._complaints.extend(self.process.stderr)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An archive of three episodes and its index, built."""
    folder = tmp_path_factory.mktemp("raw")
    episodes, index = write_archive(folder / "episodes"), folder / "index"
    with library_over(episodes, index) as library:
        library.refresh()
    return episodes, index


@pytest.fixture
def server(places: tuple[Path, Path]) -> Iterator[Raw]:
    """A server that nobody has spoken to yet."""
    raw = Raw(places)
    try:
        yield raw
    finally:
        raw.close()


@pytest.fixture
def greeted(server: Raw) -> Raw:
    """A server after the handshake."""
    server.send(line(HELLO) + line(READY))
    assert server.hear()["result"]["protocolVersion"] == "2025-06-18"
    return server


def test_lines_may_end_as_windows_ends_them(server: Raw) -> None:
    server.send(b"".join(line(message).replace(b"\n", b"\r\n") for message in (HELLO, READY, PING)))
    assert [message["id"] for message in server.answers(0, "ping")] == [0, "ping"]
    assert server.end() == ""


def test_blank_lines_say_nothing(server: Raw) -> None:
    server.send(b"\n \n\r\n\t\n" + line(HELLO) + b"\n\n" + line(READY) + b"\n" + line(PING) + b"\n")
    assert [message["id"] for message in server.answers(0, "ping")] == [0, "ping"]
    assert server.end() == ""


def test_a_mark_of_the_byte_order_is_no_part_of_the_first_message(server: Raw) -> None:
    server.send(b"\xef\xbb\xbf" + line(HELLO))
    assert server.hear()["id"] == 0


def test_a_message_may_come_in_pieces_that_cut_a_character(greeted: Raw) -> None:
    data = line(search(1))
    for at in range(0, len(data), 7):
        greeted.send(data[at : at + 7])
        time.sleep(0.001)
    assert greeted.hear()["result"]["structuredContent"]["total_stories"] > 0


def test_many_messages_may_come_in_one_write(greeted: Raw) -> None:
    greeted.send(b"".join(line(search(number)) for number in range(1, 41)))
    totals = [message["result"]["structuredContent"]["total_stories"] for message in greeted.answers(*range(1, 41))]
    assert len(set(totals)) == 1
    assert greeted.end() == ""


def test_a_last_message_without_an_end_of_line_is_heard(greeted: Raw) -> None:
    greeted.send(line(search(1)).rstrip())
    assert greeted.process.stdin is not None
    greeted.process.stdin.close()
    assert greeted.hear()["id"] == 1
    assert greeted.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("size", [10_000_000])
def test_a_line_of_ten_megabytes_is_answered_or_passed_over(greeted: Raw, size: int) -> None:
    greeted.send(line(search(1, query="長" * (size // 3))))
    result = greeted.hear()["result"]
    assert result["isError"] is True
    assert len(result["content"][0]["text"]) < 300
    greeted.send(b"x" * size + b"\n")
    greeted.send(b'{"jsonrpc":"2.0","id":2,"method":"' + b"m" * size + b'"}\n')
    assert greeted.hear()["error"]["code"] == -32601
    greeted.still_answers()
    assert "Traceback" not in greeted.end()


def test_a_line_longer_than_any_message_is_passed_over(greeted: Raw) -> None:
    piece = b"x" * 1_000_000
    for _ in range(70):
        greeted.send(piece)
    greeted.send(b"\n")
    greeted.still_answers()
    assert "ignored a line of more than" in greeted.end()


def test_bytes_that_are_no_utf8_become_the_mark_for_that(greeted: Raw) -> None:
    greeted.send(line(search(1, query="生成AI QQQ")).replace(b"QQQ", b"\xff\xfe\x80"))
    assert greeted.hear()["result"]["structuredContent"]["total_stories"] > 0
    greeted.send(line({**PING, "id": "QQQ"}).replace(b"QQQ", b"\xff"))
    assert greeted.hear()["id"] == "\ufffd"
    greeted.still_answers()


@pytest.mark.parametrize("era", ["2025-06-18", "2026-07-28"])
@pytest.mark.parametrize("method", ["no/such/method", "logging/setLevel", "tools", "", "tools/LIST"])
def test_a_method_that_does_not_exist_is_said_not_to(server: Raw, era: str, method: str) -> None:
    modern = era == "2026-07-28"
    if not modern:
        server.send(line(HELLO) + line(READY))
        server.hear()
    params: dict[str, Any] = {"level": "info", **({"_meta": META} if modern else {})}
    server.send(line({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    assert server.hear()["error"]["code"] == -32601
    server.send(line(search(2, _meta=META) if modern else search(2)))
    assert server.hear()["id"] == 2


@pytest.mark.parametrize("identity", ["two", "", "1", "日本語", 0, -1, 2**53, "x" * 1000])
def test_an_id_comes_back_as_it_was_sent(greeted: Raw, identity: object) -> None:
    greeted.send(line(search(identity)))
    answered = greeted.hear()
    assert answered["id"] == identity
    assert type(answered["id"]) is type(identity)


@pytest.mark.parametrize("identity", [None, True, [1], {"a": 1}])
def test_an_id_that_may_not_be_one_does_no_harm(greeted: Raw, identity: object) -> None:
    greeted.send(line(search(identity)))
    greeted.still_answers()


@pytest.mark.parametrize(
    "odd",
    [
        b"[]",
        b"[1,2,3]",
        b"null",
        b"42",
        b'"text"',
        b"{}",
        b"{",
        b'{"jsonrpc":"2.0"}',
        b'{"jsonrpc":"2.0","id":7,"result":{}}',
        b'{"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}}',
        b'{"jsonrpc":"2.0","method":"notifications/unknown"}',
        b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{}}',
        b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[1]}}',
        b'{"jsonrpc":"2.0","method":"notifications/initialized"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\x00\x01\x02",
        b"\xff\xff",
        b"Content-Length: 52",
        b"NaN",
    ],
)
def test_what_is_no_request_does_no_harm(greeted: Raw, odd: bytes) -> None:
    greeted.send(odd + b"\n")
    greeted.still_answers()
    assert "Traceback" not in greeted.end()


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tools/call", {}),
        ("tools/call", {"name": 5}),
        ("tools/call", {"name": "search_episodes", "arguments": [1]}),
        ("tools/call", {"name": "no_such_tool"}),
        ("resources/read", {}),
        ("resources/read", {"uri": "episode://../../etc/passwd"}),
        ("resources/read", {"uri": 7}),
        ("resources/subscribe", {"uri": 7}),
        ("prompts/get", {"name": "no such prompt"}),
        ("prompts/get", {"name": "topic_brief", "arguments": {"topic": 5}}),
        ("completion/complete", {"ref": {"type": "ref/else"}, "argument": {"name": "id", "value": ""}}),
        ("tools/list", {"cursor": "made up"}),
        ("resources/list", {"cursor": "made up"}),
        ("resources/list", {"cursor": 5}),
    ],
)
def test_a_request_that_cannot_be_meant_is_refused_with_its_id(
    greeted: Raw, method: str, params: dict[str, Any]
) -> None:
    greeted.send(line({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
    refused = greeted.hear()
    assert refused["id"] == 1
    assert refused["error"]["code"] in (-32602, -32002)
    assert "Traceback" not in refused["error"]["message"]
    greeted.still_answers()


def test_a_cancelled_request_is_not_answered(greeted: Raw) -> None:
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled"}
    for number in range(1, 30):
        greeted.send(line(search(number)) + line({**cancel, "params": {"requestId": number}}))
    greeted.send(line(search("last")))
    heard = []
    while (message := greeted.hear())["id"] != "last":
        heard.append(message["id"])
    assert len(heard) == len(set(heard))
    greeted.still_answers()
    assert greeted.end() == ""


def test_a_request_that_was_answered_can_be_cancelled(greeted: Raw) -> None:
    greeted.send(line(search(1)))
    assert greeted.hear()["id"] == 1
    greeted.send(line({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}))
    greeted.send(line(search(1)))
    assert greeted.hear()["id"] == 1


def test_an_id_in_use_twice_gets_two_answers(greeted: Raw) -> None:
    greeted.send(line(search(1)) + line(search(1)))
    assert [greeted.hear()["id"] for _ in range(2)] == [1, 1]
    greeted.still_answers()


@pytest.mark.parametrize("rest", [b"", b'{"jsonrpc":"2.0","id":9,"method":"tools/ca', line(search(9))])
def test_a_client_that_vanishes_leaves_no_server_behind(greeted: Raw, rest: bytes) -> None:
    greeted.send(rest)
    for pipe in (greeted.process.stdin, greeted.process.stdout):
        assert pipe is not None
        pipe.close()
    assert greeted.process.wait(PATIENCE) == 0
    assert "Traceback" not in greeted.complaints()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_server_that_was_stopped_for_a_while_goes_on(greeted: Raw) -> None:
    greeted.process.send_signal(signal.SIGSTOP)
    greeted.send(line(search(1)))
    greeted.process.send_signal(signal.SIGCONT)
    assert greeted.hear()["id"] == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_damaged_messages_leave_the_server_answering(greeted: Raw, seed: int) -> None:
    draw = random.Random(seed)
    good = [line(search(1)), line(HELLO), line(PING), line({**search(2), "method": "resources/read"})]
    for _ in range(1000):
        data = bytearray(draw.choice(good))
        for _ in range(draw.randint(1, 6)):
            at = draw.randrange(len(data) - 1)
            match draw.randrange(3):
                case 0:
                    data[at] = draw.randrange(256)
                case 1:
                    del data[at : at + draw.randint(1, 9)]
                case _:
                    data[at:at] = bytes(draw.randrange(256) for _ in range(draw.randint(1, 4)))
        greeted.send(bytes(data).replace(b"\n", b" ") + b"\n")
    greeted.send(line({**PING, "id": "the end"}))
    while greeted.hear().get("id") != "the end":
        pass
    assert "Traceback" not in greeted.end()


@pytest.mark.parametrize(
    ("damaged", "words"),
    [
        (b'{"jsonrpc":"2.0","id":"x","method":"ping","params":[1]}', "params"),
        (b'{"jsonrpc":"2.0","id":"x","method":"tools/list","params":-0.0}', "params"),
        (b'{"jsonrpc":"2.0","id":"x","method":"tools/list","params":null}', "params"),
        (b'{"jsonrpc":"1.0","id":"x","method":"ping"}', "jsonrpc"),
        (b'{"id":"x","method":"ping"}', "jsonrpc"),
        (b'{"jsonrpc":"2.0","id":"x"}', "method"),
        (b'{"jsonrpc":"2.0","id":"x","method":["ping"]}', "method"),
        (b'{"jsonrpc":"2.0","id":"x","method":"no/such","params":{"a":"\\ud800"}}', "half a character"),
        (b'{"jsonrpc":"2.0","params":{"id":1,"a":' + b"[" * 9000 + b"]" * 9000 + b'},"id":"x","method":"x"}', "deep"),
        (b'{"jsonrpc":"2.0","id":"x","method":"no/such","params":{"a":' + b"[" * 500 + b"]" * 500 + b"}}", "deep"),
    ],
)
def test_a_message_with_an_id_that_is_no_request_is_not_met_with_silence(
    greeted: Raw, damaged: bytes, words: str
) -> None:
    greeted.send(damaged + b"\n")
    refused = greeted.hear()
    assert (refused["id"], refused["error"]["code"]) == ("x", -32600)
    assert words in refused["error"]["message"]
    greeted.still_answers()
    assert "Traceback" not in greeted.end()


def test_what_a_client_answers_is_not_answered(greeted: Raw) -> None:
    greeted.send(b'{"jsonrpc":"1.0","id":7,"result":{}}\n{"jsonrpc":"2.0","id":8,"error":{"code":1}}\n')
    greeted.still_answers()
