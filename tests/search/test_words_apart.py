"""A row of words is one name where most stories have them side by side; stories that have them apart are not lost."""

from __future__ import annotations

from pathlib import Path

from conftest import Post, library_over


def test_stories_that_have_the_words_of_a_name_apart_come_after_it_and_it_is_said_how_they_were_read(
    archive: Path, post: Post, tmp_path: Path
) -> None:
    post(
        "2025-07-01-1",
        ("Towards diffusion language models", "https://example.com/1", "並列の生成。"),
        ("Diffusion language models in practice", "https://example.com/2", "実践。"),
        ("Mercury: fast language models based on diffusion", "https://example.com/3", "速い。"),
        ("A diffusion of heat", "https://example.com/4", "熱。"),
    )
    with library_over(archive, tmp_path / "index") as library:
        answer = library.search("diffusion language models")
    assert [(hit.id[-2:], hit.near) for hit in answer.hits][:3] == [("#1", False), ("#2", False), ("#3", True)]
    assert (answer.total_stories, answer.complete) == (2, True)
    assert "diffusion language models (side by side)" in answer.understood


def test_words_that_no_story_has_side_by_side_are_no_name(archive: Path, post: Post, tmp_path: Path) -> None:
    post("2025-07-01-1", ("Mercury: fast language models based on diffusion", "https://example.com/3", "速い。"))
    with library_over(archive, tmp_path / "index") as library:
        answer = library.search("diffusion models")
    assert (answer.total_stories, answer.understood.split("; ")[0]) == (1, "diffusion + models")
