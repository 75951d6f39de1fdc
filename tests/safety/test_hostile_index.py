"""Whatever somebody put into an index, no pickle in it is read, and nothing in it leads outside its folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import preloaded
import pytest
from hostile_index import WHERE, accept, lay_trap, spring

from conftest import SAMPLE, Post, library_over
from zunda_mcp.errors import ZundaError
from zunda_mcp.index import inventory
from zunda_mcp.index.generation import is_usable
from zunda_mcp.index.inventory import digest_of
from zunda_mcp.library import Library

A = ("量子化の話", "https://example.com/a", "モデルを量子化して小さくする。")
B = ("音声合成の話", "https://example.com/b", "声を合成する新しい手法。")


def titles(library: Library) -> set[str]:
    return {hit.title for hit in library.search("", limit=50, max_chars=60_000).hits}


def use(library: Library) -> None:
    """Everything that opens files of an index, for reading and for writing; what is broken may be said."""
    for act in (
        lambda: library.search("量子化"),
        lambda: library.topics(""),
        lambda: library.check_quote("モデルを量子化して小さくする。"),
        library.refresh,
        lambda: library.refresh(rebuild=True),
    ):
        with contextlib.suppress(Exception):  # what damage is told as is asked elsewhere; here, what it runs
            act()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Whoosh leaves the file open
@pytest.mark.parametrize("where", ["schema", "segments"])
def test_the_trap_is_a_real_one(show: Library, post: Post, tmp_path: Path, where: str) -> None:
    post("2025-07-01-1", A)
    generation = tmp_path / "show-index" / show.refresh().generation
    lay_trap(generation, where, tmp_path / "RAN")
    spring(generation)
    assert (tmp_path / "RAN").exists()


@pytest.mark.parametrize("where", WHERE)
def test_files_replaced_under_a_right_inventory_run_nothing(
    show: Library, post: Post, archive: Path, tmp_path: Path, where: str
) -> None:
    post("2025-07-01-1", A)
    name = show.refresh().generation
    show.close()
    lay_trap(tmp_path / "show-index" / name, where, tmp_path / "RAN")
    post("2025-07-02-2", B)  # a small change starts from the segments that are there
    with library_over(archive, tmp_path / "show-index") as library:
        use(library)
        assert titles(library) == {"量子化の話", "音声合成の話"}
    assert not (tmp_path / "RAN").exists()


@pytest.mark.parametrize("where", WHERE)
def test_a_generation_swapped_under_a_valid_pointer_runs_nothing(
    show: Library, post: Post, archive: Path, tmp_path: Path, where: str
) -> None:
    post("2025-07-01-1", A)
    name = show.refresh().generation
    show.close()
    foreign = tmp_path / "foreign"
    shutil.copytree(tmp_path / "show-index" / name, foreign)
    shutil.copy(tmp_path / "show-index" / "CURRENT", tmp_path)
    lay_trap(foreign, where, tmp_path / "RAN")
    shutil.rmtree(tmp_path / "show-index" / name)
    (tmp_path / "show-index" / name).symlink_to(foreign, target_is_directory=True)
    accept(tmp_path / "show-index" / name)
    post("2025-07-02-2", B)
    with library_over(archive, tmp_path / "show-index") as library:
        use(library)
        assert titles(library) == {"量子化の話", "音声合成の話"}
    assert not (tmp_path / "RAN").exists()
    assert (foreign / "meta.json").exists()  # what a link leads to is nobody's to sweep


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("forged", ["inventory above", "inventory absolute", "segment above", "link", "pipe"])
def test_an_index_that_leads_outside_is_rebuilt(
    show: Library, post: Post, archive: Path, tmp_path: Path, forged: str
) -> None:
    post("2025-07-01-1", A)
    generation = tmp_path / "show-index" / show.refresh().generation
    show.close()
    precious = tmp_path / "show-index" / "precious"
    precious.write_text("mine", encoding="utf-8")
    listed = json.loads((generation / "inventory.json").read_text(encoding="utf-8"))
    record = [4, precious.stat().st_mtime_ns, digest_of(precious)]
    if forged.startswith("inventory"):
        listed |= {"../precious" if forged.endswith("above") else str(precious): record}
        (generation / "inventory.json").write_text(json.dumps(listed), encoding="utf-8")
    elif forged == "segment above":
        text = (generation / "meta.json").read_text(encoding="utf-8").replace('"name":"MAIN_', '"name":"../../x_')
        (generation / "meta.json").write_text(text, encoding="utf-8")
        inventory.write(generation, inventory.take(generation, {}))
    elif forged == "link":
        (generation / "words.txt").unlink()
        (generation / "words.txt").symlink_to(precious)
        (generation / "inventory.json").write_text(json.dumps(listed | {"words.txt": record}), encoding="utf-8")
    else:
        (generation / "words.txt").unlink()
        os.mkfifo(generation / "words.txt")
        (generation / "inventory.json").write_text(json.dumps(listed | {"words.txt": [0, 0, ""]}), encoding="utf-8")
    accept(generation)
    post("2025-07-02-2", B)
    with library_over(archive, tmp_path / "show-index") as library:
        assert titles(library) == {"量子化の話", "音声合成の話"}
        assert not (tmp_path / "show-index" / library.refresh().generation / "precious").exists()
    assert precious.read_text(encoding="utf-8") == "mine"
    assert precious.stat().st_nlink == 1


@pytest.mark.parametrize(
    "pointer",
    [
        b'{"generation": "g000001", "schema": 9, "inventory": "\xc3\xa9"}',
        b'{"generation": "g000001", "schema": 9, "inventory": "\\ud800"}',
        b'{"generation": "../../g000001", "schema": 9, "inventory": "x"}',
        b'{"generation": ["g000001"], "schema": 9}',
        b"[" * 100_000,
        b'"g000001"',
        b"\xff\xfe",
        b"9" * 10_000,
        b"",
    ],
    ids=lambda pointer: str(pointer[:24]),
)
def test_a_pointer_that_makes_no_sense_is_no_pointer(post: Post, archive: Path, tmp_path: Path, pointer: bytes) -> None:
    post("2025-07-01-1", A)
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "CURRENT").write_bytes(pointer)
    assert not is_usable(tmp_path / "index")
    with library_over(archive, tmp_path / "index") as library:
        assert titles(library) == {"量子化の話"}
    assert is_usable(tmp_path / "index")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_in_the_place_of_a_pointer_keeps_nobody_waiting(post: Post, archive: Path, tmp_path: Path) -> None:
    post("2025-07-01-1", A)
    (tmp_path / "index").mkdir()
    os.mkfifo(tmp_path / "index" / "CURRENT")
    assert not is_usable(tmp_path / "index")
    with library_over(archive, tmp_path / "index") as library:
        assert titles(library) == {"量子化の話"}


def test_no_class_is_ever_taken_from_a_pickle(tmp_path: Path) -> None:
    """Python tells an audit hook of every name that a pickle asks for (``pickle.find_class``, PEP 578)."""
    episodes = tmp_path / "episodes"
    shutil.copytree(SAMPLE, episodes)
    program = f"""
import sys
asked = []
sys.addaudithook(lambda event, values: asked.append(values) if event == "pickle.find_class" else None)
from pathlib import Path
from zunda_mcp.library import Library; from zunda_mcp.config.load import load_settings
settings = load_settings(episodes=[{str(episodes)!r}], index={str(tmp_path / "index")!r}, environ={{}}, embedder="none")
files = sorted(Path({str(episodes)!r}).glob("*.md"))
with Library.open(settings) as library:
    library.refresh()
    for number, file in enumerate(files[:10]):  # small segments, until they are merged
        file.write_text(file.read_text(encoding="utf-8") + f"\\nまた{{number}}\\n", encoding="utf-8")
        library.refresh()
    hits = library.search("AI").hits
    library.related(hits[0].id); library.topics(""); library.timeline("AI"); library.episode(hits[0].id)
    library.check_quote(hits[0].title)
with Library.open(settings) as library:
    assert library.search("AI").hits
    library.refresh(rebuild=True)
assert not asked, asked
import pickle
pickle.loads(pickle.dumps(Path("x")))
assert asked  # and the hook hears
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
@pytest.mark.parametrize("name", ["CURRENT", "CURRENT.new", "writer.lock"])
def test_a_link_in_an_index_folder_changes_no_file_elsewhere(
    post: Post, archive: Path, tmp_path: Path, name: str
) -> None:
    post("2025-07-01-1", A)
    precious = tmp_path / "precious"
    precious.write_text("mine", encoding="utf-8")
    index = tmp_path / "laid-out"
    index.mkdir()
    (index / name).symlink_to(precious)
    with library_over(archive, index) as library:
        try:
            assert titles(library) == {"量子化の話"}
        except ZundaError:
            assert name == "writer.lock"  # no lock is taken through a link
    assert precious.read_text(encoding="utf-8") == "mine"


def cloned(folder: Path) -> Path:
    """A folder as a clone of a stranger's archive may be: with episodes, and an index of the stranger's."""
    folder.mkdir()
    shutil.copytree(SAMPLE, folder / "episodes")
    with library_over(folder / "episodes", folder / "index") as library:
        name = library.refresh().generation
    lay_trap(folder / "index" / name, "everything", folder / "RAN")
    return folder


def told(folder: Path, home: Path, *words: str) -> dict[str, object]:
    """What the command says as JSON when it is run in ``folder`` by a user with this home."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ZUNDA_MCP_", "XDG_"))}
    env |= {"HOME": str(home), "USERPROFILE": str(home), "LOCALAPPDATA": str(home), "ZUNDA_MCP_EMBEDDER": "none"}
    done = preloaded.run(words, env, folder)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_an_index_that_came_with_a_cloned_archive_runs_nothing(tmp_path: Path) -> None:
    clone, home = cloned(tmp_path / "clone"), tmp_path / "home"
    home.mkdir()
    assert told(clone, home, "search", "AI", "--json")["hits"]
    assert not (clone / "RAN").exists()


def test_an_index_folder_of_ones_own_stays_beside_the_episodes(tmp_path: Path) -> None:
    folder, home = tmp_path / "mine", tmp_path / "home"
    home.mkdir()
    shutil.copytree(SAMPLE, folder / "episodes")
    for _ in range(2):
        assert told(folder, home, "search", "AI", "--json")["hits"]
    assert (folder / "index" / "CURRENT").is_file()
    assert not list(home.rglob("CURRENT"))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_an_index_folder_that_is_a_link_of_the_archive_is_not_written_through(tmp_path: Path) -> None:
    folder, home, elsewhere = tmp_path / "clone", tmp_path / "home", tmp_path / "profile"
    home.mkdir()
    elsewhere.mkdir()
    (elsewhere / "CURRENT").write_text("MANIFEST-000001", encoding="utf-8")
    shutil.copytree(SAMPLE, folder / "episodes")
    (folder / "index").symlink_to(elsewhere, target_is_directory=True)
    assert told(folder, home, "search", "AI", "--json")["hits"]
    assert files(elsewhere) == {"CURRENT": b"MANIFEST-000001"}
