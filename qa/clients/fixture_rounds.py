"""The conformance suite's tools and prompt that ask back by an ``InputRequiredResult`` (2026-07-28, SEP-2322)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fixture_content import Wire, answer, text_block

Answers = Mapping[str, Any]
"""What the client answered, by the name of the question."""

_ROUND, _NAME = "round", "name"


def _schema(name: str, kind: str) -> Wire:
    return {"type": "object", "properties": {name: {"type": kind}}, "required": [name]}


def elicit(message: str, name: str, kind: str = "string") -> Wire:
    """A question for the user with one field."""
    return {
        "method": "elicitation/create",
        "params": {"mode": "form", "message": message, "requestedSchema": _schema(name, kind)},
    }


def sample(text: str, most: int) -> Wire:
    """A question for the client's model."""
    return {
        "method": "sampling/createMessage",
        "params": {"messages": [{"role": "user", "content": text_block(text)}], "maxTokens": most},
    }


_ROOTS: Wire = {"method": "roots/list", "params": {}}


def ask(questions: Wire, state: str | None = None) -> Wire:
    """The result that asks the client to come back with answers."""
    result: Wire = {"resultType": "input_required", "inputRequests": questions}
    if state is not None:
        result["requestState"] = state
    return result


def _field(answers: Answers, question: str, field: str) -> str | None:
    given = answers.get(question)
    content = given.get("content") if isinstance(given, dict) else None
    value = content.get(field) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None


def _elicitation(answers: Answers, _state: str | None, _able: Answers) -> Wire:
    name = _field(answers, "user_name", "name")
    if name is None:
        return ask({"user_name": elicit("What is your name?", "name")})
    return answer(text_block(f"Hello, {name}!"))


def _sampling(answers: Answers, _state: str | None, _able: Answers) -> Wire:
    text = _field(answers, "capital_question", "text")
    if text is None:
        return ask({"capital_question": sample("What is the capital of France?", 100)})
    return answer(text_block(text))


def _list_roots(answers: Answers, _state: str | None, _able: Answers) -> Wire:
    given = answers.get("client_roots")
    if not isinstance(given, dict) or "roots" not in given:
        return ask({"client_roots": _ROOTS})
    return answer(text_block("Roots: " + ", ".join(root["uri"] for root in given["roots"])))


def _request_state(answers: Answers, state: str | None, _able: Answers) -> Wire:
    if "confirm" in answers and state == "asked to confirm":
        return answer(text_block("state-ok"))
    return ask({"confirm": elicit("Please confirm", "ok", "boolean")}, "asked to confirm")


def _multiple_inputs(answers: Answers, state: str | None, _able: Answers) -> Wire:
    questions = {
        "user_name": elicit("What is your name?", "name"),
        "greeting": sample("Generate a greeting", 50),
        "client_roots": _ROOTS,
    }
    if state is not None and questions.keys() <= answers.keys():
        return answer(text_block("All three were answered."))
    return ask(questions, "asked three")


def _multi_round(answers: Answers, state: str | None, _able: Answers) -> Wire:
    before = json.loads(state) if state is not None else {}
    if before.get(_ROUND) == 2 and (color := _field(answers, "step2", "color")):
        return answer(text_block(f"{before[_NAME]} likes {color}."))
    if before.get(_ROUND) == 1 and (name := _field(answers, "step1", "name")):
        kept = json.dumps({_ROUND: 2, _NAME: name})
        return ask({"step2": elicit("Step 2: What is your favorite color?", "color")}, kept)
    return ask({"step1": elicit("Step 1: What is your name?", "name")}, json.dumps({_ROUND: 1}))


def _tampered_state(_answers: Answers, state: str | None, _able: Answers) -> Wire:
    if state == "sealed":
        return answer(text_block("state-ok"))
    return ask({"confirm": elicit("Please confirm", "ok", "boolean")}, "sealed")


def _capabilities(_answers: Answers, _state: str | None, able: Answers) -> Wire:
    questions = {}
    if able.get("sampling") is not None:
        questions["sample"] = sample("Say hello", 50)
    if able.get("elicitation") is not None:
        questions["ask"] = elicit("What is your name?", "name")
    return ask(questions, "asked what the client can answer")


def _streaming_elicitation(answers: Answers, state: str | None, able: Answers) -> Wire:
    return _elicitation(answers, state, able)


ROUNDS: dict[str, Callable[[Answers, str | None, Answers], Wire]] = {
    "test_input_required_result_elicitation": _elicitation,
    "test_input_required_result_sampling": _sampling,
    "test_input_required_result_list_roots": _list_roots,
    "test_input_required_result_request_state": _request_state,
    "test_input_required_result_multiple_inputs": _multiple_inputs,
    "test_input_required_result_multi_round": _multi_round,
    "test_input_required_result_tampered_state": _tampered_state,
    "test_input_required_result_capabilities": _capabilities,
    "test_streaming_elicitation": _streaming_elicitation,
}
"""By name of the tool: what it answers, from the client's answers, the state it sent along, and what it can do."""


def prompt_round(answers: Answers) -> Wire:
    """``prompts/get`` of the prompt that asks for its context first."""
    context = _field(answers, "user_context", "context")
    if context is None:
        return ask({"user_context": elicit("What context should the prompt use?", "context")})
    return {"messages": [{"role": "user", "content": text_block(f"Use this context: {context}")}]}
