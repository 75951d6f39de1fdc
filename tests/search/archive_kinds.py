"""Small generated archives, one function for each way in which people keep one; six episodes each.

Every kind speaks of ``kestrel`` in episodes 1 to 5, of ``ラーメン`` in the even ones, and of the Bramley Trust in two.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Kind = Callable[[Path], None]
NUMBERS = range(1, 7)
TRUST = (2, 5)


def sentence(number: int) -> str:
    """What episode ``number`` says."""
    bird = "A kestrel nests in the old mill." if number < 6 else "An owl nests in the old mill."
    soup = "帰りにラーメンを食べた。" if number % 2 == 0 else "帰りにうどんを食べた。"
    trust = " The hedge belongs to the Bramley Trust." if number in TRUST else ""
    return f"{bird} Kestrel Watch reports.{trust} {soup}" if number < 6 else f"{bird} {soup}"


def day(number: int) -> str:
    """The day of episode ``number``."""
    return f"2031-0{number}-1{number}"


def prose_notes(folder: Path) -> None:
    """Dated notes in prose, without a link."""
    for number in NUMBERS:
        _write(folder, f"{day(number)}-{number}.md", f"---\ntitle: Walk {number}\n---\n\n{sentence(number)}\n")


def transcripts_alone(folder: Path) -> None:
    """Subtitles and nothing else."""
    for number in NUMBERS:
        _write(folder, f"{day(number)}-{number}.srt", subtitles(number))


def short_transcripts(folder: Path) -> None:
    """Subtitles of one line each."""
    for number in NUMBERS:
        _write(folder, f"{day(number)}-{number}.srt", f"1\n00:00:01,000 --> 00:00:04,000\n{sentence(number)}\n")


def plain_feed(folder: Path) -> None:
    """A feed whose items have a description without links."""
    items = "".join(
        f"<item><title>Walk {number}</title><guid>walk-{number}</guid>"
        f"<pubDate>{10 + number} {_MONTHS[number - 1]} 2031 05:00:00 +0000</pubDate>"
        f"<description>{sentence(number)}</description></item>"
        for number in NUMBERS
    )
    _write(folder, "walks.xml", f'<rss version="2.0"><channel><title>Walks</title>{items}</channel></rss>')


def undated(folder: Path) -> None:
    """Notes with links and no date anywhere."""
    for number in NUMBERS:
        _write(folder, f"letter-{number}.md", f"# Letter {number}\n\n{_item(number)}")


def link_a_file(folder: Path) -> None:
    """A link a file, which is no list of stories."""
    for number in NUMBERS:
        _write(
            folder,
            f"{day(number)}-{number}.md",
            f"---\ntitle: Find {number}\n---\n\n{sentence(number)}\n\nhttps://mill.example/{number}\n",
        )


def story_a_file(folder: Path) -> None:
    """One story in each file."""
    for number in NUMBERS:
        _write(folder, f"{day(number)}-{number}.md", f"---\ntitle: Find {number}\n---\n\n{_item(number)}")


def no_story(folder: Path) -> None:
    """Titles with nothing below them."""
    for number in NUMBERS:
        _write(folder, f"{day(number)}-{number}.md", f"---\ntitle: {sentence(number)}\n---\n")


def with_transcripts(folder: Path) -> None:
    """Notes with links that say little, and subtitles beside them that say the rest."""
    for number in NUMBERS:
        _write(
            folder,
            f"{day(number)}-{number}.md",
            f"---\ntitle: Walk {number}\n---\n\n- [Boots](https://boots.example/{number})\n\n  About boots.\n",
        )
        _write(folder, f"{day(number)}-{number}.srt", subtitles(number))


def mixed(folder: Path) -> None:
    """Some of everything, dated and not."""
    for number, kind in enumerate((prose_notes, transcripts_alone, plain_feed, undated, story_a_file, no_story)):
        kind(folder / f"part{number}")


KINDS: tuple[Kind, ...] = (
    prose_notes,
    transcripts_alone,
    short_transcripts,
    plain_feed,
    undated,
    link_a_file,
    story_a_file,
    no_story,
    with_transcripts,
    mixed,
)


def subtitles(number: int) -> str:
    """A recording of some minutes in which the sentence of the episode is said once."""
    cues = []
    walk = f"Then we walked on along the river of day {number}, slowly. " * 5
    for minute in range(8):
        said = sentence(number) if minute == 1 else walk
        cues.append(f"{minute + 1}\n00:0{minute}:01,000 --> 00:0{minute}:50,000\n{said}\n")
    return "\n".join(cues)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun")


def _item(number: int) -> str:
    other = f"- [Weather](https://weather.example/{number})\n\n  Rain.\n"
    return f"- [Find of day {number}](https://mill.example/{number})\n\n  {sentence(number)}\n\n{other}"


def _write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
