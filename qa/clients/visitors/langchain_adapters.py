"""LangChain's adapters as a visitor: tools become LangChain tools, resources blobs, prompts messages."""

import asyncio

import tour
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.prompts import load_mcp_prompt
from langchain_mcp_adapters.resources import load_mcp_resources
from langchain_mcp_adapters.tools import load_mcp_tools


def said(content):
    """The text of a message, whether it is one string or blocks."""
    return content if isinstance(content, str) else "\n".join(block.get("text", "") for block in content)


async def visit(plan):
    """Make the tour, as far as the adapters go."""
    if plan.get("url"):
        connection = {"transport": "streamable_http", "url": plan["url"]}
    else:
        command, *rest = plan["command"]
        connection = {"transport": "stdio", "command": command, "args": rest, "env": tour.environment()}
    client = MultiServerMCPClient({"zunda": connection})
    async with client.session("zunda", auto_initialize=False) as session:
        greeted = await session.initialize()
        seen = {"era": str(greeted.protocolVersion), "server": tour.wire(greeted.serverInfo)}
        seen |= {"answers": {}, "messages": {}}
        loaded = {}

        async def call(name, arguments):
            message = await loaded[name].ainvoke({"type": "tool_call", "id": "1", "name": name, "args": arguments})
            found = {"content": [{"type": "text", "text": said(message.content)}]}
            return found | {"isError": message.status == "error"}

        async def tools():
            loaded.update({tool.name: tool for tool in await load_mcp_tools(session)})
            seen["tools"] = [{"name": name, "description": tool.description} for name, tool in loaded.items()]
            for name, arguments in plan["calls"].items():
                seen["answers"][name] = await call(name, arguments)
            wrong = plan["wrong_call"]
            seen["refusal"] = await call(wrong["tool"], wrong["arguments"])

        async def resources():
            blobs = await load_mcp_resources(session, uris=[plan["uri"]])
            seen["read"] = {"contents": [{"uri": plan["uri"], "text": blob.as_string()} for blob in blobs]}

        async def prompts():
            seen["prompts"] = tour.wire(await session.list_prompts())["prompts"]
            for prompt in seen["prompts"]:
                messages = await load_mcp_prompt(session, prompt["name"], arguments=tour.fill(prompt, plan["words"]))
                told = [{"content": {"type": "text", "text": said(message.content)}} for message in messages]
                seen["messages"][prompt["name"]] = told

        for part in (tools, resources, prompts):
            await tour.attempt(seen, part.__name__, part)
        return seen


tour.tell(asyncio.run(visit(tour.read_plan())))
