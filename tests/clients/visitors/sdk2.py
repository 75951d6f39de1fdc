"""The Python SDK 2.x as a visitor, in the mode the plan names."""

import asyncio

import mcp_types
import tour
from mcp import Client, StdioServerParameters


async def visit(plan):
    """Make the tour in a session."""
    if plan.get("url"):
        server = plan["url"]
    else:
        command, *rest = plan["command"]
        server = StdioServerParameters(command=command, args=rest, env=tour.environment())
    async with Client(server, mode=plan["mode"]) as client:
        seen = await tour.look_around(client, plan, lambda uri: mcp_types.ResourceTemplateReference(uri=uri))
        about = {"server": tour.wire(client.server_info), "capabilities": tour.wire(client.server_capabilities)}
        return seen | about | {"era": client.protocol_version}


tour.tell(asyncio.run(visit(tour.read_plan())))
