"""``zunda-mcp completion SHELL``: a script that completes verbs, options and their values in bash, zsh or fish.

The script is made from the command line itself, and asks for nothing while one types: names of sources and clients are
those of the moment it was made, folders and files are the shell's own.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from zunda_mcp.cli.arguments import Arguments, parsers
from zunda_mcp.errors import ArgumentError

__all__ = ["completion", "script"]

_FILES = ("DIR", "FILE", "NAME[=DIR]", "SOURCE")
"""What a value is called that the shell completes as a path."""


@dataclass(frozen=True, slots=True)
class _Option:
    """An option: its names, what it does, and the values it takes; ``files`` for a path, None for no value at all."""

    names: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None
    files: bool


@dataclass(frozen=True, slots=True)
class _Verb:
    """A verb: its name, what it does, its options, and what its words may be."""

    name: str
    help: str
    options: tuple[_Option, ...]
    words: tuple[str, ...]
    files: bool


def completion(arguments: Arguments) -> bool:
    """Print the script for a shell. Raises ``ArgumentError`` for another shell."""
    print(script("".join(arguments.words)), end="")
    return True


def script(shell: str) -> str:
    """The script for ``bash``, ``zsh`` or ``fish``. Raises ``ArgumentError`` for another one."""
    if shell not in _SHELLS:
        raise ArgumentError("SHELL", f"there is no completion for {shell!r}; write bash, zsh or fish.")
    return _SHELLS[shell](tuple(_verbs()))


def _verbs() -> Iterable[_Verb]:
    _, every = parsers()
    names = _names()
    for name, parser in every.items():
        options, words, files = [], names.get(name, ()), False
        for action in parser._actions:
            if action.option_strings:
                options.append(_option(action))
            elif action.metavar in _FILES:
                files = True
            elif action.metavar == "VERB":
                words = tuple(every)
        yield _Verb(name, (parser.description or "").rstrip("."), tuple(options), words, files)


def _option(action: argparse.Action) -> _Option:
    values = None if action.nargs == 0 else tuple(map(str, action.choices or ()))
    return _Option(tuple(action.option_strings), action.help or "", values, action.metavar in _FILES)


def _names() -> Mapping[str, tuple[str, ...]]:
    """What the words of some verbs are taken from."""
    from zunda_mcp.install.clients import CLIENTS
    from zunda_mcp.sources.store import records

    clients = tuple(client.name for client in CLIENTS)
    sources = tuple(record.name for record in records())
    shells = tuple(_SHELLS)
    named = {"install": clients, "uninstall": clients, "completion": shells, "show": ("latest",)}
    return named | dict.fromkeys(("sync", "remove"), sources)


def _bash(verbs: tuple[_Verb, ...]) -> str:
    cases = []
    for verb in verbs:
        words = " ".join([*verb.words, *(name for option in verb.options for name in option.names)])
        values = [
            f"        {'|'.join(option.names)}) {_bash_values(option)} ;;"
            for option in verb.options
            if option.values is not None
        ]
        inner = ["      case $prev in", *values, f"        *) words={shlex.quote(words)} ;;", "      esac"]
        if verb.files:
            inner.append("      [[ $cur != -* ]] && files=1")
        cases.append("\n".join([f"    {verb.name})", *inner, "      ;;"]))
    names = " ".join(verb.name for verb in verbs)
    return "\n".join(
        [
            '# eval "$(zunda-mcp completion bash)"',
            "_zunda_mcp() {",
            "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words= files=",
            f"  if (( COMP_CWORD == 1 )); then words={shlex.quote(names)}; else",
            "  case ${COMP_WORDS[1]} in",
            *cases,
            "  esac; fi",
            '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
            '  [[ $files ]] && COMPREPLY+=($(compgen -f -- "$cur"))',
            "}",
            "complete -o filenames -F _zunda_mcp zunda-mcp",
            "",
        ]
    )


def _bash_values(option: _Option) -> str:
    return "files=1" if option.files else f"words={shlex.quote(' '.join(option.values or ()))}"


def _zsh(verbs: tuple[_Verb, ...]) -> str:
    cases = []
    for verb in verbs:
        specs = [_zsh_option(name, option) for option in verb.options for name in option.names]
        words = f"({' '.join(verb.words)})" if verb.words else ("_files" if verb.files else " ")
        specs.append(shlex.quote(f"*:word:{words}"))
        cases.append(f"    {verb.name}) _arguments -S {' '.join(specs)} ;;")
    names = " ".join(shlex.quote(f"{verb.name}:{_zsh_text(verb.help)}") for verb in verbs)
    return "\n".join(
        [
            "#compdef zunda-mcp",
            '# eval "$(zunda-mcp completion zsh)", or as a file _zunda-mcp in a folder of $fpath',
            "_zunda_mcp() {",
            f"  local -a verbs=({names})",
            "  if (( CURRENT == 2 )); then _describe verb verbs; return; fi",
            "  local verb=$words[2]",
            "  shift words; (( CURRENT-- ))",
            "  case $verb in",
            *cases,
            "  esac",
            "}",
            "if [[ $funcstack[1] == _zunda-mcp ]]; then _zunda_mcp; else compdef _zunda_mcp zunda-mcp; fi",
            "",
        ]
    )


def _zsh_option(name: str, option: _Option) -> str:
    text = f"*{name}[{_zsh_text(option.help)}]"
    if option.values is not None:
        text += ":value:" + ("_files" if option.files else f"({' '.join(option.values)})" if option.values else " ")
    return shlex.quote(text)


def _zsh_text(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "[]:" else letter for letter in text)


def _fish(verbs: tuple[_Verb, ...]) -> str:
    lines = ["# zunda-mcp completion fish | source", "complete -c zunda-mcp -f"]
    for verb in verbs:
        lines.append(f"complete -c zunda-mcp -n __fish_use_subcommand -a {verb.name} -d {shlex.quote(verb.help)}")
        when = shlex.quote(f"__fish_seen_subcommand_from {verb.name}")
        if verb.words:
            lines.append(f"complete -c zunda-mcp -n {when} -a {shlex.quote(' '.join(verb.words))}")
        if verb.files:
            lines.append(f"complete -c zunda-mcp -n {when} -F")
        for option in verb.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
            takes = "" if option.values is None else (" -r -F" if option.files else " -x")
            values = f" -a {shlex.quote(' '.join(option.values))}" if option.values else ""
            lines.append(f"complete -c zunda-mcp -n {when} {names}{takes}{values} -d {shlex.quote(option.help)}")
    return "\n".join([*lines, ""])


_SHELLS: Mapping[str, Callable[[tuple[_Verb, ...]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
