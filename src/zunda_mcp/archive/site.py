"""The web site an archive belongs to, as its ``_config.yml`` tells (https://jekyllrb.com/docs/configuration/)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from zunda_mcp.archive.urls import is_web
from zunda_mcp.checkout import leads_out
from zunda_mcp.episode import Problem, one_line
from zunda_mcp.files import RefusedFileError, read_regular

if TYPE_CHECKING:
    from zunda_mcp.archive.front_matter import FrontMatter

CONFIG_NAMES = ("_config.yml", "_config.yaml")


@dataclass(frozen=True, slots=True)
class Site:
    """What is known of a site. ``url`` has no slash at its end; ``permalink`` is Jekyll's, ``None`` without a site.
    ``unread`` is the label of a configuration that could not be read just now, ``""`` in any other case.
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
    """Find the site a source folder is part of: its configuration lies in the folder or in the one above.

    Without one the folder itself is the root and everything else is unknown. A configuration that cannot be read is
    a problem, and the same as none.
    """
    config = config_of_source(source)
    return _read(config.parent, config) if config else Site(source)


def config_of_source(source: Path) -> Path | None:
    """Return where the configuration of the site that a source folder is part of lies, ``None`` where there is none."""
    places = [root / name for root in (source, source.parent) for name in CONFIG_NAMES]
    return next((place for place in places if _exists(place) and not leads_out(place)), None)


def zone_named(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its IANA name (``Asia/Tokyo``), ``None`` if there is none of that name."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        return None
    except KeyError:
        return None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return True  # reading it will say what is wrong


def _read(root: Path, config: Path) -> Site:
    from zunda_mcp.archive.encoding import decode
    from zunda_mcp.archive.fields import Fields
    from zunda_mcp.archive.front_matter import RefusedError, read_yaml

    label = f"{root.absolute().name}/{config.name}"
    try:
        text = decode(read_regular(config)).text or ""
        front: FrontMatter = read_yaml(text)
    except OSError as error:
        cause = f"The site's configuration cannot be read ({error.strerror or error}); it was left out."
        unread = "" if isinstance(error, RefusedFileError) else label
        return Site(root, problems=(Problem(path=label, cause=cause),), unread=unread)
    except RefusedError as error:
        cause = f"The site's configuration cannot be used: {error}. It was left out."
        return Site(root, problems=(Problem(path=label, line=error.line, cause=cause),))
    fields = Fields(front)
    problems = []
    zone_name = fields.text("timezone")
    zone = zone_named(zone_name)
    if zone_name and zone is None:
        cause = f"The time zone `{zone_name[:80]}` is unknown; days were taken as written."
        problems.append(Problem(path=label, line=fields.line("timezone"), cause=cause))
    url = (fields.text("url") or "").rstrip("/")
    base = (fields.text("baseurl") or "").strip("/")
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
