"""``zunda-mcp schema``: the JSON Schema of what each verb prints with ``--json``.

It is kept in ``docs/json-schema.json``, and a test holds the two against each other: fields are added, and none is
taken away or changes its meaning without a line in CHANGELOG.md. So a reader passes over fields it does not know.
"""

from __future__ import annotations

import difflib
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.errors import ArgumentError

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["JSON_ANSWERS", "json_schema", "schema"]

JSON_ANSWERS = {
    "index": "answers:RefreshReport",
    "survey": "sources.archive_survey:SurveyList",
    "search": "answers:SearchResult",
    "find": "answers:TextMatches",
    "show": "answers:EpisodeAnswer",
    "topics": "answers:TopicList",
    "timeline": "answers:Timeline",
    "related": "answers:Related",
    "quote": "answers:QuoteCheck",
    "use": "cli.default_verb:DefaultArchive",
    "add": "sources.store:Added",
    "sync": "cli.source_verbs:SyncReport",
    "sources": "cli.source_verbs:SourceList",
    "remove": "cli.source_verbs:SourceList",
    "doctor": "cli.doctor:Diagnosis",
    "install": "cli.install_verbs:Installation",
    "uninstall": "cli.install_verbs:Installation",
}
"""The model that each verb with ``--json`` prints: its module below ``zunda_mcp``, and its name."""


def schema(arguments: Arguments) -> bool:
    """Print the schema of one verb, or that of all of them by name. Raises ``ArgumentError`` for another verb."""
    verb = "".join(arguments.words)
    if verb and verb not in JSON_ANSWERS:
        near = difflib.get_close_matches(verb, JSON_ANSWERS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(JSON_ANSWERS)}."
        raise ArgumentError("VERB", f"{verb} prints no JSON; {hint}")
    print(json.dumps(json_schema(verb or None), ensure_ascii=False, indent=1))
    return True


def json_schema(verb: str | None = None) -> dict[str, Any]:
    """The schema of what a verb prints; without one, a schema whose ``properties`` are those of all verbs."""
    from pydantic.json_schema import models_json_schema  # start-up

    chosen = [verb] if verb else list(JSON_ANSWERS)
    models = [_model(JSON_ANSWERS[one]) for one in chosen]
    places, definitions = models_json_schema([(model, "serialization") for model in dict.fromkeys(models)])
    head: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    refs = [dict(places[model, "serialization"]) for model in models]
    whole = (
        head | {"title": f"zunda-mcp {verb} --json", **refs[0]}
        if verb
        else head | {"title": "zunda-mcp VERB --json, by verb", "properties": dict(zip(chosen, refs, strict=True))}
    )
    open_ended = _open_ended(whole | definitions)
    assert isinstance(open_ended, dict)
    return open_ended


def _model(path: str) -> type[BaseModel]:
    module, _, name = path.partition(":")
    model: type[BaseModel] = getattr(import_module(f"zunda_mcp.{module}"), name)
    return model


def _open_ended(part: object) -> object:
    """The schema without the words that forbid other fields: there may be more of them in another version."""
    if isinstance(part, dict):
        return {
            name: _open_ended(value)
            for name, value in part.items()
            if not (name == "additionalProperties" and value is False)
        }
    return [_open_ended(one) for one in part] if isinstance(part, list) else part
