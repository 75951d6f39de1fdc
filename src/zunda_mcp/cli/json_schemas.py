"""``zunda-mcp schema``: the JSON Schema of what each verb prints with ``--json``.

It is kept in ``docs/json-schema.json``, and a test holds the two against each other: fields are added, and none is
taken away or changes its meaning without a line in CHANGELOG.md. So a reader passes over fields it does not know.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from zunda_mcp.cli.arguments import Arguments, unknown
from zunda_mcp.cli.verb_table import VERBS, loaded
from zunda_mcp.errors import ArgumentError

__all__ = ["json_schema", "schema"]


def schema(arguments: Arguments) -> bool:
    """Print the schema of one verb, or that of all of them by name. Raises ``ArgumentError`` for another verb."""
    print(json.dumps(json_schema(arguments.text), ensure_ascii=False, indent=1))
    return True


def json_schema(verb: str = "") -> dict[str, Any]:
    """The schema of what a verb prints; without one, a schema whose ``properties`` are those of all verbs.

    Raises ``ArgumentError`` for a verb that prints no JSON.
    """
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
    """The schema without the words that forbid other fields: there may be more of them in another version."""
    if isinstance(part, dict):
        return {
            name: _open_ended(value)
            for name, value in part.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open_ended(one) for one in part] if isinstance(part, list) else part
