"""The numbers measured on a real archive of 549 episodes, and that not a line of it is lost.

The archive is not part of this repository (its texts belong to their author); without it these tests are skipped.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from archive_samples import REAL

from zunda_mcp.models import Episode, Problem
from zunda_mcp.reading.archive_reader import ArchiveReader, read_archive
from zunda_mcp.reading.draft import Draft, boilerplate_links

pytestmark = pytest.mark.archive


@pytest.fixture(scope="module", name="archive")
def real_archive() -> tuple[dict[str, Episode], list[Problem]]:
    episodes, problems = read_archive(ArchiveReader([REAL / "_posts", REAL / "_posts.bak"]))
    return {episode.id: episode for episode in episodes}, problems


@pytest.fixture(scope="module", name="drafts")
def real_drafts() -> dict[Path, Draft]:
    reader = ArchiveReader([REAL / "_posts", REAL / "_posts.bak"])
    drafts = {file.path: reader.read(file).draft for file in reader.scan().files}
    return {path: draft for path, draft in drafts.items() if draft is not None}


def test_every_episode_and_story_is_there_in_order(archive: tuple[dict[str, Episode], list[Problem]]) -> None:
    episodes, _ = archive
    assert len(episodes) == 549
    assert sum(len(episode.stories) for episode in episodes.values()) == 1988
    assert Counter(len(episode.stories) for episode in episodes.values()) == {0: 3, 1: 2, 2: 7, 3: 177, 4: 359, 5: 1}
    numbers = [episode.number or 0 for episode in episodes.values()]
    assert numbers == sorted(numbers)
    assert set(range(1, 551)) - set(numbers) == {410}


def test_the_only_problems_are_two_dates_and_two_duplicates(archive: tuple[dict[str, Episode], list[Problem]]) -> None:
    episodes, problems = archive
    assert {(problem.path, problem.line, problem.skipped) for problem in problems} == {
        ("_posts/2024-06-04-10.md", 6, False),
        ("_posts/2024-06-05-11.md", 6, False),
        ("_posts.bak/2024-06-17-18.md", None, True),
        ("_posts.bak/2025-02-06-177.md", None, True),
    }
    assert str(episodes["2024-06-04-10"].date) == "2024-06-05"
    assert str(episodes["2024-06-05-11"].date) == "2024-06-06"
    assert episodes["2024-06-17-18"].path == "_posts/2024-06-17-18.md"
    assert episodes["2025-02-06-177"].path == "_posts/2025-02-06-177.md"


def test_the_archive_knows_its_name_language_and_zone_from_its_site() -> None:
    reader = ArchiveReader([REAL])
    assert (reader.name, reader.language, reader.timezone.key) == (
        "株式会社ずんだもん技術室AI放送局",
        "ja",
        "Asia/Tokyo",
    )


def test_the_site_root_as_the_source_gives_the_same_episodes(
    archive: tuple[dict[str, Episode], list[Problem]],
) -> None:
    episodes, _ = read_archive(ArchiveReader([REAL]))
    plain = [episode.model_copy(update={"path": ""}) for episode in episodes]
    assert plain == [episode.model_copy(update={"path": ""}) for episode in archive[0].values()]


def test_only_the_letter_form_is_boilerplate(drafts: dict[Path, Draft]) -> None:
    unique = {draft.id: draft for draft in drafts.values()}
    (form,) = boilerplate_links(draft.links for draft in unique.values())
    assert form.startswith("https://forms.gle/")
    assert sum(form in draft.links for draft in unique.values()) == 548


def test_link_and_source_line_agree_in_every_story_that_has_both(drafts: dict[Path, Draft]) -> None:
    unique = {draft.id: draft for draft in drafts.values()}
    both = [entry for draft in unique.values() for entry in draft.entries if entry.link and entry.source]
    assert len(both) == 1927
    assert all(entry.link == entry.source for entry in both)


def test_the_titles_leave_nothing_over_of_the_description(
    archive: tuple[dict[str, Episode], list[Problem]],
) -> None:
    left_over = []
    for episode in archive[0].values():
        rest = _unsigned(episode.description).removeprefix("AIやテクノロジーに関する記事を紹介")
        for title in sorted((_unsigned(story.title) for story in episode.stories), key=len, reverse=True):
            rest = rest.replace(title, "", 1) if title else rest
        if rest.strip("、"):
            left_over.append(episode.number)
    assert left_over == [1, 2, 3, 4, 5, 6, 33, 101]


def test_addresses_are_those_of_the_site_and_never_guessed(
    archive: tuple[dict[str, Episode], list[Problem]],
) -> None:
    episodes = archive[0].values()
    pages = [episode for episode in episodes if episode.page_kind == "page"]
    assert len(pages) == 67
    assert all(episode.page_url == f"https://zund-arm-on.com/episode/{episode.number}" for episode in pages)
    assert archive[0]["2026-08-21-550"].page_url == "https://zund-arm-on.com/episode/550"
    hosts = Counter((episode.audio_url or "").split("/audio/")[0] for episode in episodes)
    bucket = "https://storage.googleapis.com/podcast-zund-arm-on"
    assert hosts == {bucket: 274, "https://zund-arm-on.com": 36, "": 239}
    assert all((episode.audio_url or "").isascii() and " " not in (episode.audio_url or "") for episode in episodes)
    assert sum(episode.youtube_id is not None for episode in episodes) == 194


def test_summaries_are_clean(archive: tuple[dict[str, Episode], list[Problem]]) -> None:
    for episode in archive[0].values():
        for story in episode.stories:
            lines = story.summary.split("\n")
            assert story.summary, story.id
            assert not lines[-1].startswith("引用元"), story.id
            assert not lines[0].startswith(" "), story.id
            assert "forms.gle" not in story.summary, story.id
            assert r"\n" not in story.summary, story.id
            assert not story.summary.endswith(("'", '"')), story.id


@pytest.mark.parametrize(
    ("id", "title", "url", "start"),
    [
        (
            "2024-08-19-62#3",
            "生成AIは社会をどう変えるのか",
            "https://logmi.jp/tech/articles/330840",
            "PKSHAは、",
        ),
        (
            "2026-07-21-528#3",
            "Qwen3.8 is launching",
            "https://x.com/Alibaba_Qwen/status/2078759124914098291",
            "AlibabaのQwenチームより",
        ),
        ("2024-07-09-34#1", "", "https://ai.googleblog.com/2023/07/ai-ai-sudo-lang.html", "このドキュメントは"),
        ("2024-10-15-100#1", "", None, "**"),
        (
            "2024-05-29-4#2",
            "Reproducing GPT-2",
            "https://github.com/karpathy/llm.c/discussions/481",
            "llm.c を用いて",
        ),
        (
            "2024-05-30-5#4",
            "[#112]カワイスギクライシス",
            "https://shonenjumpplus.com/episode/17106371864158185677",
            "『",
        ),
        (
            "2025-07-07-278#3",
            "12 Factor Agents まとめ",
            "https://iwashi.co/2025/07/06/12-factor-agents",
            "新人エンジニア",
        ),
        (
            "2024-06-03-7#1",
            "無料＆セルフホスト可能な",
            "https://gigazine.net/news/20240601-transcription-stream/",
            "「Tr",
        ),
    ],
)
def test_the_odd_stories_are_read_as_a_person_would(
    archive: tuple[dict[str, Episode], list[Problem]],
    id: str,
    title: str,
    url: str | None,
    start: str,
) -> None:
    (story,) = [story for story in archive[0][id.partition("#")[0]].stories if story.id == id]
    assert story.title.startswith(title)
    assert bool(story.title) is bool(title)
    assert story.url == url
    assert story.summary.startswith(start)


def test_no_line_of_any_body_is_lost(drafts: dict[Path, Draft]) -> None:
    """A second look, without a Markdown parser: every line is in the draft, or of a kind that is dropped on purpose."""
    lost: list[tuple[str, str]] = []
    dropped: Counter[str] = Counter()
    for path, draft in drafts.items():
        kept = _bare("\n".join([draft.prose, *(f"{e.title}\n{e.link}\n{e.summary}" for e in draft.entries)]))
        body = path.read_text(encoding="utf-8").split("\n---\n", 1)[1]
        for piece in body.replace("](", "\n").replace(r"\n", "\n").split("\n"):  # links and leaked escapes in parts
            if _bare(piece) not in kept or piece.strip() == "'":
                kind = _dropped(piece, draft)
                dropped[kind] += 1
                if not kind and _bare(piece.strip().removeprefix("要約")) not in kept:
                    lost.append((draft.id, piece))
    assert lost == []
    dropped.pop("")  # 要約: in front of a summary on the same line
    assert dropped == {
        "video": 194,
        "quote": 5,
        "source": 1930,  # 1,927, two of a duplicate file, and the empty one of 2024-10-15-100
        "title": 59,
        "label": 31,
    }


def _unsigned(text: str) -> str:
    """Return a text without spaces, and without the quotes and markup that a description loses or keeps at random."""
    return "".join(c for c in text if not c.isspace() and c not in "'\"*\\")


def _bare(text: str) -> str:
    """Return only letters and digits, so that quotes, escapes, indents and link signs do not count."""
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


def _dropped(line: str, draft: Draft) -> str:
    """Name the kind of a line that is dropped on purpose, ``""`` for any other."""
    text = line.strip().removeprefix('"').lstrip("- [").replace("*", "")
    named = _bare(text.removeprefix("タイトル"))
    kinds = {
        "video": f"/embed/{draft.youtube_id}" in text and "<iframe" in text,
        "quote": text == "'",
        "source": line.startswith("引用元:") and line.removeprefix("引用元:").strip() in ("", *draft.links),
        "title": text.startswith("タイトル") and any(named in _bare(e.title) for e in draft.entries),
        "label": text.rstrip() in ("要約:", "要約："),
    }
    return next((kind for kind, is_one in kinds.items() if is_one), "")
