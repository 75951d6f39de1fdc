"""A row of words is one name where most stories have them side by side; stories that have them apart are not lost."""

from __future__ import annotations

from pathlib import Path

from conftest import Post, library_over
from zunda_mcp.rendering.search_text import headline


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
    assert (answer.total_stories, answer.complete, answer.apart) == (2, True, 1)
    assert headline(answer) == "2 stories in 1 episode. Complete side by side; 1 more with the words apart."
    assert "diffusion language models (side by side)" in answer.understood


def test_words_that_no_story_has_side_by_side_are_no_name(archive: Path, post: Post, tmp_path: Path) -> None:
    post("2025-07-01-1", ("Mercury: fast language models based on diffusion", "https://example.com/3", "速い。"))
    with library_over(archive, tmp_path / "index") as library:
        answer = library.search("diffusion models")
    assert (answer.total_stories, answer.understood.split("; ")[0]) == (1, "diffusion + models")


def test_a_name_of_several_words_is_found_in_the_other_number_in_writing_and_in_speech(
    archive: Path, post: Post, tmp_path: Path
) -> None:
    post("2025-07-01-1", ("On rubber ducks", "https://example.com/1", "The rubber ducks of a programmer."))
    post("2025-07-02-2", ("The rubber duck", "https://example.com/2", "One on each desk."))
    post("2025-07-03-3", ("A talk", "https://example.com/3", "On debugging."))
    (archive / "2025-07-03-3.srt").write_text(
        "1\n00:00:01,000 --> 00:00:04,000\nTalk to one of your rubber ducks.\n", encoding="utf-8"
    )
    with library_over(archive, tmp_path / "index") as library:
        ids = {hit.id[:10] for hit in library.search("rubber duck").hits if not hit.near}
    assert ids == {"2025-07-01", "2025-07-02", "2025-07-03"}


def test_of_two_things_that_no_story_has_together_the_first_of_each_is_listed(
    archive: Path, post: Post, tmp_path: Path
) -> None:
    post(
        "2025-07-01-1",
        ("猫カフェの開店", "https://example.com/cat", "駅前に保護猫とふれあえる喫茶店ができた。猫カフェ。"),
        ("株価の急落", "https://example.com/stock", "東京市場で株価が大きく下がり、投資家に不安が広がった。"),
        ("大雨の被害", "https://example.com/rain", "台風による大雨で川があふれ、道路が通れなくなった。"),
    )
    with library_over(archive, tmp_path / "index", embedder="use") as library:
        library.refresh()
        ids = [hit.id[-2:] for hit in library.search("株価と猫カフェ").hits]
    assert sorted(ids[:2]) == ["#1", "#2"]
