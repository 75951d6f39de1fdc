"""The Python SDK 2.x as a visitor, in the mode the plan names."""

import asyncio

import mcp_types
import tour
from mcp import Client, StdioServerParameters


async def watch(server, plan):
    """Hear of a new episode: by notices of the session, or by a stream where there are no sessions."""
    heard = []

    async def hear(message):
        if hasattr(message, "method"):
            heard.append(tour.notice(message))

    async def follow(stream):
        async for event in stream:
            heard.append(getattr(event, "uri", "list"))

    uri = plan["watch"]["uri"]
    async with Client(server, mode=plan["mode"], message_handler=hear) as client:
        if plan["mode"] == "legacy":
            await client.subscribe_resource(uri)
            seen = await tour.wait_for_notices(client, plan, heard)
        else:
            async with client.listen(resources_list_changed=True, resource_subscriptions=[uri]) as stream:
                following = asyncio.ensure_future(follow(stream))
                seen = await tour.wait_for_notices(client, plan, heard)
                following.cancel()
        return seen | {"era": client.protocol_version}


async def visit(plan):
    """Make the tour in a session."""
    if plan.get("url"):
        server = plan["url"]
    else:
        command, *rest = plan["command"]
        server = StdioServerParameters(command=command, args=rest, env=tour.environment())
    if plan.get("watch"):
        return await watch(server, plan)
    async with Client(server, mode=plan["mode"]) as client:
        seen = await tour.look_around(client, plan, lambda uri: mcp_types.ResourceTemplateReference(uri=uri))
        about = {"server": tour.wire(client.server_info), "capabilities": tour.wire(client.server_capabilities)}
        return seen | about | {"era": client.protocol_version}


tour.tell(asyncio.run(visit(tour.read_plan())))
