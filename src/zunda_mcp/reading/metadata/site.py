"""The web site of an archive: its ``_config.yml`` (https://jekyllrb.com/docs/configuration/), the addresses of its
posts (https://jekyllrb.com/docs/permalinks/, ``Jekyll::Drops::UrlDrop``), and those of the files of its checkout on
GitHub. All is read again when one of these files changes.

An episode gets its addresses from these: that of its page, or else of its file, and that of its audio. None is guessed.
"""

from __future__ import annotations

import configparser
import datetime as dt
import re
import string
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote, unquote
from zoneinfo import ZoneInfo

from zunda_mcp.config.files import RefusedFileError, read_regular
from zunda_mcp.config.paths import leads_outside
from zunda_mcp.errors import SettingsError
from zunda_mcp.models import Problem, one_line
from zunda_mcp.reading.metadata.locale import zone_named
from zunda_mcp.reading.source_file import Stamps, stamp
from zunda_mcp.text.urls import encoded, encoded_path, is_web, site

if TYPE_CHECKING:
    from zunda_mcp.reading.metadata.front_matter import FrontMatter

__all__ = [
    "CONFIG_NAMES", "Addresses", "Configuration", "ConfigurationFiles", "PageAddress", "Site", "Templates", "checked",
    "is_post", "permalink", "site_of_source",
]  # fmt: skip

_GITHUB = re.compile(
    r"(?:git@github\.com:|\w+://(?:[^@/]*@)?(?:www\.|ssh\.)?github\.com(?::\d+)?/)/*([^/]+)/([^/]+?)(?:\.git)?/*",
    re.IGNORECASE,
)
"""The address of a repository on GitHub: ``https://``, ``ssh://`` or ``git@github.com:``."""


def _blob_prefix(root: Path) -> str | None:
    """Return ``https://github.com/OWNER/REPO/blob/BRANCH/`` for a checkout whose ``origin`` is on GitHub; if no branch
    is checked out, it has the commit.
    """
    config, head = _text(root / ".git" / "config"), _text(root / ".git" / "HEAD")
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(config)
        remote = parser.get('remote "origin"', "url", fallback=None)
    except configparser.Error:
        return None
    repository = _GITHUB.fullmatch((remote or "").strip())
    branch = head.strip().removeprefix("ref: ").removeprefix("refs/heads/")
    if not repository or not branch:
        return None
    return f"https://github.com/{'/'.join(map(quote, repository.groups()))}/blob/{quote(branch)}/"


def _text(path: Path) -> str:
    try:
        return "" if leads_outside(path) else read_regular(path).decode("utf-8", "replace")
    except OSError:
        return ""


CONFIG_NAMES = ("_config.yml", "_config.yaml")


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a site. ``url`` has no slash at its end; ``permalink`` is Jekyll's, ``None`` if no configuration
    was read. ``unread`` is the label of a configuration that cannot be read now, or ``""``.
    """

    root: Path
    title: str | None = None
    language: str | None = None
    zone: ZoneInfo | None = None
    url: str | None = None
    permalink: str | None = None
    exclude: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: str = ""


def site_of_source(source: Path) -> Site:
    """Return the site that a source folder is part of: its configuration is in the folder or in the one above. Without
    a configuration, the folder is the root, and everything else is unknown.
    """
    places = (root / name for root in (source, source.parent) for name in CONFIG_NAMES)
    config = next((place for place in places if _exists(place) and not leads_outside(place)), None)
    return _read(config.parent, config) if config else Site(source)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # reading it will report what is wrong


def _read(root: Path, config: Path) -> Site:
    from zunda_mcp.reading.encoding import decode  # start-up: if nothing has changed, no file is read
    from zunda_mcp.reading.metadata.fields import Fields  # start-up
    from zunda_mcp.reading.metadata.front_matter import RefusedError, read_yaml  # start-up

    label = f"{root.absolute().name}/{config.name}"
    try:
        text = decode(read_regular(config)).text or ""
        matter: FrontMatter = read_yaml(text)
    except OSError as error:
        cause = f"The site's configuration cannot be read ({error.strerror or error}); it was left out."
        unread = "" if isinstance(error, RefusedFileError) else label
        return Site(root, problems=(Problem(path=label, cause=cause),), unread=unread)
    except RefusedError as error:
        cause = f"The site's configuration cannot be used: {error}. It was left out."
        return Site(root, problems=(Problem(path=label, line=error.line, cause=cause),))
    fields = Fields(matter)
    problems = []
    zone_name = fields.text("timezone")
    zone = zone_named(zone_name)
    if zone_name and zone is None:
        cause = f"The time zone `{zone_name[:80]}` is unknown; days were used as written."
        problems.append(Problem(path=label, line=fields.line("timezone"), cause=cause))
    url, base = (fields.plain(key).strip("/") for key in ("url", "baseurl"))
    url, base = (base, "") if is_web(base) else (url, base)
    return Site(
        root,
        title=one_line(fields.text("title") or "") or None,
        language=fields.text("language", "lang", "locale"),
        zone=zone,
        url=(f"{url}/{base}" if base else url) if is_web(url) else None,
        permalink=fields.text("permalink") or "date",
        exclude=fields.list("exclude"),
        problems=tuple(problems),
    )


_STYLES = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_FIELD = re.compile(r":([a-z_]+)")
_DATES = {
    "short_year": "%y", "month": "%m", "day": "%d", "y_day": "%j", "w_year": "%G", "week": "%V", "w_day": "%u",
}  # fmt: skip


def is_post(path: str, exclude: Iterable[str]) -> bool:
    """Whether Jekyll makes a post of the file at this path below the site's root: it is in ``_posts``, not excluded."""
    folders = path.split("/")[:-1]
    if "_posts" not in folders:
        return False
    for entry in (entry.strip("/") for entry in exclude):
        starts = ("/".join(path.split("/")[: n + 1]) for n in range(path.count("/") + 1))
        if entry and any(start == entry or fnmatchcase(start, entry) for start in starts):
            return False
    return True


def permalink(template: str, date: dt.date, slug: str, categories: Iterable[str] = ()) -> str | None:
    """Return the path of a post's page by a permalink style or template; ``None`` if this has an unknown field.
    ``slug`` is the file name without its date, and becomes ``:title``.
    """
    name = _slugified(slug)
    values = {
        **{field: date.strftime(form) for field, form in _DATES.items()},
        "title": name,
        "slug": name,
        "categories": "/".join(_slugified(category).lower() for category in categories),
        "year": f"{date.year:04}",
        "i_month": str(date.month),
        "i_day": str(date.day),
        "short_day": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[date.weekday()],
        "output_ext": ".html",
    }
    pattern = _STYLES.get(template.strip(), template.strip())
    if not name or any(field not in values for field in _FIELD.findall(pattern)):
        return None
    path = _FIELD.sub(lambda match: quote(values[match[1]], safe="/~!$&'()+,;=@", errors="replace"), pattern)
    return re.sub("/{2,}", "/", f"/{path}")


def _slugified(text: str) -> str:
    """Slugify as Jekyll does in its mode "pretty": letters, marks, digits and ``._~!$&'()+,;=@`` stay."""
    kept = "".join(
        c if unicodedata.category(c)[0] in "LM" or c.isdecimal() or c in "._~!$&'()+,;=@" else " " for c in text
    )
    return "-".join(kept.split())


_FILES = (*CONFIG_NAMES, ".git/config", ".git/HEAD")
"""The files that describe a site and its repository, in a source or the folder above."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The site of each source, and by the root of each site the beginning of addresses on GitHub. ``stamps`` are those
    that the files had when they were read.
    """

    sites: tuple[Site, ...] = ()
    blobs: Mapping[Path, str | None] = field(default_factory=dict)
    stamps: Stamps = field(default_factory=list)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The roots of sites with a configuration; a folder without one is not a site."""
        return tuple(site.root for site in self.sites if site.permalink)

    def facts(self) -> list[object]:
        """Return all that the configuration states, for a digest."""
        blobs = ([str(root), blob] for root, blob in sorted(self.blobs.items()))
        return [*([repr(site)] for site in self.sites), *blobs]


class ConfigurationFiles:
    """The configuration files of sites. ``unread`` has the labels of those that could not be read last time; while
    there are any, what was read before still counts.
    """

    def __init__(self, sources: Sequence[Path]) -> None:
        self._sources = tuple(sources)
        self._read: Configuration | None = None
        self._recalled: tuple[Stamps, tuple[Path, ...]] = ([], ())
        self.unread: tuple[str, ...] = ()

    def stamps(self) -> Stamps:
        """Return the stamps of the files. What was read is valid as long as these stay the same."""
        folders = dict.fromkeys(one for source in self._sources for one in (source, source.parent))
        return [one for folder in folders for name in _FILES if (one := stamp(folder / name))]

    def recall(self, stamps: Stamps, roots: Sequence[Path]) -> None:
        """Remember the ``roots`` of sites that belong to these ``stamps``, so that no file is opened to find them."""
        self._recalled = stamps, tuple(roots)

    def roots(self) -> tuple[Path, ...]:
        """Return the roots of the sites."""
        stamps, roots = self._recalled
        if self._read is None and stamps == self.stamps():
            return roots
        return self.current().roots

    def current(self) -> Configuration:
        """Return what the files state now; while one cannot be read, return what was read before."""
        stamps = self.stamps()
        if self._read is None or self._read.stamps != stamps or self.unread:
            sites = tuple(site_of_source(source) for source in self._sources)
            self.unread = tuple(dict.fromkeys(site.unread for site in sites if site.unread))
            if self.unread and self._read is not None:
                return self._read
            self._read = Configuration(sites, {site.root: _blob_prefix(site.root) for site in sites}, stamps)
        return self._read


# --- addresses


_FIELDS = ("id", "number", "date", "slug", "path")


class Templates(NamedTuple):
    """Addresses in the settings: of a page and of a file, with ``{id}``, ``{number}``, ``{date}``, ``{slug}`` and
    ``{path}`` as fields, and of the site.
    """

    page: str | None = None
    file: str | None = None
    site: str | None = None


class PageAddress(NamedTuple):
    """The address to send a reader to, what it leads to, and where it comes from."""

    url: str | None
    kind: Literal["page", "file"] | None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Finds the addresses of the file at ``path`` below the root of ``site``. ``blob`` is the beginning of its address
    on GitHub, ``None`` if the site is not a checkout from there.
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
        """Return the address of an audio file. Whole addresses stay. A path counts only if the episode has a page on
        the site, or the file is below its root. ``prefix`` is what the settings put before the name of a file.
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
        published = page.kind == "page" and site(page.url or "") == site(self.base)
        if published or _is_file(self.site.root, parts):
            return encoded(f"{self.base}/{text.lstrip('/')}")
        return None


def checked(template: str | None, setting: str) -> str | None:
    """Return a template of the settings. Raises ``SettingsError`` if it cannot be filled in."""
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
    """Fill in a template; ``None`` if the episode lacks a value for one of its fields."""
    if not template:
        return None
    used = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    if any(fields[name] in (None, "") for name in used):
        return None
    return template.format(**{name: encoded_path(str(fields[name])) for name in used})


def _is_file(root: Path, parts: list[str]) -> bool:
    try:
        return root.joinpath(*parts).is_file()
    except (OSError, ValueError):  # a name no file can have
        return False
