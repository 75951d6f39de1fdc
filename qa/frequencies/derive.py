"""Derives ``zunda_mcp/text/word_frequencies.zip`` from the small lists of the package wordfreq.

    pip install wordfreq && python qa/frequencies/derive.py

wordfreq (Robyn Speer, https://github.com/rspeer/wordfreq) gives its data under CC BY-SA 4.0, so the derived tables are
under it as well, and the archive says so. Its lists no longer grow. One member a language: a line for each tenth of the
Zipf scale (van Heuven et al., "SUBTLEX-UK", QJEP 2014: the logarithm to base ten of a word's occurrences in a billion
words), the words of that frequency behind it.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from pathlib import Path

from wordfreq import get_frequency_list  # type: ignore[import-not-found,unused-ignore]

from zunda_mcp.text.normalize import normalize

OUT = Path(__file__).resolve().parents[2] / "src" / "zunda_mcp" / "text" / "word_frequencies.zip"
# The least Zipf value that is kept. Languages written without spaces are segmented by their table and need rare words.
LEAST = {"en": 3.0, "ja": 3.0, "zh": 3.0, "ko": 3.0}
LEAST |= dict.fromkeys(["de", "es", "fr", "it", "pt", "ru"], 3.5)
LEAST |= dict.fromkeys(["id", "nl", "pl", "sv", "tr", "uk", "vi"], 4.0)
NOTICE = """Word frequencies derived from wordfreq 3.1.1 by Robyn Speer (https://github.com/rspeer/wordfreq), whose data
is available under the Creative Commons Attribution-ShareAlike 4.0 licence
(https://creativecommons.org/licenses/by-sa/4.0/) and names its sources in its README. Changed here: the small lists
alone, rare words left out, rounded to a tenth of the Zipf scale. This file is available under the same licence.
"""
_A_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def lines(language: str) -> str:
    """The table of one language."""
    words: dict[int, set[str]] = defaultdict(set)
    seen: set[str] = set()
    for centibels, bucket in enumerate(get_frequency_list(language, "small")):
        zipf = 9 - centibels / 100
        for word in map(normalize, bucket) if zipf >= LEAST[language] else ():
            if word not in seen and _A_WORD.fullmatch(word):
                seen.add(word)
                words[round(zipf * 10)].add(word)
    return "".join(f"{zipf} {' '.join(sorted(words[zipf]))}\n" for zipf in sorted(words, reverse=True))


def main() -> None:
    """Write the archive."""
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in [("NOTICE.txt", NOTICE), *((f"{one}.txt", lines(one)) for one in sorted(LEAST))]:
            member = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, text)


if __name__ == "__main__":
    main()
