"""Whoever may see some of several archives is answered as if there were no others: every answer, to the last count."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from comparing import differences, level
from growing_archive import SCENARIOS, Clock, GrowingArchive, first_files, perform

from conftest import TODAY
from zunda_mcp.config.load import load_settings
from zunda_mcp.index.impact import Lengths
from zunda_mcp.library import Library

SEED = 20261129


@pytest.fixture(autouse=True)
def same_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores know the average length of all stories, those of hidden archives too; here it is the same everywhere."""
    monkeypatch.setattr(Lengths, "over", classmethod(lambda cls, *_: cls(20.0, 100.0)))


def alone(whole: Library, names: Sequence[str]) -> Library:
    """A library of these archives and no others, with an index of its own."""
    settings = whole.settings.within(names)
    index = whole.settings.index.with_name(f"index-{'-'.join(names)}")
    return Library(settings.model_copy(update={"index": index}), now=TODAY.astimezone)


def library_of(root: Path, names: Sequence[str], embedder: str, **more: object) -> Library:
    """A library of all archives of a scenario."""
    archives = [f"{name}={root / 'archive' / name}" for name in names]
    options = {"index": root / "index", "environ": {}, "cwd": root, "embedder": embedder, **more}
    settings = load_settings(archives=archives, **options)  # type: ignore[arg-type]  # whatever a test asks for
    return Library(settings, now=TODAY.astimezone)


def grow(root: Path, archive: GrowingArchive, clock: Clock, steps: int, *, calm: bool = True) -> None:
    """Let archives grow by some steps, and until each has something."""
    first_files(root / "archive", archive.parts)
    while steps > 0 or len({path.partition("/")[0] for path in archive.files}) < len(archive.parts):
        for operation in archive.next_operations(calm=calm):
            perform(root / "archive", operation, clock)
        steps -= 1


@pytest.mark.parametrize("embedder", ["none", "use"])
@pytest.mark.parametrize("scenario", ["several", "several feeds"])
def test_an_archive_that_is_hidden_is_in_no_answer(scenario: str, embedder: str, tmp_path: Path) -> None:
    archive, clock, rng = GrowingArchive(SCENARIOS[scenario], random.Random(SEED)), Clock(), random.Random(SEED)
    grow(tmp_path, archive, clock, 12)
    names = archive.folders
    with library_of(tmp_path, names, embedder) as whole:
        for visible in ([names[0]], names[1:]):
            whole.refresh()
            view = whole.within(visible)
            with alone(whole, visible) as built:
                built.refresh(rebuild=True)
                level(view)
                found = differences(view, built, rng, share=0.04)
                assert not found, f"within {visible}: {found[0]}"
            grow(tmp_path, archive, clock, 4, calm=False)
