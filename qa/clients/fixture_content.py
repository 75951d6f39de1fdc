"""What the conformance suite asks a server to hold, as it stands on the wire: answers of tools, resources, prompts.

The names and texts are those that ``@modelcontextprotocol/conformance`` looks for; its scenarios describe them.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import wave
import zlib
from typing import Any

Wire = dict[str, Any]
"""A JSON object as it is sent, with the names of the protocol."""


def text_block(text: str) -> Wire:
    """A text block of a tool's answer or of a prompt's message."""
    return {"type": "text", "text": text}


def answer(*content: Wire) -> Wire:
    """The result of ``tools/call``."""
    return {"content": list(content)}


def _red_pixel() -> str:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00\xff\x00\x00")
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(image).decode("ascii")


def _silence() -> str:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 8)
    return base64.b64encode(file.getvalue()).decode("ascii")


_PIXEL = _red_pixel()
IMAGE: Wire = {"type": "image", "data": _PIXEL, "mimeType": "image/png"}
AUDIO: Wire = {"type": "audio", "data": _silence(), "mimeType": "audio/wav"}


def embedded(uri: str, kind: str, text: str) -> Wire:
    """A text resource inside an answer."""
    return {"type": "resource", "resource": {"uri": uri, "mimeType": kind, "text": text}}


PLAIN_TOOLS: dict[str, Wire] = {
    "test_simple_text": answer(text_block("This is a simple text response for testing.")),
    "test_image_content": answer(IMAGE),
    "test_audio_content": answer(AUDIO),
    "test_embedded_resource": answer(
        embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
    ),
    "test_multiple_content_types": answer(
        text_block("Multiple content types test:"),
        IMAGE,
        embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ),
    "test_error_handling": {
        "isError": True,
        "content": [text_block("This tool intentionally returns an error for testing")],
    },
    "json_schema_2020_12_tool": answer(text_block("The schema is what counts.")),
    "test_x_mcp_header": answer(text_block("The header is what counts.")),
}
"""Tools whose answer never changes."""

NO_ARGUMENTS: Wire = {"type": "object", "properties": {}, "additionalProperties": False}

SCHEMAS: dict[str, Wire] = {
    "test_sampling": {
        "type": "object",
        "properties": {"prompt": {"type": "string"}},
        "required": ["prompt"],
    },
    "test_elicitation": {
        "type": "object",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    },
    "test_x_mcp_header": {
        "type": "object",
        "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
    },
    "json_schema_2020_12_tool": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": {
            "address": {
                "$anchor": "addressDef",
                "type": "object",
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
            }
        },
        "properties": {
            "name": {"type": "string"},
            "address": {"$ref": "#/$defs/address"},
            "contactMethod": {"type": "string", "enum": ["phone", "email"]},
            "phone": {"type": "string"},
            "email": {"type": "string"},
        },
        "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
        "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
        "then": {"required": ["phone"]},
        "else": {"required": ["email"]},
        "additionalProperties": False,
    },
}
"""Input schemas of the tools that take arguments."""

RESOURCES: list[Wire] = [
    {"uri": "test://static-text", "name": "static-text", "description": "Plain text.", "mimeType": "text/plain"},
    {"uri": "test://static-binary", "name": "static-binary", "description": "One pixel.", "mimeType": "image/png"},
    {"uri": "test://watched-resource", "name": "watched", "description": "For subscribers.", "mimeType": "text/plain"},
]
TEMPLATES: list[Wire] = [
    {
        "uriTemplate": "test://template/{id}/data",
        "name": "template",
        "description": "Data of one id.",
        "mimeType": "application/json",
    }
]


def read(uri: str) -> Wire | None:
    """What stands at an address, or None where nothing does."""
    if uri == "test://static-text":
        return {"uri": uri, "mimeType": "text/plain", "text": "This is the content of the static text resource."}
    if uri == "test://static-binary":
        return {"uri": uri, "mimeType": "image/png", "blob": _PIXEL}
    if uri == "test://watched-resource":
        return {"uri": uri, "mimeType": "text/plain", "text": "It may change."}
    head, tail = "test://template/", "/data"
    if uri.startswith(head) and uri.endswith(tail) and len(uri) > len(head) + len(tail):
        name = uri[len(head) : -len(tail)]
        data = json.dumps({"id": name, "templateTest": True, "data": f"Data for ID: {name}"})
        return {"uri": uri, "mimeType": "application/json", "text": data}
    return None


PROMPTS: list[Wire] = [
    {"name": "test_simple_prompt", "description": "One message."},
    {
        "name": "test_prompt_with_arguments",
        "description": "One message made of two arguments.",
        "arguments": [
            {"name": "arg1", "description": "The first.", "required": True},
            {"name": "arg2", "description": "The second.", "required": True},
        ],
    },
    {
        "name": "test_prompt_with_embedded_resource",
        "description": "A resource and a message.",
        "arguments": [{"name": "resourceUri", "description": "What to embed.", "required": True}],
    },
    {"name": "test_prompt_with_image", "description": "An image and a message."},
    {"name": "test_input_required_result_prompt", "description": "Asks the user before it answers."},
]


def prompt(name: str, given: dict[str, str]) -> list[Wire] | None:
    """The contents of a prompt's messages, or None where there is no such prompt."""
    if name == "test_simple_prompt":
        return [text_block("This is a simple prompt for testing.")]
    if name == "test_prompt_with_arguments":
        return [text_block(f"Prompt with arguments: arg1='{given.get('arg1', '')}', arg2='{given.get('arg2', '')}'")]
    if name == "test_prompt_with_embedded_resource":
        address = given.get("resourceUri", "test://embedded-resource")
        return [
            embedded(address, "text/plain", "Embedded resource content for testing."),
            text_block("Please process the embedded resource above."),
        ]
    if name == "test_prompt_with_image":
        return [IMAGE, text_block("Please analyze the image above.")]
    return None
