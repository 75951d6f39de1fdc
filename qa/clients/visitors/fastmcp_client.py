"""The client of fastmcp as a visitor, in the mode the plan names."""

import asyncio

import mcp_types
import tour
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport


class Plain:
    """The client's methods that give whole results, under the names of an SDK's client."""

    def __init__(self, client):
        self.list_tools = client.list_tools_mcp
        self.call_tool = client.call_tool_mcp
        self.list_resources = client.list_resources_mcp
        self.list_resource_templates = client.list_resource_templates_mcp
        self.read_resource = client.read_resource_mcp
        self.list_prompts = client.list_prompts_mcp
        self.get_prompt = client.get_prompt_mcp
        self.complete = client.complete_mcp


async def visit(plan):
    """Make the tour in a session."""
    if plan.get("url"):
        transport = StreamableHttpTransport(plan["url"])
    else:
        command, *rest = plan["command"]
        transport = StdioTransport(command, rest, env=tour.environment())
    async with Client(transport, mode=plan["mode"]) as client:
        seen = await tour.look_around(Plain(client), plan, lambda uri: mcp_types.ResourceTemplateReference(uri=uri))
        return seen | {"era": client.protocol_version, "server": tour.wire(client.server_info)}


tour.tell(asyncio.run(visit(tour.read_plan())))
