"""The ways to write an amount: $20 is 20ドル and 20 dollars, 50% is 50パーセント, 1500円 is 1,500円, 2万円 is 20000円.

Only a number with a sign or a unit is an amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from zunda_mcp.text.lazy_pattern import lazy_pattern

__all__ = ["writings"]

_Unit = tuple[frozenset[str], Sequence[str]]
#: The names of each unit (a sign of money comes before the number), and the forms of an amount in it.
_UNITS: Sequence[_Unit] = (
    (frozenset(["$", "ドル", "米ドル", "usd", "dollars", "dollar"]), ("${}", "{}ドル", "{}米ドル", "{} dollars")),
    (frozenset(["¥", "円", "yen", "jpy"]), ("¥{}", "{}円", "{} yen")),
    (frozenset(["€", "ユーロ", "euro", "euros", "eur"]), ("€{}", "{}ユーロ", "{} euros", "{} €", "{}€")),
    (frozenset(["£", "ポンド", "pounds", "gbp"]), ("£{}", "{}ポンド", "{} pounds")),
    (frozenset(["%", "パーセント", "percent"]), ("{}%", "{} %", "{}パーセント", "{} percent")),
    (frozenset(["bit", "bits", "ビット"]), ("{}bit", "{}-bit", "{} bit", "{} bits", "{}bits", "{}ビット")),
)
_QUANTITY = lazy_pattern(
    r"(?P<sign>[$¥€£]?)(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?P<times>万?)[ -]?(?P<unit>%|[^\W\d_]*)"
)
_THOUSAND, _TEN_THOUSAND = 1000, 10_000


def writings(text: str) -> tuple[str, ...]:
    """The ways to write a normalised amount, first ``text`` itself (``$20``, 20ドル, 20 dollars); empty if it is not an
    amount.
    """
    match = _QUANTITY.fullmatch(text)
    if match is None:
        return ()
    if bool(match["sign"]) == bool(match["unit"]):
        return ()
    for names, forms in _UNITS:
        if (match["sign"] or match["unit"]) in names:
            written = [form.format(number) for number in _numbers(match) for form in forms]
            return tuple(dict.fromkeys([text, *written]))
    return ()


def _numbers(match: re.Match[str]) -> Iterator[str]:
    """A number without and with commas between its thousands, and in 万 if it is a multiple of ten thousand: 20000,
    20,000 and 2万.
    """
    number = match["number"].replace(",", "")
    if not number.isdigit():
        yield number + match["times"]
        return
    value = int(number) * (_TEN_THOUSAND if match["times"] else 1)
    yield str(value)
    if value >= _THOUSAND:
        yield f"{value:,}"
    if value and not value % _TEN_THOUSAND:
        yield f"{value // _TEN_THOUSAND}万"
