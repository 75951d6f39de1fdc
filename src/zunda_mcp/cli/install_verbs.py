"""``zunda-mcp install CLIENT`` and ``zunda-mcp uninstall CLIENT``: our entry in a client's configuration.

Without a client, ``install`` lists those on this machine. Neither verb asks the user anything.

After writing, the server is started as the client would start it, and the file is read once more, since a running
client may overwrite it.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Literal

from zunda_mcp.cli.arguments import Arguments
from zunda_mcp.cli.chosen_archive import flags_of, settings_of
from zunda_mcp.cli.styles import messages, padded, print_json
from zunda_mcp.config.load import load_settings
from zunda_mcp.config.paths import cache_folder
from zunda_mcp.config.settings import Settings
from zunda_mcp.errors import ArchiveError, ArgumentError, InstallError, SettingsError
from zunda_mcp.install import change
from zunda_mcp.install.change import Action, Change, installation, removal
from zunda_mcp.install.clients import CLIENTS, Machine, Place, client_named, place
from zunda_mcp.install.configuration import ConfigurationFile, Data
from zunda_mcp.install.handshake import Handshake, try_handshake
from zunda_mcp.install.installed import entries as entries_of
from zunda_mcp.install.server_entry import checked_name, entry_for, left_out
from zunda_mcp.models import Model
from zunda_mcp.reading.archive_reader import ArchiveReader
from zunda_mcp.rendering.messages import Messages, count
from zunda_mcp.rendering.sanitize import clean, clean_line
from zunda_mcp.sources.coverage import first_look
from zunda_mcp.sources.registry import source_paths

__all__ = ["Installation", "check_line", "install", "uninstall"]

_SCOPE_NAMES = {"user": "for all projects", "project": "for this project"}
_SUMMARIES = {
    "added": "{name} added to {file}",
    "updated": "{name} updated in {file}",
    "already there": "{name} is already there in {file}, just as it should be",
    "removed": "{name} removed from {file}",
    "restored": "{name} removed: {file} is what it was before, byte for byte",
    "file removed": "{name} removed, and {file} with it, which held nothing else",
    "not there": "there is no {name} in {file}, nothing to remove",
}


class Installation(Model):
    """What was done to a client's configuration, or would be done without ``dry_run``.

    ``entry`` is the entry in the file (if ``refused``, the entry to paste), and ``serves`` its folders or archives.
    ``backup`` is a copy of the old file, ``created`` are new folders, ``diff`` is a unified diff. ``check`` is null if
    the server was not started.
    """

    client: str
    scope: Literal["user", "project"]
    name: str
    file: str
    action: Action | Literal["refused"]
    dry_run: bool
    entry: dict[str, object] | None = None
    serves: str | None = None
    backup: str | None = None
    created: list[str] = []  # noqa: RUF012 - a model copies its defaults
    diff: str = ""
    check: Handshake | None = None
    notes: list[str] = []  # noqa: RUF012 - as above
    next: list[str] = []  # noqa: RUF012 - as above
    error: str | None = None


def install(arguments: Arguments) -> bool:
    """Write the entry for zunda-mcp into a client's configuration. Return whether the server works.

    Raises ``InstallError`` if the file cannot be changed, after showing the entry to paste.
    """
    machine = Machine.this()
    if not arguments.words:
        return _list_clients(machine, arguments)
    where, name = _named(arguments, machine)
    settings = settings_of(arguments)
    _refuse_nothing(settings)
    entry = where.client.shaped(name, entry_for(machine, settings, flags_of(arguments)))
    try:
        planned = installation(where, name, entry)
        done = _carried_out(planned, name, arguments)
    except InstallError as error:
        _show_entry(where, name, entry, str(error), arguments)
        raise
    stands = ConfigurationFile.of(where, planned.after or b"").servers()[name]
    command, variables = where.client.started_by(stands)
    values = [(flag, value) for flag, value in pairwise(command) if flag in ("--episodes", "--archive", "--index")]
    done = done.model_copy(
        update={
            "entry": stands,
            "serves": ", ".join(value for flag, value in values if flag != "--index"),
            "notes": [*_notes(where, planned, machine), *_first_index(command, values, machine)],
            "next": _in_both(where.client.restart),
        }
    )
    if not arguments.dry_run and "no_check" not in arguments.options:
        done = done.model_copy(update={"check": try_handshake(machine, command, variables)})
        if not _still_there(where, name):
            lost = f"{where.client.title} has written its file over ours: quit it, then run install again."
            done = done.model_copy(update={"error": lost})
    _show(done, where, arguments)
    return done.error is None and (done.check is None or done.check.ok)


def uninstall(arguments: Arguments) -> bool:
    """Remove the entry for zunda-mcp from a client's configuration. Return whether there was one."""
    where, name = _named(arguments, Machine.this())
    planned = removal(where, name)
    done = _carried_out(planned, name, arguments)
    if planned.changes:
        title = where.client.title
        left = f" The index stays in {cache_folder()} and may be deleted." if _has_cache() else ""
        done = done.model_copy(
            update={"next": _in_both(f"Restart {title}; until then it may keep the server running.{left}")}
        )
    _show(done, where, arguments)
    return planned.changes


def _named(arguments: Arguments, machine: Machine) -> tuple[Place, str]:
    """Return the client's file that the arguments name, and the name of the server in it."""
    client = client_named("-".join(arguments.words))
    return place(client, arguments.scope, machine), checked_name(arguments.name)


def _list_clients(machine: Machine, arguments: Arguments) -> bool:
    """Print which clients are on this machine, and which of them have an entry."""
    if arguments.json:
        raise ArgumentError("CLIENT", "install --json needs a client, such as claude-code; doctor --json lists them.")
    say = messages()
    entries = {one.client: one for one in entries_of(machine, ()) if one.name}
    places = [place(client, "user", machine) for client in CLIENTS]
    present = [one for one in places if one.present]
    for one in present:
        name = one.client.name
        state = say("{name} is there", name=entries[name].name) if name in entries else say("no entry yet")
        print(f"{'✓' if name in entries else '·'} {name:<14} " + clean_line(f"{one.file}: {state}"))
    absent = ", ".join(one.client.name for one in places if not one.present)
    if absent:
        print(say("not seen here: {clients}", clients=absent))
    missing = [one.client.name for one in present if one.client.name not in entries]
    if missing or not present:
        print(say("next: zunda-mcp install {client}", client=missing[0] if missing else "claude-code"))
    return True


def _refuse_nothing(settings: Settings) -> None:
    """Raise ``InstallError`` if an archive has no episode, since a server of it would be useless."""
    for one in settings.archives or (settings,):
        try:
            coverage = first_look(one.episodes, ArchiveReader(one.episodes, one))
        except ArchiveError:
            continue  # a missing folder shows when the entry is checked
        if coverage is not None:
            raise InstallError(f"{coverage.message()} The entry was not written.")


def _has_cache() -> bool:
    try:
        return cache_folder().is_dir()
    except SettingsError:
        return False


def _carried_out(change: Change, name: str, arguments: Arguments) -> Installation:
    made = [] if arguments.dry_run else change.missing_folders()
    kept = None if arguments.dry_run else change.carry_out()
    return Installation(
        client=change.place.client.name,
        scope=change.place.scope,
        name=name,
        file=str(change.place.file),
        action=change.action,
        dry_run=arguments.dry_run,
        backup=str(kept) if kept else None,
        created=[str(folder) for folder in made],
        diff=change.diff(),
    )


def _notes(where: Place, planned: Change, machine: Machine) -> Iterator[str]:
    if secret := left_out(machine):
        yield secret
    others = len(ConfigurationFile.of(where, planned.before or b"").servers()) - (planned.action != "added")
    if others > 0:
        yield f"{count(others, 'other server')} in the file: as before."
    if not where.present and planned.before is None:
        yield f"{where.client.title} has left no trace on this machine yet; the entry waits for it."
    if where.scope == "project":
        yield "The file names folders of this machine: keep it out of version control."
        yield f"{where.client.title} may ask once whether you trust the servers of this project."


def _first_index(command: Sequence[str], values: Sequence[tuple[str, str]], machine: Machine) -> Iterator[str]:
    """Yield how to build the index in advance, if what the entry serves has none yet."""
    folders, archives, indexes = (
        [value for flag, value in values if flag == one] for one in ("--episodes", "--archive", "--index")
    )
    index = indexes[0] if indexes else None
    if load_settings(episodes=folders, archives=archives, index=index, environ={}, resolve=source_paths).index.is_dir():
        return
    words = ["zunda-mcp", "index", *command[command.index("serve") + 1 :]]
    shown = subprocess.list2cmdline(words) if machine.platform == "win32" else shlex.join(words)
    yield f"Build the index once, so that the first question need not wait: {shown}"


def _in_both(english: str) -> list[str]:
    return [english, Messages(japanese=True).translated(english)]


def _still_there(where: Place, name: str) -> bool:
    try:
        return name in ConfigurationFile.of(where, change.read_client_file(where.file) or b"").servers()
    except InstallError:
        return False


# --- what is shown ---------------------------------------------------------------------------------------------------


def _show_entry(where: Place, name: str, entry: dict[str, Data], error: str, arguments: Arguments) -> None:
    """Print the entry to paste into a file that cannot be changed."""
    if arguments.json:
        print_json(
            Installation(
                client=where.client.name,
                scope=where.scope,
                name=name,
                file=str(where.file),
                action="refused",
                dry_run=arguments.dry_run,
                entry=dict(entry),
                error=error,
            )
        )
        return
    print(messages()("To paste into {file} yourself:", file=where.file))
    print(ConfigurationFile(where).with_entry(name, entry).data.decode("utf-8").rstrip())


def _show(done: Installation, where: Place, arguments: Arguments) -> None:
    if arguments.json:
        print_json(done)
        return
    if done.dry_run and done.diff:
        print(clean(done.diff))
    print(clean_line(f"{_summary(done)} ({where.client.title}, {messages()(_SCOPE_NAMES[done.scope])})"))
    say = messages()
    for name, value in _rows(done, say):
        print(f"{padded(say(name), 10)} {clean_line(say.translated(value))}")
    sys.stdout.flush()


def _rows(done: Installation, say: Messages) -> list[tuple[str, str]]:
    rows = [("serves", done.serves)] if done.serves else []
    rows += [("created", folder) for folder in done.created]
    rows += [("backup", done.backup)] if done.backup else []
    if done.check:
        rows.append(("check", check_line(done.check)))
    rows += [("note", note) for note in done.notes]
    rows += [("error", done.error)] if done.error else []
    if not done.dry_run and done.next:
        rows.append(("next", done.next[-1 if say.japanese else 0]))
    return rows


def _summary(done: Installation) -> str:
    say = messages()
    text = say(_SUMMARIES[done.action], name=done.name, file=Path(done.file))
    return say("nothing is written; this would be: {text}", text=text) if done.dry_run and done.diff else text


def check_line(check: Handshake) -> str:
    """Return a line on how a server answered."""
    if not check.ok:
        return f"✗ {check.error} — {shlex.join(check.command)}"
    return f"✓ {check.server} answers in {check.seconds:.1f} s and offers {count(len(check.tools), 'tool')}"
