"""The verbs for other programs: ``completion`` for shells, and ``schema`` for programs that read ``--json``.

``zunda-mcp completion SHELL`` prints a script that completes verbs, options and values in bash, zsh or fish. At each
press of the key the script calls ``zunda-mcp completion offers -- WORD…`` to complete the last word, so it always knows
the installed version and the added sources. Each line of the output is a word, a tab and its meaning; ``*`` stands for
the shell's own files and folders.

``zunda-mcp schema`` prints the JSON Schema of what each verb prints with ``--json``. ``docs/json-schema.json`` is a
copy, and a test compares the two. Fields may be added, so programs should ignore unknown ones; none is removed or
changes its meaning without a line in CHANGELOG.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zunda_mcp.cli.arguments import Arguments, unknown
from zunda_mcp.cli.verb_table import VERBS, loaded
from zunda_mcp.errors import ArgumentError

__all__ = ["completion", "json_schema", "offers", "schema"]

_FILES = ("DIR", "FILE", "NAME[=DIR]", "SOURCE")
"""Names of values (in ``--help``) that the shell completes as paths."""

_SCRIPTS: Mapping[str, str] = {
    "bash": """\
# eval "$(zunda-mcp completion bash)"
_zunda_mcp() {
  local line cur=${COMP_WORDS[COMP_CWORD]}
  [[ $cur == = ]] && cur=
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == '*' ]]; then
      while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
    else
      COMPREPLY+=("${line%%$'\\t'*}")
    fi
  done < <(zunda-mcp completion offers -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2> /dev/null)
}
complete -o filenames -F _zunda_mcp zunda-mcp
""",
    "zsh": """\
#compdef zunda-mcp
# eval "$(zunda-mcp completion zsh)", or as a file _zunda-mcp in a folder of $fpath
_zunda_mcp() {
  local line
  local -a offered
  for line in "${(@f)$(zunda-mcp completion offers -- "${(@)words[2,CURRENT]}" 2> /dev/null)}"; do
    if [[ $line == '*' ]]; then _files; elif [[ -n $line ]]; then offered+=("${${line//:/\\\\:}/$'\\t'/:}"); fi
  done
  _describe -t words word offered
}
if [[ $funcstack[1] == _zunda-mcp ]]; then _zunda_mcp; else compdef _zunda_mcp zunda-mcp; fi
""",
    "fish": """\
# zunda-mcp completion fish | source
function __zunda_mcp
    set -l words (commandline -opc) (commandline -ct)
    for line in (zunda-mcp completion offers -- $words[2..] 2> /dev/null)
        if test "$line" = '*'
            __fish_complete_path (commandline -ct)
        else
            printf '%s\\n' $line
        end
    end
end
complete -c zunda-mcp -f -a '(__zunda_mcp)'
""",
}


def completion(arguments: Arguments) -> bool:
    """Print the completion script of a shell. Raises ``ArgumentError`` for an unknown shell."""
    shell, *words = arguments.words
    if shell == "offers":
        for offer in offers(words):
            print("\t".join(filter(None, offer)))
    elif shell in _SCRIPTS and not words:
        print(_SCRIPTS[shell], end="")
    else:
        raise ArgumentError("SHELL", f"there is no completion for {arguments.text!r}; write bash, zsh or fish.")
    return True


def offers(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Return completions of the last word of a command line (without ``zunda-mcp``) as pairs of word and help text. A
    word ``*`` means file names.
    """
    *before, word = words or [""]
    if not before:
        return _beginning(word, [(name, verb.help) for name, verb in VERBS.items()])
    if before[0] not in VERBS:
        return []
    verb = VERBS[before[0]]
    if word == "=" or before[-1] == "=":  # bash cuts --sort=newest into three
        before, word = before[: -1 if before[-1] == "=" else None], word.strip("=")
    named, equals, value = word.partition("=")
    for option in verb.all_options():
        if not option.takes_value:
            continue
        choices = [(str(choice), "") for choice in option.details.get("choices", ())]
        files = [("*", "")] if option.details.get("metavar") in _FILES else []
        if before[-1] in option.names:
            return [*_beginning(word, choices), *files]
        if equals and named in option.names:
            return [(f"{named}={choice}", "") for choice, _ in _beginning(value, choices)]
    options = [(name, str(option.details.get("help") or "")) for option in verb.all_options() for name in option.names]
    kind = "DIR" if verb.folders else verb.words.rstrip("!")
    files = [("*", "")] if kind in _FILES and not word.startswith("-") else []
    return [*_beginning(word, [*_words_of(before[0]), *(options if word.startswith("-") else ())]), *files]


def _beginning(word: str, offered: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in offered if one[0].startswith(word)]


def _words_of(verb: str) -> list[tuple[str, str]]:
    """Return the words that a verb can take and their meanings, as far as they are known."""
    if verb in ("install", "uninstall"):
        from zunda_mcp.install.clients import CLIENTS  # start-up: only for these verbs

        return [(client.name, client.title) for client in CLIENTS]
    if verb in ("sync", "remove", "use"):
        from zunda_mcp.sources.store import records  # start-up: only for these verbs

        return [(record.name, record.kind) for record in records()]
    others = {"completion": list(_SCRIPTS), "show": ["latest"], "schema": [one for one in VERBS if VERBS[one].prints]}
    return [(word, "") for word in others.get(verb, ())]


def schema(arguments: Arguments) -> bool:
    """Print ``json_schema`` of a verb, or of all. Raises ``ArgumentError`` for a verb that prints no JSON."""
    print(json.dumps(json_schema(arguments.text), ensure_ascii=False, indent=1))
    return True


def json_schema(verb: str = "") -> dict[str, Any]:
    """Return the JSON Schema of what a verb prints; without a verb, one whose ``properties`` are those of all verbs.

    Raises ``ArgumentError`` for a verb that prints no JSON.
    """
    from pydantic.json_schema import models_json_schema  # start-up: completion must answer at each press of a key

    printing = {name: loaded(one.prints) for name, one in VERBS.items() if one.prints and verb in ("", name)}
    if not printing:
        with_json = [name for name, one in VERBS.items() if one.prints]
        raise ArgumentError("VERB", f"{unknown('JSON of a verb', verb, with_json)} ({', '.join(with_json)})")
    places, definitions = models_json_schema([(model, "serialization") for model in dict.fromkeys(printing.values())])
    refs = {name: dict(places[model, "serialization"]) for name, model in printing.items()}
    title = f"zunda-mcp {verb} --json" if verb else "zunda-mcp VERB --json, by verb"
    answer = refs[verb] if verb else {"properties": refs}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    open_ended = _open_ended({**head, **answer, **definitions})
    assert isinstance(open_ended, dict)
    return open_ended


def _open_ended(part: object) -> object:
    """Return the schema without ``additionalProperties: false``, since another version may have more fields."""
    if isinstance(part, dict):
        return {
            name: _open_ended(value)
            for name, value in part.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open_ended(one) for one in part] if isinstance(part, list) else part
