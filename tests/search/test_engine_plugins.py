"""An engine of somebody else: installed, named by the scheme of an address, and asked instead of our own."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from conftest import SAMPLE, install_distribution
from zunda_mcp.engine.engine_choice import GROUP
from zunda_mcp.errors import SettingsError
from zunda_mcp.library import Library

MODULE = '''
"""The engine of this package, under another address, which it keeps for the test to see."""

from zunda_mcp.engine.local import LocalEngines

opened = []


def open_here(address, live, aliases, embedder):
    opened.append(address)
    return LocalEngines(live, aliases, embedder)


def broken(address, live, aliases, embedder):
    raise AssertionError


del broken
'''


@pytest.fixture(autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with two entry points, as an installer leaves it."""
    site = tmp_path_factory.mktemp("site")
    entries = "here = zunda_here:open_here\nbroken = zunda_here:broken\n"
    install_distribution(site, "zunda_here", MODULE, GROUP, entries)
    monkeypatch.syspath_prepend(str(site))


def test_an_installed_engine_answers_for_addresses_of_its_scheme(tmp_path: Path) -> None:
    with Library.open(SAMPLE, index=tmp_path / "index", embedder="none", engine="HERE://anywhere/show") as library:
        library.refresh()
        assert library.search("TensorRT-LLM").total_stories == 2
    assert importlib.import_module("zunda_here").opened == ["HERE://anywhere/show"]


def test_a_scheme_that_nobody_reads_names_those_that_are_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"vespa://; there are http://, https://, broken://, here://\."):
        Library.open(SAMPLE, index=tmp_path / "index", embedder="none", engine="vespa://host/show")


def test_an_engine_that_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"The engine broken cannot be loaded \(AttributeError"):
        Library.open(SAMPLE, index=tmp_path / "index", embedder="none", engine="broken://host/show")
