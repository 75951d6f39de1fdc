"""The addresses of one file's episode: its page, or the file itself, and its audio. Nothing is ever guessed."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

from zunda_mcp.errors import SettingsError
from zunda_mcp.reading.metadata.site import Site, is_post, permalink
from zunda_mcp.text.urls import encoded, encoded_path, is_web

__all__ = ["Addresses", "PageAddress", "Templates", "checked"]

_FIELDS = ("id", "number", "date", "slug", "path")


@dataclass(frozen=True, slots=True)
class Templates:
    """Addresses of the settings, with ``{id}``, ``{number}``, ``{date}``, ``{slug}`` and ``{path}`` in them; that of
    the site.
    """

    page: str | None = None
    file: str | None = None
    site: str | None = None


class PageAddress(NamedTuple):
    """The place to send a reader to, what it is, and where it comes from."""

    url: str | None
    kind: Literal["page", "file"] | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Finds the addresses of the file at ``path`` below the root of ``site``. ``blob`` is what its address on GitHub
    begins with, ``None`` without a checkout of a repository there.
    """

    templates: Templates
    site: Site
    path: str
    blob: str | None

    def page(
        self,
        *,
        id: str,
        number: int | None,
        date: dt.date | None,
        slug: str,
        own: str | None = None,
        written: str | None = None,
        categories: Iterable[str] = (),
    ) -> PageAddress:
        """Return the page of an episode, or else the file it is written in. ``own`` is the permalink in its front
        matter, ``written`` the whole address that it gives for its page.
        """
        fields: dict[str, object] = {"id": id, "number": number, "date": date, "slug": slug, "path": self.path}
        page = _filled(self.templates.page, fields)
        if page:
            return PageAddress(page, "page", "page_url in the settings")
        if written:
            return PageAddress(written, "page", "the page's own address")
        base = self.base
        if base and date and self.site.permalink and is_post(self.path, self.site.exclude):
            path = permalink(own or self.site.permalink, date, slug, categories)
            if path:
                return PageAddress(base + path, "page", "the permalink of _config.yml")
        file = _filled(self.templates.file, fields) or (self.blob + encoded_path(self.path) if self.blob else None)
        source = "the origin of the checkout" if not self.templates.file else "file_url in the settings"
        return PageAddress(file, "file", source) if file else PageAddress(None, None)

    @property
    def base(self) -> str | None:
        """The URL of the site, without a slash at its end."""
        return (self.templates.site or self.site.url or "").rstrip("/") or None

    def audio(self, written: str | None, page: PageAddress, prefix: str | None = None) -> str | None:
        """Return the address of an audio file. Whole addresses stay; one on the site needs proof: a page of the episode
        on it, or the file itself below its root. ``prefix`` is what the settings put before a file's name.
        """
        text = (written or "").strip()
        if text and prefix and not is_web(text) and not text.startswith("//"):
            text = f"{prefix.rstrip('/')}/{text.lstrip('/')}"
        if text.startswith("//"):
            text = f"https:{text}"
        if is_web(text):
            return encoded(text)
        parts = unquote(text).strip("/").split("/")
        if not text or ":" in text.split("/")[0] or ".." in parts or not self.base:
            return None
        published = page.kind == "page" and _host(page.url) == _host(self.base)
        if published or _is_file(self.site.root, parts):
            return encoded(f"{self.base}/{text.lstrip('/')}")
        return None


def checked(template: str | None, setting: str) -> str | None:
    """Return a template of the settings; raises ``SettingsError`` for one that cannot be filled in."""
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(template or "") if name is not None]
    except ValueError as error:
        raise SettingsError(f"The setting {setting} is not a template ({error}). {_example(setting)}") from None
    unknown = [name for name in names if name not in _FIELDS]
    if unknown:
        raise SettingsError(f"The setting {setting} has the unknown field {{{unknown[0]}}}. {_example(setting)}")
    return template or None


def _example(setting: str) -> str:
    name = "{path}" if setting == "file_url" else "{number}"
    fields = ", ".join(f"{{{field}}}" for field in _FIELDS)
    return f"The fields are {fields}, as in https://example.org/episode/{name}"


def _filled(template: str | None, fields: dict[str, object]) -> str | None:
    """Fill a template in; ``None`` when it asks for something the episode does not have."""
    if not template:
        return None
    used = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if any(fields[name] in (None, "") for name in used):
        return None
    return template.format(**{name: encoded_path(str(fields[name])) for name in used})


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _is_file(root: Path, parts: list[str]) -> bool:
    try:
        return root.joinpath(*parts).is_file()
    except (OSError, ValueError):  # a name no file can have
        return False
