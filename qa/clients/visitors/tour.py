"""What every visiting client does with the server: look at all that is offered, and use each kind of it.

A visitor runs with another environment than the project's, so nothing here imports more than the standard library. It
reads a plan from one file and writes what it saw, in the wire's own names, to another; a client may print as it likes.
"""

import asyncio
import json
import os
import pathlib
import shutil
import sys


def read_plan():
    """The plan: ``command`` or ``url``, ``mode``, ``calls``, ``wrong_call``, ``uri``, ``completion``, ``words``."""
    return json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))


def environment():
    """The environment for the server of a client that passes it on."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ZUNDA_MCP_")}


def wire(model):
    """A model of any SDK as it stands on the wire."""
    return model.model_dump(by_alias=True, mode="json", exclude_none=True)


def fill(prompt, words):
    """Arguments for a prompt: the plan's word for each one that is required."""
    wanted = [one["name"] for one in prompt.get("arguments") or [] if one.get("required")]
    return {name: words.get(name, words["otherwise"]) for name in wanted}


async def attempt(seen, part, doing):
    """Do one part of the tour; a part that fails is told, and the tour goes on."""
    try:
        await doing()
    except Exception as error:
        seen.setdefault("failed", {})[part] = f"{type(error).__name__}: {error}"


async def look_around(session, plan, template_reference, address=str):
    """What a session with the methods of an SDK's client sees on the whole tour."""
    seen = {"answers": {}, "messages": {}}

    async def tools():
        seen["tools"] = wire(await session.list_tools())["tools"]
        for name, arguments in plan["calls"].items():
            seen["answers"][name] = wire(await session.call_tool(name, arguments))
        wrong = plan["wrong_call"]
        seen["refusal"] = wire(await session.call_tool(wrong["tool"], wrong["arguments"]))

    async def resources():
        seen["resources"] = wire(await session.list_resources())["resources"]
        seen["templates"] = wire(await session.list_resource_templates())["resourceTemplates"]
        seen["read"] = wire(await session.read_resource(address(plan["uri"])))

    async def completion():
        asked = plan["completion"]
        completed = await session.complete(template_reference(asked["template"]), asked["argument"])
        seen["completion"] = wire(completed)["completion"]["values"]

    async def prompts():
        seen["prompts"] = wire(await session.list_prompts())["prompts"]
        for prompt in seen["prompts"]:
            got = await session.get_prompt(prompt["name"], fill(prompt, plan["words"]))
            seen["messages"][prompt["name"]] = wire(got)["messages"]

    for part in (tools, resources, completion, prompts):
        await attempt(seen, part.__name__, part)
    return seen


async def wait_for_notices(session, plan, heard):
    """Let a new episode appear, and wait until ``heard``, which fills meanwhile, holds the list and what is watched."""
    watch = plan["watch"]
    await session.call_tool("search_episodes", {"query": ""})
    shutil.copy(watch["from"], watch["to"])
    for _ in range(watch["seconds"] * 10):
        if "list" in heard and watch["uri"] in heard:
            break
        await asyncio.sleep(0.1)
    return {"notices": heard}


def notice(message):
    """What a notice of a handshake session announces: ``list``, the URI of a resource, or nothing of interest."""
    found = wire(getattr(message, "root", message))
    if found.get("method") == "notifications/resources/list_changed":
        return "list"
    return found["params"]["uri"] if found.get("method") == "notifications/resources/updated" else None


def tell(seen):
    """Write what was seen."""
    pathlib.Path(sys.argv[2]).write_text(json.dumps(seen, ensure_ascii=False), encoding="utf-8")
