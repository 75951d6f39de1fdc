"""The Python SDK 1.x as a visitor."""

import asyncio
from contextlib import asynccontextmanager

import tour
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.stdio import stdio_client
from pydantic import AnyUrl


@asynccontextmanager
async def streams(plan):
    """What to read from and write to, on either transport."""
    if plan.get("url"):
        from mcp.client.streamable_http import streamablehttp_client  # not in the first of them

        async with streamablehttp_client(plan["url"]) as (read, write, _session_id):
            yield read, write
    else:
        command, *rest = plan["command"]
        async with stdio_client(StdioServerParameters(command=command, args=rest, env=tour.environment())) as pair:
            yield pair


async def visit(plan):
    """Make the tour in a session."""
    heard = []

    async def hear(message):
        if isinstance(message, types.ServerNotification):
            heard.append(tour.notice(message))

    async with streams(plan) as (read, write), ClientSession(read, write, message_handler=hear) as session:
        greeted = await session.initialize()
        if plan.get("watch"):
            await session.subscribe_resource(AnyUrl(plan["watch"]["uri"]))
            return await tour.wait_for_notices(session, plan, heard) | {"era": str(greeted.protocolVersion)}

        def template(uri):
            kind = getattr(types, "ResourceTemplateReference", None) or types.ResourceReference
            return kind(type="ref/resource", uri=uri)

        seen = await tour.look_around(session, plan, template, AnyUrl)
        return seen | {"era": str(greeted.protocolVersion), "server": tour.wire(greeted.serverInfo)}


tour.tell(asyncio.run(visit(tour.read_plan())))
