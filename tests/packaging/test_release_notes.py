"""The notes of a release are its section of the changelog."""

from __future__ import annotations

import re

import pytest

import bundle
import release_notes
import zunda_mcp

CHANGELOG = """# Changes

## [Unreleased]

### Added

- **A new one**: see `## [1.0.0]`.

## [1.0.0] - 2026-01-02

The first.

## [0.9.0] - 2025-12-31
"""


def test_the_notes_end_where_the_version_before_begins() -> None:
    assert release_notes.release_notes(CHANGELOG, "1.0.0") == "The first."
    assert release_notes.release_notes(CHANGELOG, "unreleased") == "### Added\n\n- **A new one**: see `## [1.0.0]`."


@pytest.mark.parametrize(("version", "reason"), [("2.0.0", "Unreleased, 1.0.0, 0.9.0"), ("0.9.0", "empty")])
def test_a_version_without_notes_is_refused_with_the_reason(version: str, reason: str) -> None:
    with pytest.raises(LookupError, match=reason):
        release_notes.release_notes(CHANGELOG, version)


def test_the_version_of_the_package_has_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert release_notes.main([zunda_mcp.__version__]) == 0
    assert "### Added" in capsys.readouterr().out


def test_an_unknown_version_is_one_sentence_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert release_notes.main(["99.0.0"]) == 1
    assert "No section [99.0.0]" in capsys.readouterr().err


def test_the_changelog_keeps_to_the_form_of_keep_a_changelog() -> None:
    """https://keepachangelog.com/en/1.1.0/: a heading for each version, below it the six kinds of change, each once."""
    text = (bundle.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert versions[0].startswith("[Unreleased]\n")
    for version in versions:
        assert re.match(r"\[(Unreleased\]|\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2})\n", version)
        kinds = re.findall(r"^### (.+)$", version, re.MULTILINE)
        assert len(kinds) == len(set(kinds))
        assert set(kinds) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
