"""``zunda-mcp use``: choose the archive that every command reads from now on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zunda_mcp.cli.arguments import Arguments, read_arguments
from zunda_mcp.cli.chosen_archive import settings_of
from zunda_mcp.cli.streams import print_json
from zunda_mcp.cli.styles import messages
from zunda_mcp.config.default import Selection, forget, remember, remembered
from zunda_mcp.errors import ArgumentError, NotFoundError, SettingsError
from zunda_mcp.models import Model
from zunda_mcp.rendering.sanitize import one_line
from zunda_mcp.sources import store

__all__ = ["DefaultArchive", "selection_of", "use"]


class DefaultArchive(Model):
    """``zunda-mcp use --json``: what is remembered, and the folders that are read where nothing is named here."""

    remembered: list[str]
    reads: list[str]


def use(arguments: Arguments) -> bool:
    """Remember an archive, show the remembered one, or forget it; whether there is a default afterwards."""
    gone = "forget" in arguments.options and forget()
    if arguments.words:
        if "forget" in arguments.options:
            raise ArgumentError("--forget", "--forget and an archive to use exclude each other.")
        remember(selection_of(arguments.words, Path.cwd()))
    chosen = remembered()
    try:
        reads = [str(folder) for folder in settings_of(read_arguments(["index"])).episodes]
    except SettingsError:
        if chosen is not None:  # what is remembered does not work: that is worth a sentence
            raise
        reads = []
    if arguments.json:
        print_json(DefaultArchive(remembered=list(chosen.words()) if chosen else [], reads=reads))
        return bool(reads)
    say = messages()
    if gone:
        print(say("The chosen archive is forgotten."))
    for archive in chosen.words() if chosen else reads:
        print(one_line(say("using {archive}", archive=archive)))
    if chosen:
        print(say("next: zunda-mcp index, or zunda-mcp search WORD"))
    elif reads:
        print(say("Nothing is chosen; this is what lies here."))
    else:
        print(say("No archive is chosen. Choose one: zunda-mcp use DIR, or add a feed: zunda-mcp add ADDRESS"))
    return bool(reads)


def selection_of(words: Sequence[str], here: Path) -> Selection:
    """What ``zunda-mcp use WORD…`` means: folders, names of added sources, or ``NAME=FOLDER``.

    Raises ``ArgumentError`` for a folder that is not there, and for folders and names together.
    """
    episodes: list[str] = []
    archives: list[str] = []
    for word in words:
        name, mark, folder = (part.strip() for part in word.partition("="))
        if mark and not (here / word).exists():
            archives.append(f"{name}={_folder(folder, here)}")
        elif source := _source_called(word):
            archives.append(source)
        else:
            episodes.append(_folder(word, here))
    if episodes and archives:
        raise ArgumentError("DIR", f"Folders and names are mixed. Give each folder a name: NAME={episodes[0]}.")
    return Selection(tuple(dict.fromkeys(episodes)), tuple(dict.fromkeys(archives)))


def _source_called(name: str) -> str | None:
    try:
        return store.record_of(name).name
    except NotFoundError:
        return None


def _folder(text: str, here: Path) -> str:
    """The whole path of a folder or file. Raises ``ArgumentError`` where nothing is there."""
    try:
        path = (here / Path(text).expanduser()).resolve()
        there = path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise ArgumentError("DIR", f"{text!r} is not a usable path ({error}).") from error
    if not there:
        raise ArgumentError("DIR", f"There is no folder {path}, and no added source of that name (zunda-mcp sources).")
    return str(path)
