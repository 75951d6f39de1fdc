"""What the syntax trees of the repository say: modules, what they import, define and export."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "zunda_mcp"


@cache
def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name below it; the package itself is ``""``."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").removesuffix("."): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """The nodes of a file's syntax tree, breadth first, gathered once for all that look through them."""
    return tuple(ast.walk(tree(path)))


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    return tuple(path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))


def room(module: str) -> str:
    return module.partition(".")[0]


@cache
def imports(path: Path, *, types: bool = True) -> tuple[tuple[str, str | None], ...]:
    """What a file imports of the package, anywhere in it: module and name, or None for a module as a whole.

    Without ``types``, what only type checkers import is left out.
    """
    found: list[tuple[str, str | None]] = []
    skipped = set() if types else {id(node) for block in _type_blocks(path) for node in ast.walk(block)}
    for node in nodes(path):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "zunda_mcp":
            base = (node.module or "").removeprefix("zunda_mcp").removeprefix(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix(".")
                found.append((inner, None) if inner in modules() else (base, alias.name))
        elif isinstance(node, ast.Import):
            found += [
                (alias.name.removeprefix("zunda_mcp").removeprefix("."), None)
                for alias in node.names
                if alias.name.split(".")[0] == "zunda_mcp"
            ]
    return tuple(found)


@cache
def libraries(path: Path) -> set[str]:
    """The packages that a file imports, anywhere in it."""
    named: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and not node.level:
            named.add((node.module or "").partition(".")[0])
        elif isinstance(node, ast.Import):
            named |= {alias.name.partition(".")[0] for alias in node.names}
    return named


def _type_blocks(path: Path) -> Iterator[ast.If]:
    for node in nodes(path):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield node


def arrows(*, types: bool = True) -> dict[str, set[str]]:
    """Which module imports which: at the top, inside functions and, with ``types``, for type checkers alone."""
    return {name: {target for target, _ in imports(path, types=types)} - {name, ""} for name, path in modules().items()}


def imports_inside_functions(path: Path) -> Iterator[str]:
    """The lines of a file that import something inside a function, once for each function around them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    functions = [node for node in nodes(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for node in nodes(path):
        if isinstance(node, ast.Import | ast.ImportFrom):
            text = " ".join(lines[node.lineno - 1 : node.end_lineno])
            yield from (text for function in functions if function.lineno < node.lineno <= (function.end_lineno or 0))


@cache
def uses() -> dict[str, set[str]]:
    """The names of each module that other modules of the package use."""
    used: dict[str, set[str]] = defaultdict(set)
    for name, path in modules().items():
        whole = {}
        for target, imported in imports(path):
            if target != name and imported:
                used[target].add(imported)
            elif target != name:
                whole[target.rpartition(".")[2]] = target
        whole |= {local: whole[of] for of, local in _renamed(path) if of in whole}
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole:
                used[whole[node.value.id]].add(node.attr)
    return used


def _renamed(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports under another name, with that name."""
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom):
            yield from ((alias.name, alias.asname) for alias in node.names if alias.asname)


def exported(path: Path) -> set[str] | None:
    """What stands in the ``__all__`` of a module, None where there is none."""
    listed: set[str] | None = None
    for node in tree(path).body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign | ast.AugAssign) and node.value:
            targets = [node.target]
        else:
            continue
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert node.value
            texts = (one.value for one in ast.walk(node.value) if isinstance(one, ast.Constant))
            listed = (listed or set()) | {text for text in texts if isinstance(text, str)}
    return listed


def defined(path: Path) -> Iterator[str]:
    """The functions, classes, methods, fields and arguments that a module names, and its variables."""
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def defined_at_top(path: Path) -> set[str]:
    """The functions, classes and variables of a module itself."""
    names = set()
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


def words(name: str) -> set[str]:
    """The words of a name in snake case or camel case; *front matter* and *not found* are the field's own."""
    return {
        word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", re.sub("(?i)front_?matter|not_?found", "", name))
    }
