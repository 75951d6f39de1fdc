"""Tokens that are bound to archives: whoever has one finds no trace of the others, by any way in."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import preloaded
import pytest
from http_server import HEAD, LEGACY, MODERN, Answer, Raw, ask, call, listen_request, message, session

from zunda_mcp.config.http_options import TokenFile
from zunda_mcp.errors import SettingsError

ALL, NEWS, BOTH = "a-token-for-everything", "a-token-for-the-news", "a-token-for-two-shows"
HIDDEN = re.compile("密談|secret|みつだん|2025-07-03", re.IGNORECASE)


def _write(folder: Path, day: str, subject: str) -> None:
    folder.mkdir(exist_ok=True)
    text = f"---\ntitle: {subject}の回\n---\n\n- [{subject}の話](https://{folder.name}.example/{day})\n\n{subject}を調べた。\n"
    (folder / f"{day}.md").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three archives and the tokens for them."""
    root = tmp_path_factory.mktemp("archives")
    for day in ("2025-07-01-1", "2025-07-02-2"):
        _write(root / "news", day, "推論")
        _write(root / "weekly", day, "推論")
    for day in ("2025-07-03-3", "2025-07-03-4"):
        _write(root / "secret", day, "密談")
    lines = ["# who may see what", ALL, f"{NEWS} archives=news", f"{BOTH}   archives=weekly,news"]
    (root / "tokens").write_text("\n".join(lines), encoding="utf-8")
    (root / "tokens").chmod(0o600)
    return root


def _command(root: Path, *more: str) -> list[str]:
    archives = [flag for name in ("news", "weekly", "secret") for flag in ("--archive", f"{name}={root / name}")]
    named = ["--index", str(root / "index"), "--embedder", "none", "--token-file", str(root / "tokens")]
    return ["serve", *archives, *named, "--http", "127.0.0.1:0", *more]


@pytest.fixture(scope="module")
def served(root: Path) -> Iterator[int]:
    with preloaded.start(_command(root)) as process:
        try:
            match = re.search(r" at http://127\.0\.0\.1:(\d+)/mcp\b", process.stderr.readline().decode())
            assert match is not None
            _ready(int(match[1]))
            yield int(match[1])
        finally:
            process.kill()


def _ready(port: int) -> None:
    for _ in range(200):
        if json.loads(ask(port, path="/health", headers=_bearer(ALL)).body).get("episodes") == 6:
            return
    pytest.fail("the archives were never read")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _request(port: int, token: str, method: str, **params: Any) -> str:
    """What a method answers, as text."""
    headers = {**HEAD, **_bearer(token), "MCP-Protocol-Version": MODERN, "Mcp-Method": method}
    if name := params.get("name", params.get("uri")):
        headers["Mcp-Name"] = name
    answer = ask(port, "POST", headers=headers, body=message(method, params, MODERN))
    assert answer.status == 200, answer.body
    return json.dumps(answer.message, ensure_ascii=False)


def _call(port: int, token: str, tool: str, **arguments: Any) -> str:
    return _request(port, token, "tools/call", name=tool, arguments=arguments)


QUESTIONS: list[tuple[str, Mapping[str, Any]]] = [
    ("search_episodes", {"query": ""}),
    ("search_episodes", {"query": "密談"}),
    ("search_episodes", {"query": "密談", "archive": "secret"}),
    ("search_episodes", {"query": "推論", "sort": "newest"}),
    ("find_text", {"pattern": "密.|調べた", "by": "site"}),
    ("list_topics", {}),
    ("topic_timeline", {"topic": "密談"}),
    ("get_episode", {"id": "secret:2025-07-03-3"}),
    ("get_episode", {"id": "2025-07-03"}),
    ("get_episode", {"id": "https://secret.example/2025-07-03-3"}),
    ("get_episode", {"id": "3"}),
    ("get_episode", {"id": "latest"}),
    ("find_related", {"id": "secret:2025-07-03-3"}),
    ("find_related", {"id": "news:2025-07-01-1#1"}),
    ("check_quote", {"quote": "密談を調べた。"}),
    ("check_quote", {"quote": "調べた。", "id": "secret:2025-07-03-3"}),
]


def _without_question(text: str, arguments: Mapping[str, Any]) -> str:
    """An answer without what was asked, which it may repeat."""
    for value in sorted(map(str, arguments.values()), key=len, reverse=True):
        text = text.replace(value, "…")
    return text.replace("2025-07-03", "…") if "2025-07-03" in str(arguments) else text


@pytest.mark.parametrize(("tool", "arguments"), QUESTIONS)
def test_no_tool_tells_of_an_archive_that_is_hidden(served: int, tool: str, arguments: Mapping[str, Any]) -> None:
    for token in (NEWS, BOTH):
        answer = _call(served, token, tool, **arguments)
        assert not HIDDEN.search(_without_question(answer, arguments)), answer


def test_whoever_may_see_all_is_answered_from_all(served: int) -> None:
    assert "密談の話" in _call(served, ALL, "search_episodes", query="密談")
    assert "secret:2025-07-03-3" in _call(served, ALL, "get_episode", id="2025-07-03-3")
    assert "weekly:" in _call(served, BOTH, "search_episodes", query="推論")
    assert "weekly" not in _call(served, NEWS, "search_episodes", query="推論")


def test_no_resource_completion_or_prompt_tells_of_it(served: int) -> None:
    for token in (NEWS, BOTH):
        told = [_request(served, token, "resources/list"), _request(served, token, "server/discover")]
        told += [
            _request(served, token, "resources/read", uri=f"archive://{name}")
            for name in ("overview", "topics", "survey")
        ]
        for ref, name in (
            ({"type": "ref/resource", "uri": "episode://{id}"}, "id"),
            ({"type": "ref/prompt", "name": "topic_brief"}, "topic"),
            ({"type": "ref/prompt", "name": "about_url"}, "url"),
        ):
            told.append(_request(served, token, "completion/complete", ref=ref, argument={"name": name, "value": ""}))
        assert not [text for text in told if HIDDEN.search(text)]
    assert HIDDEN.search(_request(served, ALL, "resources/list"))


def test_pages_and_health_are_those_of_the_token(served: int) -> None:
    def page(token: str, path: str) -> Answer:
        password = base64.b64encode(f"me:{token}".encode()).decode()
        return ask(served, path=path, headers={"Authorization": f"Basic {password}"})

    for path in ("/", "/topics", "/episodes", "/?q=%E6%8E%A8%E8%AB%96"):
        assert not HIDDEN.search(page(NEWS, path).body.decode()), path
    assert page(NEWS, "/episodes/secret:2025-07-03-3").status == 404
    assert page(ALL, "/episodes/secret:2025-07-03-3").status == 200
    health = [json.loads(ask(served, path="/health", headers=_bearer(one)).body) for one in (NEWS, BOTH, ALL)]
    assert [one["episodes"] for one in health] == [2, 4, 6]
    assert not HIDDEN.search(str(health[:2]))


def test_a_session_is_of_no_use_to_another_token(served: int) -> None:
    opened = session(served, _bearer(ALL))
    with Raw(served) as raw:
        raw.send(call("search_episodes", LEGACY, {**opened, **_bearer(NEWS)}, query="密談"))
        assert raw.answer().status == 404


def test_a_change_is_told_to_those_who_may_see_it_and_no_others(served: int, root: Path) -> None:
    with Raw(served) as seeing, Raw(served) as blind:
        for raw, token in ((seeing, ALL), (blind, NEWS)):
            raw.send(listen_request(served, MODERN, _bearer(token)))
            assert raw.head()[0] == 200
            raw.until(b"acknowledged")
        try:
            _write(root / "secret", "2025-07-03-9", "密談")
            assert b"list_changed" in seeing.until(b"list_changed")
            blind.socket.settimeout(3.0)
            with pytest.raises(TimeoutError):
                blind.until(b"list_changed")
        finally:
            (root / "secret" / "2025-07-03-9.md").unlink()


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (f"{NEWS} archives=newz", "bound to an archive newz that does not exist; there are news, secret, weekly."),
        (f"{NEWS} archives=", "archives=NAME,NAME"),
        (f"{NEWS} news", "archives=NAME,NAME"),
        (f"{NEWS} archives=news weekly", "archives=NAME,NAME"),
        (f"{NEWS}\n{NEWS} archives=news", "is listed twice"),
    ],
)
def test_a_line_that_binds_to_nothing_is_refused_at_the_start(tmp_path: Path, line: str, advice: str) -> None:
    file = tmp_path / "tokens"
    file.write_text(line, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(SettingsError) as refused:
        TokenFile(file, frozenset({"news", "weekly", "secret"}))
    assert advice in str(refused.value)
    assert NEWS not in str(refused.value)


def test_the_command_says_what_is_wrong_with_a_line(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"{NEWS} archives=nowhere", encoding="utf-8")
    file.chmod(0o600)
    done = preloaded.run([*_command(root), "--token-file", str(file)])
    assert done.returncode == 2
    assert "there are news, secret, weekly" in done.stderr


def test_what_a_token_is_bound_to_changes_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "tokens"
    file.write_text(f"{NEWS} archives=news", encoding="utf-8")
    file.chmod(0o600)
    tokens = TokenFile(file, None, check_seconds=0.0)
    before = tokens.find(NEWS)
    file.write_text(f"{NEWS} archives=weekly", encoding="utf-8")
    after = tokens.find(NEWS)
    assert before is not None
    assert after is not None
    assert (before.name, before.archives, after.archives) == (after.name, frozenset({"news"}), frozenset({"weekly"}))
