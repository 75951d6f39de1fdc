"""The conformance suite's tools that do something while they run: report, log, ask the client, change the lists."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import mcp_types as types
from fixture_content import Wire, answer, text_block
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata

Context = ServerRequestContext[Any, Any]
Tool = Callable[[Context, Wire], Awaitable[Wire]]

BUS = InMemorySubscriptionBus()
"""Where the tools that change a list say so; ``subscriptions/listen`` hears it."""
_PAUSE = 0.05


async def _log(context: Context, *lines: str) -> None:
    for number, line in enumerate(lines):
        if number:
            await anyio.sleep(_PAUSE)
        await context.session.send_log_message(level="info", data=line, related_request_id=context.request_id)


async def _with_logging(context: Context, _given: Wire) -> Wire:
    await _log(context, "Tool execution started", "Tool processing data", "Tool execution completed")
    return answer(text_block("Three lines were logged."))


async def _with_progress(context: Context, _given: Wire) -> Wire:
    for done in (0, 50, 100):
        await context.session.report_progress(done, 100)
        await anyio.sleep(_PAUSE)
    return answer(text_block("Done in three steps."))


async def _sampling(context: Context, given: Wire) -> Wire:
    block = types.TextContent(text=given["prompt"])
    wanted = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=block)], max_tokens=100
    )
    said = await context.session.send_request(
        types.CreateMessageRequest(params=wanted),
        types.CreateMessageResult,
        metadata=ServerMessageMetadata(related_request_id=context.request_id),
    )
    text = said.content.text if isinstance(said.content, types.TextContent) else ""
    return answer(text_block(f"LLM response: {text}"))


async def _elicit(context: Context, message: str, properties: Wire, required: list[str]) -> str:
    schema = {"type": "object", "properties": properties, "required": required}
    said = await context.session.elicit_form(message, schema, related_request_id=context.request_id)
    return f"action={said.action}, content={said.content or {}}"


async def _elicitation(context: Context, given: Wire) -> Wire:
    fields = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    return answer(text_block("User response: " + await _elicit(context, given["message"], fields, list(fields))))


async def _elicitation_defaults(context: Context, _given: Wire) -> Wire:
    fields = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }
    return answer(text_block("Elicitation completed: " + await _elicit(context, "Who are you?", fields, [])))


async def _elicitation_enums(context: Context, _given: Wire) -> Wire:
    names = [{"const": "value1", "title": "First"}, {"const": "value2", "title": "Second"}]
    plain = ["option1", "option2", "option3"]
    fields = {
        "untitledSingle": {"type": "string", "enum": plain},
        "titledSingle": {"type": "string", "oneOf": names},
        "legacyEnum": {"type": "string", "enum": ["opt1", "opt2"], "enumNames": ["Option One", "Option Two"]},
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
        "titledMulti": {"type": "array", "items": {"anyOf": names}},
    }
    return answer(text_block("Elicitation completed: " + await _elicit(context, "Choose.", fields, [])))


async def _missing_capability(context: Context, _given: Wire) -> Wire:
    able = context.session.client_capabilities
    if able is None or able.sampling is None:
        raise MCPError(
            code=types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            message="This tool asks the client's model; the client did not say that it may.",
            data={"requiredCapabilities": {"sampling": {}}},
        )
    return answer(text_block("The client can sample."))


async def _tool_change(_context: Context, _given: Wire) -> Wire:
    await BUS.publish(ToolsListChanged())
    return answer(text_block("Listeners were told that the tools changed."))


async def _prompt_change(_context: Context, _given: Wire) -> Wire:
    await BUS.publish(PromptsListChanged())
    return answer(text_block("Listeners were told that the prompts changed."))


async def _reconnection(context: Context, _given: Wire) -> Wire:
    if context.close_sse_stream is not None:
        await context.close_sse_stream()
    await anyio.sleep(2 * _PAUSE)
    return answer(text_block("Sent after the stream was closed."))


ACTIVE_TOOLS: dict[str, Tool] = {
    "test_tool_with_logging": _with_logging,
    "test_logging_tool": _with_logging,
    "test_tool_with_progress": _with_progress,
    "test_sampling": _sampling,
    "test_elicitation": _elicitation,
    "test_elicitation_sep1034_defaults": _elicitation_defaults,
    "test_elicitation_sep1330_enums": _elicitation_enums,
    "test_missing_capability": _missing_capability,
    "test_trigger_tool_change": _tool_change,
    "test_trigger_prompt_change": _prompt_change,
    "test_reconnection": _reconnection,
}
"""By name: what it does with the request's context and arguments."""
