"""The MCP client of the OpenAI Agents SDK as a visitor; no model is asked."""

import asyncio

import tour
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp


async def visit(plan):
    """Make the tour, as far as that client goes: it completes no arguments."""
    if plan.get("url"):
        server = MCPServerStreamableHttp({"url": plan["url"]}, client_session_timeout_seconds=60)
    else:
        command, *rest = plan["command"]
        params = {"command": command, "args": rest, "env": tour.environment()}
        server = MCPServerStdio(params, client_session_timeout_seconds=60)
    async with server:
        greeted = server.server_initialize_result
        era = getattr(greeted, "protocolVersion", None) or getattr(greeted, "protocol_version", None)
        if era is None and server.session is not None:
            era = getattr(server.session, "protocol_version", None)
        seen = {"era": str(era), "answers": {}, "messages": {}}

        async def tools():
            seen["tools"] = [tour.wire(tool) for tool in await server.list_tools()]
            for name, arguments in plan["calls"].items():
                seen["answers"][name] = tour.wire(await server.call_tool(name, arguments))
            wrong = plan["wrong_call"]
            seen["refusal"] = tour.wire(await server.call_tool(wrong["tool"], wrong["arguments"]))

        async def resources():
            seen["resources"] = tour.wire(await server.list_resources())["resources"]
            seen["templates"] = tour.wire(await server.list_resource_templates())["resourceTemplates"]
            seen["read"] = tour.wire(await server.read_resource(plan["uri"]))

        async def prompts():
            seen["prompts"] = tour.wire(await server.list_prompts())["prompts"]
            for prompt in seen["prompts"]:
                got = await server.get_prompt(prompt["name"], tour.fill(prompt, plan["words"]))
                seen["messages"][prompt["name"]] = tour.wire(got)["messages"]

        for part in (tools, resources, prompts):
            await tour.attempt(seen, part.__name__, part)
        return seen


tour.tell(asyncio.run(visit(tour.read_plan())))
