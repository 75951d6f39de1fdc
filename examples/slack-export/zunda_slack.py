"""The export of a Slack workspace (https://slack.com/help/articles/220556107): a channel's day is an episode.

A message with its replies is a story. Text is in Slack's ``mrkdwn``
(https://docs.slack.dev/messaging/formatting-message-text): links in angle brackets, people and channels by number.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from zunda_mcp.config.files import read_regular
from zunda_mcp.reading.draft import Draft, Entry
from zunda_mcp.reading.formats import Format

if TYPE_CHECKING:
    from pathlib import Path

    from zunda_mcp.models import Problem
    from zunda_mcp.reading.detection.conventions import Origin

__all__ = ["SlackDay"]

_TOKEN = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")
_MESSAGE = re.compile(r'"ts"\s*:\s*"\d{10}\.\d{6}"')
_BEGINNING = 20_000
_QUIET = frozenset({"channel_join", "channel_leave", "channel_topic", "channel_purpose", "channel_name", "bot_add"})
"""Subtypes of messages that nobody wrote."""


class SlackDay(Format):
    """One day of a channel: ``general/2024-01-05.json``."""

    suffixes = frozenset({".json"})
    max_bytes = 32 * 1024 * 1024

    def claims(self, text: str) -> bool:
        """Whether this JSON is a day of Slack: a list of messages with its time stamps."""
        beginning = text[:_BEGINNING]
        return beginning.lstrip().startswith("[") and '"type"' in beginning and _MESSAGE.search(beginning) is not None

    def read(self, text: str, origin: Origin) -> tuple[list[Draft], list[Problem]]:
        """Read one day. What is no message is left alone."""
        try:
            loaded = json.loads(text)
        except (ValueError, RecursionError):
            return [], [origin.problem("This day of Slack is cut off or broken; it was skipped.", skipped=True)]
        names = _names(origin.path.parent.parent / "users.json")
        messages = [one for one in loaded if _is_written(one)]
        begun = {one["ts"] for one in messages}
        heads = [
            one for one in messages if one.get("thread_ts", one["ts"]) == one["ts"] or one["thread_ts"] not in begun
        ]
        entries = [_entry(one, messages, names, origin.zone or dt.UTC) for one in heads]
        if not entries:
            return [], []
        channel = origin.path.parent.name
        day = origin.date or dt.datetime.fromtimestamp(float(messages[0]["ts"]), origin.zone or dt.UTC).date()
        draft = Draft(
            id=f"{channel}-{day}",
            number=None,
            date=day,
            published=None,
            title=f"#{channel} {day}",
            description="",
            hosts=tuple(dict.fromkeys(_author(one, names) for one in messages)),
            page_url=None,
            page_kind=None,
            audio_url=None,
            youtube_id=None,
            prose="",
            path=origin.label,
            entries=tuple(entries),
        )
        return [draft], []


def _is_written(message: Any) -> bool:
    if not isinstance(message, dict) or message.get("type") != "message" or message.get("subtype") in _QUIET:
        return False
    return re.fullmatch(r"\d+\.\d+", str(message.get("ts"))) is not None


def _entry(message: dict[str, Any], day: list[dict[str, Any]], names: dict[str, str], zone: dt.tzinfo) -> Entry:
    """A message with its replies of the day."""
    at = dt.datetime.fromtimestamp(float(message["ts"]), zone)
    replies = [one for one in day if one is not message and one.get("thread_ts") == message["ts"]]
    lines = [_text(message, names), *(f"{_author(one, names)}: {_text(one, names)}" for one in replies)]
    title = f"{_author(message, names)}, {at:%H:%M}"
    return Entry(title, None, None, None, "\n\n".join(line for line in lines if line), 0, at=at)


def _text(message: dict[str, Any], names: dict[str, str]) -> str:
    """The words of a message, and those of what is attached to it."""
    parts = [str(message.get("text") or "")]
    for attached in _objects(message.get("attachments")):
        parts += [str(attached.get(name) or "") for name in ("title", "title_link", "text")]
    for file in _objects(message.get("files")):
        parts.append(str(file.get("title") or file.get("name") or ""))
    shown = (html.unescape(_TOKEN.sub(lambda match: _shown(match, names), part)) for part in parts)
    return "\n".join(dict.fromkeys(part.strip() for part in shown if part.strip()))


def _shown(match: re.Match[str], names: dict[str, str]) -> str:
    """A link as Markdown, a person or a channel by name."""
    mark, target, label = match.groups()
    if mark == "@":
        return f"@{label or names.get(target, target)}"
    if mark:
        return f"{mark}{label or target}"
    return f"[{label}]({target})" if label and label != target else target


def _author(message: dict[str, Any], names: dict[str, str]) -> str:
    user = str(message.get("user") or "")
    profile = message.get("user_profile")
    own = profile.get("real_name") if isinstance(profile, dict) else None
    return names.get(user) or str(own or message.get("username") or user or "somebody")


def _names(users: Path) -> dict[str, str]:
    """The name of each person by number; none where the list is not there."""
    try:
        loaded = json.loads(read_regular(users, SlackDay.max_bytes))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(user.get("id")): name for user in _objects(loaded) if (name := _name(user))}


def _name(user: dict[str, Any]) -> str:
    profile = user.get("profile")
    shown = profile if isinstance(profile, dict) else {}
    return str(shown.get("display_name") or shown.get("real_name") or user.get("real_name") or user.get("name") or "")


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    yield from (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()
