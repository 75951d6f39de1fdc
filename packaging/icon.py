"""Draw ``icon.png``: a pod with three beans on a light ground, 512 × 512 pixels, by distances alone.

    python packaging/icon.py

A shape is its signed distance in pixels (negative inside); an edge is smoothed over the one pixel it crosses. The PNG
is written by hand (RFC 2083): eight bits of RGBA a pixel, no filter.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

SIZE = 512
_Colour = tuple[float, float, float]
_GROUND: _Colour = (0.953, 0.976, 0.886)
_POD: _Colour = (0.478, 0.690, 0.235)
_RIM: _Colour = (0.353, 0.553, 0.169)
_BEAN: _Colour = (0.776, 0.894, 0.510)
_SHINE: _Colour = (0.929, 0.976, 0.800)
_TILT = math.radians(-32)
_BEANS = ((-118.0, 46.0), (0.0, 56.0), (118.0, 46.0))
"""Where beans lie along the pod, and their radii."""


def pixel(x: float, y: float) -> tuple[float, float, float, float]:
    """Red, green, blue and alpha, each 0 to 1, at a point counted from the middle."""
    ground = _rounded_square(x, y, half=SIZE / 2, corner=112)
    along = x * math.cos(_TILT) + y * math.sin(_TILT)
    across = y * math.cos(_TILT) - x * math.sin(_TILT)
    # A pod is where two wide circles meet; it bulges a little at every bean.
    pod = max(math.hypot(along, across + 262), math.hypot(along, across - 262)) - 358
    for middle, radius in _BEANS:
        pod = _joined(pod, math.hypot(along - middle, across) - radius - 26)
    colour = _over(_GROUND, _RIM, pod)
    colour = _over(colour, _POD, pod + 12)
    for middle, radius in _BEANS:
        bean = math.hypot(along - middle, across) - radius
        colour = _over(_over(colour, _RIM, bean - 7), _BEAN, bean)
        colour = _over(colour, _SHINE, math.hypot(along - middle + radius * 0.3, across + radius * 0.35) - radius * 0.3)
    return (*colour, _share(ground))


def png() -> bytes:
    """The icon as a PNG file."""
    middle = SIZE / 2 - 0.5
    rows = bytearray()
    for row in range(SIZE):
        rows.append(0)
        for column in range(SIZE):
            rows += bytes(round(part * 255) for part in pixel(column - middle, row - middle))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def _rounded_square(x: float, y: float, half: float, corner: float) -> float:
    dx, dy = abs(x) - half + corner, abs(y) - half + corner
    return math.hypot(max(dx, 0), max(dy, 0)) + min(max(dx, dy), 0) - corner


def _joined(one: float, other: float, width: float = 36) -> float:
    """The union of two shapes, with the corner between them rounded."""
    h = max(width - abs(one - other), 0) / width
    return min(one, other) - h * h * width / 4


def _share(distance: float) -> float:
    """How much of a pixel lies inside."""
    return min(max(0.5 - distance, 0), 1)


def _over(below: _Colour, above: _Colour, distance: float) -> _Colour:
    share = _share(distance)
    red, green, blue = (b + (a - b) * share for b, a in zip(below, above, strict=True))
    return red, green, blue


if __name__ == "__main__":
    Path(__file__).with_name("icon.png").write_bytes(png())
