"""Derives ``japanese_english.zip`` from JMdict and ``japanese_names.zip`` from JMnedict, both in ``zunda_mcp/text``.

    pip install jamdict-data && python qa/glosses/derive_glosses.py

JMdict and JMnedict (the Electronic Dictionary Research and Development Group,
https://www.edrdg.org/jmdict/j_jmdict.html) are given under CC BY-SA 4.0, so the derived tables are under it as well,
and the archives say so. ``jamdict-data`` 1.5 has both, of 2020, as an SQLite file.

Of words, one line each: the word, a tab, and its short English glosses in the order of the dictionary, each between
commas. Kept are the spellings that the dictionary marks as common and compounds of words that general language uses,
with the first glosses of the first sense and one of each later sense, and all katakana that one English word glosses,
with all glosses; not hiragana of two letters, which stand in other words by chance, nor digits. JMnedict adds the
companies, organizations, products and better known places that are read in katakana: ファーウェイ is Huawei.

Of names, one line each: the name, a tab, and its usual readings in Latin letters as ``reading_key`` writes them. Kept
are those of two kanji or more that are surnames, people, companies, organizations or products, and the places that
general language knows; and the names in katakana that are added to the words.
"""

from __future__ import annotations

import re
import sqlite3
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from jamdict_data import JAMDICT_DB_PATH  # type: ignore[import-not-found,unused-ignore]

from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.japanese_names import reading_key
from zunda_mcp.text.normalize import HAN, HIRAGANA, KATAKANA, fold_accents, normalize
from zunda_mcp.text.phonetics import is_katakana

OUT = Path(__file__).resolve().parents[2] / "src" / "zunda_mcp" / "text"
NOTICE = """Japanese words and short English glosses derived from JMdict and JMnedict, the property of the Electronic
Dictionary Research and Development Group (https://www.edrdg.org/), used in conformance with the group's licence:
Creative Commons Attribution-ShareAlike 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). Changed here: katakana,
common words and compounds of them alone, short glosses alone, everything else left out. This file is available under
the same licence.
"""
NAMES_NOTICE = """Japanese names and their readings derived from JMnedict, the property of the Electronic Dictionary
Research and Development Group (https://www.edrdg.org/), used in conformance with the group's licence: Creative Commons
Attribution-ShareAlike 4.0 (https://creativecommons.org/licenses/by-sa/4.0/). Changed here: names of some kinds in
kanji and katakana alone, their readings in Latin letters, everything else left out. This file is available under the
same licence.
"""
#: The kinds of names that are kept, and those that are kept where general language knows the name.
KINDS = {"surname", "person", "company", "organization", "product"}
PLACES = {"place", "station"}
#: The kinds of names in katakana that are kept, where their Latin name is no common word; and those that are kept where
#: general language knows it: the Zipf value of Lausanne is 3.0.
KATAKANA_KINDS, KATAKANA_PLACES, KNOWN = {"company", "organization", "product"}, {"place"}, 3.0
#: Letters of the shortest name in katakana: a shorter one is a part of other words.
LEAST = 3
#: A common word is not kept as a name of these: 末尾 (the end) is a surname, and 宇宙 (the universe) a name of girls.
PEOPLE = {"surname", "person"}
#: A reading is usual where it names more than one in so many of the kinds of things (surname, place, station, woman …)
#: that the widest reading of its name names: 日向 is Hyuga and Hinata to many, Hitachi to one family.
USUAL_READING = 2
#: Words of the longest gloss that is kept: a longer one explains and is no word for the same thing.
MAX_WORDS = 2
#: Glosses of a word that is no katakana, of its first sense and of each later one: the nearest stand first. Two of the
#: first alone leave out "evaluation" for 評価.
FIRST, LATER = 4, 1
#: A Zipf value: the words of a compound that the dictionary does not mark as common are at least so frequent. The value
#: from which on a word is common (see ``zunda_mcp.query.request``).
USUAL = 4.2
#: What a sense is marked with that nobody means today.
OLD = ("archaism", "obsolete term", "obscure term", "rare", "arch", "obs", "obsc")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NAME = re.compile(rf"(?=.*[{HAN}].*[{HAN}])[{HAN}{HIRAGANA}{KATAKANA}]+")
_FORM = re.compile(r",? (?:corp(?:oration)?|inc|co|company|ltd|limited|group|ag|plc)\b\.?")
"""The legal form at the end of a company's name."""
_LEAD = re.compile(r"^(?:to be|to|a|an|the) ")
_BY_CHANCE = re.compile(rf"[{HIRAGANA}]{{1,2}}|.*\d.*|.")
_A_GLOSS = re.compile(r"[a-z][a-z0-9'+#.-]*(?: [a-z0-9][a-z0-9'+#.-]*)*")


def is_usual_compound(form: str) -> bool:
    """Whether a word is made of words that general language uses: 自動運転 of 自動 and 運転."""
    pieces = lexicon("ja").segment(form)
    return len(pieces) > 1 and all(len(piece) > 1 and lexicon("ja").zipf(piece) >= USUAL for piece in pieces)


def short_glosses(texts: Iterable[str]) -> Iterator[str]:
    """Those that are words for the same thing."""
    for text in texts:
        gloss = _LEAD.sub("", " ".join(normalize(_ASIDE.sub(" ", text)).split()).strip(" .!?"))
        if _A_GLOSS.fullmatch(gloss) and len(gloss.split()) <= MAX_WORDS:
            yield gloss


class Dictionary:
    """The tables of the dictionary that are needed, in memory."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.writings = self._by_entry(database, "SELECT idseq, text FROM Kanji")
        self.readings = self._by_entry(database, "SELECT idseq, text FROM Kana")
        self.common = {
            (entry, text)
            for table, key in (("KJP", "Kanji"), ("KNP", "Kana"))
            for entry, text in database.execute(f"SELECT idseq, {key}.text FROM {key} JOIN {table} ON kid = {key}.ID")
        }
        self.odd = {
            (entry, text)
            for table, key in (("KJI", "Kanji"), ("KNI", "Kana"))
            for entry, text in database.execute(f"SELECT idseq, {key}.text FROM {key} JOIN {table} ON kid = {key}.ID")
        }
        marks = self._by_entry(database, "SELECT sid, text FROM misc")
        self.glosses: dict[int, list[list[str]]] = defaultdict(list)
        self.kana_usual: set[int] = set()
        texts = self._by_entry(database, "SELECT sid, text FROM SenseGloss WHERE lang = 'eng'")
        sources = self._by_entry(database, "SELECT sid, text FROM SenseSource WHERE lang = 'eng' AND text != ''")
        for sense, entry in database.execute("SELECT ID, idseq FROM Sense ORDER BY ID"):
            if any("kana alone" in mark or mark == "uk" for mark in marks.get(sense, ())):
                self.kana_usual.add(entry)
            if not any(mark in OLD for mark in marks.get(sense, ())):
                self.glosses[entry].append([*texts.get(sense, ()), *sources.get(sense, ())])

    @staticmethod
    def _by_entry(database: sqlite3.Connection, query: str) -> dict[int, list[str]]:
        rows: dict[int, list[str]] = defaultdict(list)
        for entry, text in database.execute(query):
            rows[entry].append(text)
        return rows

    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """Each word that is kept, with its glosses."""
        for entry, senses in self.glosses.items():
            kept = [list(dict.fromkeys(short_glosses(sense))) for sense in senses]
            glosses = [gloss for sense in kept for gloss in sense]
            if not glosses:
                continue
            forms = [text for text in self.writings.get(entry, ()) if (entry, text) not in self.odd]
            if not forms or entry in self.kana_usual:
                forms += [text for text in self.readings.get(entry, ()) if (entry, text) not in self.odd]
            usual = {normalize(form).replace("・", "") for form in forms if (entry, form) in self.common}
            for form in dict.fromkeys(normalize(form).replace("・", "") for form in forms):
                if _BY_CHANCE.fullmatch(form):
                    continue
                if is_katakana(form) and any(" " not in gloss for gloss in glosses):
                    yield form, glosses
                elif form in usual or is_usual_compound(form):
                    yield form, [gloss for at, sense in enumerate(kept) for gloss in sense[: LATER if at else FIRST]]


def katakana_names(database: sqlite3.Connection) -> Iterator[tuple[str, list[str]]]:
    """Names that are read in katakana, each with its Latin names."""
    kinds: dict[int, set[str]] = defaultdict(set)
    for name, kind in database.execute("SELECT tid, text FROM NETransType"):
        kinds[name].add(kind)
    query = (
        "SELECT NEKana.text, tid, NETransGloss.text FROM NEKana JOIN NETranslation USING (idseq)"
        " JOIN NETransGloss ON tid = NETranslation.ID ORDER BY idseq"
    )
    for kana, name, text in database.execute(query):
        form = normalize(kana).replace("・", "")
        for gloss in short_glosses([_FORM.sub("", fold_accents(normalize(text)))]):
            zipf = max(lexicon("en").zipf(word) for word in gloss.split())
            of_these = KATAKANA_KINDS | KATAKANA_PLACES if zipf >= KNOWN else KATAKANA_KINDS
            if is_katakana(form) and len(form) >= LEAST and zipf < USUAL and kinds[name] & of_these:
                yield form, [gloss]


def table(database: sqlite3.Connection) -> str:
    """All lines of words."""
    glosses: dict[str, dict[str, None]] = defaultdict(dict)
    for form, some in (*Dictionary(database).rows(), *katakana_names(database)):
        glosses[form].update(dict.fromkeys(some))
    return "".join(f"{form}\t,{','.join(some)},\n" for form, some in sorted(glosses.items()) if some)


_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "g": "がぎぐげご", "s": "さしすせそ", "z": "ざじずぜぞ", "t": "たちつてと",
    "d": "だ__でど", "n": "なにぬねの", "h": "はひふへほ", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "m": "まみむめも",
    "r": "らりるれろ", "w": "わゐ_ゑを",
}  # fmt: skip
_KANA = {kana: head + vowel for head, row in _ROWS.items() for kana, vowel in zip(row, "aiueo", strict=True)}
_KANA |= {"や": "ya", "ゆ": "yu", "よ": "yo", "ん": "n", "づ": "zu", "ぢ": "ji", "ゔ": "vu", "ゐ": "i", "ゑ": "e"}
_KANA |= {"を": "o"}
_SMALL = {"ゃ": "a", "ゅ": "u", "ょ": "o", "ぁ": "a", "ぃ": "i", "ぅ": "u", "ぇ": "e", "ぉ": "o"}


def romanised(kana: str) -> str:
    """A reading in Latin letters, empty where it has what is no kana."""
    text = ""
    double = False
    for letter in normalize(kana):
        one = chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter  # hiragana
        if one == "っ":
            double = True
        elif one == "ー":
            text += text[-1:]
        elif one in _SMALL and text[-1:] in ("i", "u", "e", "o"):
            text = text[:-1] + ("y" if one in "ゃゅょ" else "") + _SMALL[one]
        elif one in _KANA:
            text += _KANA[one][0] * double + _KANA[one]
            double = False
        else:
            return ""
    return text


def table_of_names(database: sqlite3.Connection) -> str:
    """All lines of names."""
    kinds: dict[int, set[str]] = defaultdict(set)
    query = "SELECT idseq, text FROM NETransType JOIN NETranslation ON NETranslation.ID = tid"
    for entry, kind in database.execute(query):
        kinds[entry].add(kind)
    readings: dict[int, list[str]] = defaultdict(list)
    for entry, kana in database.execute("SELECT idseq, text FROM NEKana"):
        readings[entry].append(kana)
    names: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for entry, text in database.execute("SELECT idseq, text FROM NEKanji ORDER BY idseq"):
        name = normalize(text)
        if _NAME.fullmatch(name):
            for key in filter(None, (reading_key(romanised(kana)) for kana in readings[entry])):
                names[name][key] |= kinds[entry]
    words = {text for (text,) in database.execute("SELECT Kanji.text FROM Kanji JOIN KJP ON kid = Kanji.ID")}
    latin: dict[str, dict[str, None]] = defaultdict(dict)
    for form, some in katakana_names(database):
        latin[form].update(dict.fromkeys(some))
    lines = [f"{name}\t,{','.join(some)},\n" for name, some in sorted(latin.items())]
    for name, keys in sorted(names.items()):
        most = max(map(len, keys.values()))
        of_these = KINDS | PLACES if name in lexicon("ja") else KINDS
        of_these = of_these - PEOPLE if name in words else of_these
        usual = [key for key, of in keys.items() if len(of) * USUAL_READING > most and of & of_these]
        if usual:
            lines.append(f"{name}\t,{','.join(usual)},\n")
    return "".join(sorted(lines))


def places_of_glosses(lines: str) -> bytes:
    """The places of the commas before all glosses, in the order of the glosses: 4 bytes each, the smallest first."""
    text = lines.encode("utf-8")
    places = [match.start() for match in re.finditer(rb",(?=[^\n])", text)]
    places.sort(key=lambda place: text[place + 1 : text.index(b",", place + 1)])
    return b"".join(place.to_bytes(4, "little") for place in places)


def write(archive: Path, notice: str, lines: str, name: str, places: str) -> None:
    """Write a table, see ``zunda_mcp.text.paired_words``."""
    lines = f"\n{lines}"
    with zipfile.ZipFile(archive, "w") as file:
        members: tuple[tuple[str, str | bytes], ...]
        members = (("NOTICE.txt", notice), (name, lines), (places, places_of_glosses(lines)))
        for of, text in members:
            file.writestr(zipfile.ZipInfo(of, date_time=(2026, 1, 1, 0, 0, 0)), text)


def main() -> None:
    """Write the archives."""
    with sqlite3.connect(JAMDICT_DB_PATH) as database:
        write(OUT / "japanese_english.zip", NOTICE, table(database), "ja-en.txt", "en.u32")
        write(OUT / "japanese_names.zip", NAMES_NOTICE, table_of_names(database), "names.txt", "readings.u32")


if __name__ == "__main__":
    main()
