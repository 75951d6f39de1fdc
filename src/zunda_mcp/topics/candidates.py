"""The candidate names of one story: what is kept of its text for finding topics later."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zunda_mcp.topics.markup import plain
from zunda_mcp.topics.pieces import Piece, pieces
from zunda_mcp.topics.words import JAPANESE_FUNCTION

MAX_CANDIDATES = 60
TITLE_WEIGHT = 16
_MAX_IN_SUMMARY = TITLE_WEIGHT - 1
_MAX_LENGTH = 60
_MIN_JAPANESE = 3

_QUOTED = re.compile(r"[「『“\"(・]([ぁ-ゖー]{4,9})(?=[」』”\")・])")
_HIRAGANA = re.compile(r"[ぁ-ゖー]{4,}")
_PARTICLES = re.compile(r"(?:の|は|が|を|に|へ|と|も|や|で|との|への|から|まで|って|という|による|たち|さん|ちゃん)$")


def mentions(title: str, summary: str) -> dict[str, int]:
    """Candidate names of one story, as written (NFKC), with a weight: at most 60, the likeliest ones.

    The weight is the number of sightings in the summary (up to 15), and 16 more for a name that the title has.
    Nought is a sighting without proof, kept because other stories may give it: a word capitalised only where
    everything is, or one written in lower case, which speaks against a name.
    """
    headline, body = plain(title), plain(summary)
    weights: dict[str, int] = {}
    for piece in _worthy(pieces(body)):
        weights[piece.text] = weights.get(piece.text, 0) + piece.evident
    for name, weight in weights.items():
        weights[name] = min(weight, _MAX_IN_SUMMARY)
    for piece in _worthy(pieces(headline, lower_case=True)):
        weight = weights.get(piece.text, 0)
        weights[piece.text] = weight + TITLE_WEIGHT if piece.evident and weight < TITLE_WEIGHT else weight
    weights.update(_hiragana_names(headline, body))
    if len(weights) <= MAX_CANDIDATES:
        return weights
    return dict(sorted(weights.items(), key=lambda item: -_promise(*item))[:MAX_CANDIDATES])


def _worthy(found: Iterator[Piece]) -> Iterator[Piece]:
    for piece in found:
        text = piece.text
        if text[0].isascii():
            if 1 < len(text) <= _MAX_LENGTH:
                yield piece
        elif _MIN_JAPANESE <= len(text) <= _MAX_LENGTH and text not in JAPANESE_FUNCTION:
            yield piece


def _hiragana_names(headline: str, body: str) -> Iterator[tuple[str, int]]:
    """Names in hiragana, which nothing but quotation marks or a place in the title sets off from grammar."""
    quoted = {*_QUOTED.findall(headline), *_QUOTED.findall(body)}
    for name in sorted(quoted):
        yield name, min(body.count(name), _MAX_IN_SUMMARY) + TITLE_WEIGHT * (name in headline)
    for run in _HIRAGANA.findall(headline):
        name = _PARTICLES.sub("", run)
        if len(name) >= 4 and name not in quoted:
            yield name, 0


def _promise(name: str, weight: int) -> float:
    """How likely a candidate is to be a name: for dropping the rest of a long story."""
    if name[0].isascii():
        return weight + (4.0 if any(char.isupper() for char in name) else 0.5)
    return weight + (3.0 if not name.isalpha() or any(char.isascii() for char in name) else len(name) / 4)
