"""The house as docs/architecture.md draws it, checked in the syntax trees of every module.

Rooms import downwards only and in no circle, folders and files keep to a size, names are the field's, and what a module
offers stands in its ``__all__``. Where the code does not keep a rule yet, ``known_faults.toml`` says so. It is exact: a
new fault fails, and so does an entry that is no longer true. To print the faults of today in its form::

    python tests/architecture/test_architecture.py
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from source_tree import (
    ROOT,
    arrows,
    defined,
    defined_at_top,
    exported,
    imports,
    imports_inside_functions,
    libraries,
    modules,
    nodes,
    python_files,
    room,
    tree,
    uses,
    words,
)

ROOMS = (
    *("errors", "models", "answers", "config", "text", "embeddings", "topics", "reading", "index", "query", "engine"),
    *("results", "sources", "install", "library", "rendering", "server", "cli"),
)
"""From the lowest to the highest; a room imports only rooms before it."""

SERVE = {
    "server.http.uvicorn_server",
    "server.notifications",
    "server.stdio.stdio_server",
    "server.web.static_site",
}
"""What the command line may import of the server: ``serve`` and ``open`` start it, ``export`` writes its pages."""

MOST_ENTRIES = 20
MOST_LINES = 400
FEWEST_LINES = 40
BANNED_FILES = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "functions", "stuff"}
OLD_WORDS = {
    "told", "said", "heard", "asked", "known", "found", "bridge", "bridges", "crossing", "crossings", "verdict",
    "verdicts", "cutting", "framing", "shelf", "shelves", "surveying", "companions", "hearing", "labelled", "leaks",
    "wear", "sweeping", "gathered", "front", "behind", "telling", "greeting", "answering", "fit",
}  # fmt: skip
"""Words that were ours alone; docs/architecture.md has the field's."""

ENDINGS = ("ations", "ation", "ings", "ing", "ions", "ion", "ies", "ers", "er", "ed", "es", "s", "y", "e")

KNOWN: Mapping[str, list[str] | dict[str, int]] = tomllib.loads(
    Path(__file__).with_name("known_faults.toml").read_text(encoding="utf-8")
)


# --- the checks: each returns its faults, by name, or counted by room or file ----------------------------------------


def circles() -> set[str]:
    """Modules that import each other, directly or through others, at the top or inside functions."""
    return _circles(arrows(types=False))


def circles_of_types() -> set[str]:
    """The same with what is imported for type checkers alone."""
    return _circles(arrows()) - circles()


def _circles(graph: Mapping[str, set[str]]) -> set[str]:
    """The strongly connected components of a graph (Tarjan, SIAM Journal on Computing 1:2, 1972)."""
    order, lowest = dict[str, int](), dict[str, int]()
    stack: list[str] = []
    found: set[str] = set()

    def visit(name: str) -> None:
        order[name] = lowest[name] = len(order)
        stack.append(name)
        for target in graph.get(name, ()):
            if target not in order:
                visit(target)
                lowest[name] = min(lowest[name], lowest[target])
            elif target in stack:
                lowest[name] = min(lowest[name], order[target])
        if lowest[name] == order[name]:
            component = [stack.pop()]
            while component[-1] != name:
                component.append(stack.pop())
            if len(component) > 1:
                found.add(" ".join(sorted(component)))

    for name in graph:
        if name not in order:
            visit(name)
    return found


def arrows_up() -> set[str]:
    """Imports of a higher room."""
    floors = {name: floor for floor, name in enumerate(ROOMS)}
    return {
        f"{name} -> {target}"
        for name, targets in arrows().items()
        for target in targets
        if room(name) in floors and floors[room(target)] > floors[room(name)]
    }


def rooms_without_floor() -> set[str]:
    return {room(name) for name in modules() if name} - {*ROOMS, "__main__"}


def full_folders() -> set[str]:
    """Folders with more entries than one can take in at a glance."""
    folders = {path.parent for path in python_files("src", "tests", "qa", "benchmarks", "packaging")}
    folders |= {ROOT / "docs", *(folder.parent for folder in folders if folder != ROOT)}
    return {
        str(folder.relative_to(ROOT).as_posix())
        for folder in folders - {ROOT}
        if sum(not entry.name.startswith(("__pycache__", "__init__", ".")) for entry in folder.iterdir()) > MOST_ENTRIES
    }


def files_of_one_name() -> set[str]:
    counts = Counter(path.name for path in python_files("src", "tests", "qa", "benchmarks", "packaging", "examples"))
    return {name for name, count in counts.items() if count > 1 and not name.startswith("__")}


def classes_of_one_name() -> set[str]:
    """Public classes of the package that are called alike, and so are two things to whoever searches for one."""
    classes = [node for path in modules().values() for node in tree(path).body if isinstance(node, ast.ClassDef)]
    counts = Counter(node.name for node in classes)
    return {name for name, count in counts.items() if count > 1 and not name.startswith("_")}


def siblings_that_differ_by_an_ending() -> set[str]:
    stems: dict[tuple[Path, str], set[str]] = defaultdict(set)
    for path in python_files("src", "tests", "qa", "benchmarks", "packaging"):
        for entry in (path.stem, path.parent.name) if path.name == "__init__.py" else (path.stem,):
            folder = path.parent.parent if entry == path.parent.name else path.parent
            if not entry.startswith("__"):
                stems[folder, _stem(entry)].add(entry)
    return {" ".join(sorted(entries)) for entries in stems.values() if len(entries) > 1}


def _stem(name: str) -> str:
    for ending in ENDINGS:
        if name.endswith(ending) and len(name) - len(ending) >= 4:
            return name.removesuffix(ending)
    return name


def banned_files() -> set[str]:
    files = python_files("src", "tests", "qa", "benchmarks", "packaging", "examples")
    return {path.name for path in files if path.stem in BANNED_FILES or words(path.stem) & OLD_WORDS}


def long_modules() -> set[str]:
    return {name for name, path in modules().items() if len(path.read_text("utf-8").splitlines()) > MOST_LINES}


def short_modules() -> set[str]:
    """Modules of a few lines, whose contents could stand in the module that uses them."""
    lines = {name: len(path.read_text("utf-8").splitlines()) for name, path in modules().items()}
    return {name for name, path in modules().items() if path.stem[:2] != "__" and lines[name] < FEWEST_LINES}


def modules_without_docstring() -> set[str]:
    return {name for name, path in modules().items() if tree(path).body and not ast.get_docstring(tree(path))}


def modules_without_all() -> dict[str, int]:
    """Modules that others use and that do not say what they offer; one of constants alone offers all of them."""
    return Counter(
        room(name)
        for name, path in modules().items()
        if any(not one.isupper() for one in uses()[name]) and exported(path) is None
    )


def names_missing_in_all() -> set[str]:
    """Names that other modules use and that the ``__all__`` of their module leaves out, private ones with them."""
    return {
        f"{name}.{used}"
        for name, path in modules().items()
        if (listed := exported(path)) is not None
        for used in uses()[name] & defined_at_top(path) - listed
        if not used.startswith("__")
    }


def public_names_not_in_all() -> dict[str, int]:
    """Functions, classes and variables that only their own module uses, and that are not marked private."""
    return Counter(
        room(name)
        for name, path in modules().items()
        if (listed := exported(path)) is not None
        for one in defined_at_top(path) - listed
        if not one.startswith("_")
    )


def imports_without_reason() -> dict[str, int]:
    """Imports inside functions that do not say why they stand there: an optional package, or a quick start."""
    return Counter(
        room(name) for name, path in modules().items() for line in imports_inside_functions(path) if "#" not in line
    )


def ignores_without_reason() -> dict[str, int]:
    """Rules and types that are set aside on a line that does not say why."""
    bare = re.compile(r"# (?:noqa\b[\w:, ]*|type: ignore\b[^#]*)$|(?<![.\w])cast\([^#]*$", re.MULTILINE)
    faults = {name: len(bare.findall(path.read_text("utf-8"))) for name, path in modules().items()}
    return +Counter(faults)


def old_words() -> dict[str, int]:
    """Functions, classes, arguments and variables that are named in words which nobody else uses."""
    return Counter(room(name) for name, path in modules().items() for one in defined(path) if words(one) & OLD_WORDS)


def private_names_in_tests() -> dict[str, int]:
    """Private attributes and names of the package that tests reach into."""
    faults: Counter[str] = Counter()
    for path in python_files("tests"):
        own = set(defined(path))
        faults[path.name] += sum((imported or "").startswith("_") for _, imported in imports(path))
        faults[path.name] += sum(
            isinstance(node, ast.Attribute)
            and node.attr.startswith("_")
            and not node.attr.startswith("__")
            and node.attr not in own
            and not (isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", "os"})
            for node in nodes(path)
        )
    return +faults


CHECKS: tuple[Callable[[], set[str] | dict[str, int]], ...] = (
    circles,
    circles_of_types,
    arrows_up,
    rooms_without_floor,
    full_folders,
    files_of_one_name,
    classes_of_one_name,
    siblings_that_differ_by_an_ending,
    banned_files,
    long_modules,
    short_modules,
    modules_without_docstring,
    modules_without_all,
    names_missing_in_all,
    public_names_not_in_all,
    imports_without_reason,
    ignores_without_reason,
    old_words,
    private_names_in_tests,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.__name__))
def test_the_house_keeps_the_rule(check: Callable[[], object]) -> None:
    faults, known = check(), KNOWN.get(check.__name__, [])
    assert faults == (known if isinstance(known, dict) else set(known) if isinstance(faults, set) else {})


def test_every_known_fault_belongs_to_a_check() -> None:
    assert set(KNOWN) <= {check.__name__ for check in CHECKS}


def test_the_command_line_imports_of_the_server_only_what_serve_starts() -> None:
    taken = {target for name, targets in arrows().items() if room(name) == "cli" for target in targets}
    assert {target for target in taken if room(target) == "server"} <= SERVE


@pytest.mark.parametrize(("package", "home"), [("whoosh", "index"), ("mcp", "server"), ("uvicorn", "server.http")])
def test_a_library_is_imported_in_its_room_alone(package: str, home: str) -> None:
    users = {name for name, path in modules().items() if package in libraries(path)}
    assert users
    assert {name for name in users if not f"{name}.".startswith(f"{home}.")} == set()


def test_only_engines_read_the_index() -> None:
    """What is planned before an engine, and what is made of its answers, needs none in particular: ``engine.base``."""
    inner = {"index.reader", "index.postings", *_modules_of("engine")} - {"engine.base"}
    above = [name for name in modules() if room(name) in {"query", "results", "library", "rendering", "server", "cli"}]
    taken = {(name, target) for name in above for target, _ in imports(modules()[name]) if target in inner}
    assert taken == {("library", "engine.engine_choice")}  # which opens one


def _modules_of(of: str) -> set[str]:
    return {name for name in modules() if room(name) == of}


def test_a_name_in_all_is_defined() -> None:
    for name, path in modules().items():
        if name:  # the package loads its names when they are first used
            there = defined_at_top(path) | {str(imported) for _, imported in imports(path)}
            assert (exported(path) or set()) <= there, name


def print_faults() -> None:
    """What every check finds today, in the form of ``known_faults.toml``: tables last, since nothing ends them."""
    faults = {check.__name__: check() for check in CHECKS}
    for name, listed in faults.items():
        if isinstance(listed, set) and listed:
            print(f"{name} = [", *(f'  "{one}",' for one in sorted(listed)), "]", sep="\n")
    for name, counts in faults.items():
        if isinstance(counts, dict) and counts:
            print(f"[{name}]", *(f'"{one}" = {count}' for one, count in sorted(counts.items())), sep="\n")


if __name__ == "__main__":
    print_faults()
