"""What the beginning of an episode's file says of its recording and its transcript."""

from __future__ import annotations

import re
from typing import NamedTuple

_LOOKED_AT = 16_384
_KEY = re.compile(
    r"""^[ \t{,]*["']?(audio[\w-]*|mp3|podcast_file|enclosure|transcript[\w-]*)["']?[ \t]*[:=][ \t]*(\S.*?)[ \t]*,?$""",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_A_PLACE = re.compile(r"_(?:size|length|duration|type|bytes)\Z", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,8}(?:\?\S*)?\Z")


class Mentioned(NamedTuple):
    """The recording and the transcript that the beginning of an episode's file names, as written."""

    audio: str | None
    transcript: str | None


def mentioned(text: str) -> Mentioned:
    """Find both by their keys in whatever front matter there is, without parsing it."""
    audio = transcript = None
    for match in _KEY.finditer(text[:_LOOKED_AT]):
        key, value = match[1].lower(), match[2].strip().strip("\"'")
        if _NOT_A_PLACE.search(key) or not _SUFFIX.search(value):
            continue
        if key.startswith("transcript"):
            transcript = transcript or value
        else:
            audio = audio or value
    return Mentioned(audio, transcript)
