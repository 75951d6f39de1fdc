"""What a visiting client is asked to do on the sample archive, and whether what it saw is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from zunda_mcp.server.tools import TOOLS

EPISODE, STORY, WORD = "2025-07-08-279", "2025-07-08-279#2", "TensorRT-LLM"
PARTS = ("tools", "a wrong call", "resources", "completion", "prompts")

PLAN: dict[str, Any] = {
    "calls": {
        "search_episodes": {"query": WORD},
        "find_text": {"pattern": WORD},
        "get_episode": {"id": EPISODE},
        "list_topics": {},
        "topic_timeline": {"topic": WORD},
        "find_related": {"id": STORY},
        "check_quote": {"quote": "見るべき数字は一つではありません"},
    },
    "wrong_call": {"tool": "search_episodes", "arguments": {"qurey": WORD}},
    "uri": f"episode://{EPISODE}",
    "completion": {"template": "episode://{id}", "argument": {"name": "id", "value": "2025-07"}},
    "words": {
        "otherwise": WORD,
        "url": "https://developer.nvidia.com/blog/llm-inference-benchmarking-performance-tuning-with-tensorrt-llm/",
    },
}
"""The tour of ``visitors/tour.py``, but for the server and the mode."""

_SAID = {
    "search_episodes": STORY,
    "find_text": STORY,
    "get_episode": EPISODE,
    "list_topics": "RAG",
    "topic_timeline": "2025-12-18-389",
    "find_related": "2025-12-18-389#3",
    "check_quote": STORY,
}
"""What must stand in the answer of each tool, in every form that a client may show its model."""

Seen = dict[str, Any]


def judge(seen: Seen, part: str) -> str | None:
    """What is wrong with a part of what a client saw; None where it is right."""
    failed = seen.get("failed", {}).get("tools" if part == "a wrong call" else part)
    return f"the client says {failed}" if failed else _JUDGES[part](seen)


def _tools(seen: Seen) -> str | None:
    listed = [tool["name"] for tool in seen["tools"]]
    ours = [tool.name for tool in TOOLS]
    if listed != ours:
        return f"listed {listed}, not {ours}"
    for name, word in _SAID.items():
        answer = seen["answers"][name]
        text = "\n".join(block.get("text", "") for block in answer["content"])
        forms = [text]
        if answer.get("structuredContent") is not None:
            forms.append(json.dumps(answer["structuredContent"], ensure_ascii=False))
        if answer.get("isError") or not all(word in form for form in forms):
            return f"{name} answered without {word}: {text[:120]}"
    return None


def _wrong_call(seen: Seen) -> str | None:
    refusal = seen["refusal"]
    text = "\n".join(block.get("text", "") for block in refusal["content"])
    if not refusal.get("isError") or f'search_episodes(query="{WORD}")' not in text:
        return f"not refused with a corrected call: {text[:120]}"
    return None


def _resources(seen: Seen) -> str | None:
    if "resources" in seen:  # some clients only read
        if not any(one["uri"].startswith("archive://") for one in seen["resources"]):
            return "no archive:// resource is listed"
        if "episode://{id}" not in [one["uriTemplate"] for one in seen["templates"]]:
            return "the template episode://{id} is not listed"
    (contents,) = seen["read"]["contents"]
    return None if WORD in contents["text"] else f"episode://{EPISODE} is read without {WORD}"


def _completion(seen: Seen) -> str | None:
    values = seen["completion"]
    right = EPISODE in values and all("2025-07" in value for value in values)
    return None if right else f"2025-07 is completed to {values}"


def _prompts(seen: Seen) -> str | None:
    if not seen["prompts"]:
        return "no prompt is listed"
    for prompt in seen["prompts"]:
        texts = [message["content"]["text"] for message in seen["messages"][prompt["name"]]]
        if not all(texts):
            return f"{prompt['name']} is empty"
    return None


_JUDGES: dict[str, Callable[[Seen], str | None]] = {
    "tools": _tools,
    "a wrong call": _wrong_call,
    "resources": _resources,
    "completion": _completion,
    "prompts": _prompts,
}
