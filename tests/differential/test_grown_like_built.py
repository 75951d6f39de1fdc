"""After every change, an index that grew answers as one built anew; ``make stress HARNESS=differential`` has more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from comparing import Difference, differences
from growing_archive import SCENARIOS, Delete, Write
from replaying import Pair, Step, cut_down, fails, run, steps_of

from conftest import TODAY, library_over
from zunda_mcp.config.load import load_settings
from zunda_mcp.library import Library

SEED = 20261128
SHORT = ("conventions", "captions", "several")


@pytest.mark.parametrize("scenario", SHORT)
def test_an_index_that_grew_answers_as_one_built_anew(scenario: str, tmp_path: Path) -> None:
    steps, failures = run(scenario, SEED, 3, tmp_path, share=0.04, stop_at_first=True)
    assert not failures, str(failures[0])
    assert steps == 3


def test_a_run_is_the_same_for_the_same_seed() -> None:
    for scenario in SCENARIOS:
        first, second, other = (
            [str(step) for step, _ in zip(steps_of(scenario, seed), range(8), strict=False)] for seed in (1, 1, 2)
        )
        assert first == second != other


def test_archives_that_differ_are_found_to_answer_differently(tmp_path: Path) -> None:
    pages = {}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        text = f"---\ntitle: 豆\ndate: 2031-01-01\n---\n\n- [枝豆 {name}](https://a.example)\n\n豆の要点。\n"
        (tmp_path / name / "2031-01-01-1.md").write_text(text, encoding="utf-8")
        pages[name] = library_over(tmp_path / name, tmp_path / f"index-{name}")
    with pages["one"] as one, pages["two"] as two:
        found = differences(one, two, random.Random(1), share=0.1)
        assert any(difference.kind == "search" for difference in found)
        assert differences(one, one, random.Random(1), share=0.1) == []


def test_a_fault_is_a_difference_even_where_both_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "show").mkdir()
    settings = load_settings(episodes=[tmp_path / "show"], index=tmp_path / "index", environ={}, embedder="none")
    monkeypatch.setattr(Library, "sites", lambda _: 1 // 0)
    with Library(settings, now=TODAY.astimezone) as library:
        found = differences(library, library, random.Random(1), share=0.1)
    assert next(one.question for one in found if "ZeroDivisionError" in one.grown) == "sites()"


def test_a_failing_run_is_cut_down_to_the_step_that_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compare(pair: Pair, *_: object) -> list[Difference]:
        return [Difference("search('x')", "1", "2")] if any(pair.root.rglob("bad.md")) else []

    monkeypatch.setattr(Pair, "compare", compare)
    good, bad = (Write(f"show/{name}.md", b"---\ntitle: x\n---\n") for name in ("good", "bad"))
    steps = [Step((good,), "refresh"), Step((good,)), Step((bad, good)), Step((Delete("show/good.md"),)), Step((good,))]
    assert fails("prose", steps, tmp_path, seed=SEED, at=5)
    assert not fails("prose", steps[:2], tmp_path, seed=SEED, at=2)
    monkeypatch.setattr("replaying.steps_of", lambda *_, **__: iter(steps))
    _, (failure, *_) = run("prose", SEED, 5, tmp_path)
    least = cut_down(failure, tmp_path, 0.1)
    assert [operation for step in least.steps for operation in step.operations] == [bad]
