"""What is no story whatever it looks like: sponsors, letter forms, and what the settings name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from urllib.parse import urlsplit

_SPONSOR = r"""
        ^\W*(?:(?:our|today.?s|this\s+(?:week|episode|month|issue).?s)\s+)?sponsors?(?:ed)?\s*(?:$|[:：–—-]|\bby\b)
      | ^\W*(?:brought\s+to\s+you\s+by|sponsored\s+(?:by|content)|a\s+word\s+from\s+our\s+sponsors?
             |thanks\s+to\s+our\s+sponsors?|(?:this|the)\s+(?:show|episode|week|issue)\s+is\s+sponsored)
      | (?:^|\s|[-–—|(（×])\s*sponsors?\s*[)）]?\W*$
      | ^\W*(?:スポンサー|広告|提供)\s*(?:$|[:：は])"""
_LONGEST = 300
_FORM_HOSTS = frozenset({"forms.gle", "form.run", "tally.so", "forms.office.com", "form.jotform.com"})


@dataclass(frozen=True, slots=True)
class Ignored:
    """The rules of one archive.

    ``patterns`` are the user's: a piece of a title or URL, or with ``*`` or ``?`` in it a pattern for the whole of one;
    case does not matter. ``usual`` adds what every archive has: sponsor sections and letter forms.
    """

    patterns: tuple[str, ...] = ()
    usual: bool = True

    def title(self, title: str) -> bool:
        """Whether a heading or item with this title, and what stands under it, is no story."""
        return bool(self.usual and _sponsor().search(title[:_LONGEST])) or self._named(title)

    def url(self, url: str | None) -> bool:
        """Whether a story with this address is none."""
        return bool(url) and ((self.usual and is_form(url or "")) or self._named(url or ""))

    def by_user(self, title: str, url: str | None) -> bool:
        """Whether the user's patterns alone name this story."""
        return bool(self.patterns) and (self._named(title) or self._named(url or ""))

    def _named(self, text: str) -> bool:
        folded = text.casefold()
        for pattern in map(str.casefold, self.patterns):
            if fnmatchcase(folded, pattern) if set(pattern) & set("*?") else pattern in folded:
                return True
        return False


@cache
def _sponsor() -> re.Pattern[str]:
    return re.compile(_SPONSOR, re.IGNORECASE | re.VERBOSE)


def is_form(url: str) -> bool:
    """Whether an address is a form to fill in, of the services podcasts use for letters."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (
        host in _FORM_HOSTS
        or host.endswith(".typeform.com")
        or (host == "docs.google.com" and parts.path.startswith("/forms/"))
    )
