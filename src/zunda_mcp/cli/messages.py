"""What the command line says of its own, in the language of the user's locale: English, or Japanese.

An English sentence is the key of its Japanese one, with the same names in braces. Errors are raised in English, as the
tools give them to a model; those that people meet most often are known by their words, and what they quote is kept.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cache

__all__ = ["ENGLISH", "ERRORS", "JAPANESE", "Messages", "count", "messages"]

JAPANESE: Mapping[str, str] = {
    "understood: {text}": "検索した内容: {text}",
    "try: {words}": "ほかの候補: {words}",
    "more: the same with --cursor {cursor}": "続き: 同じコマンドに --cursor {cursor} を付けてください",
    "Nothing found.": "見つかりませんでした。",
    "The archive was searched up to {day}.": "アーカイブは {day} まで調べました。",
    "The archive was searched up to {day} and does not cover this.": (
        "アーカイブは {day} まで調べましたが、この話題は扱われていません。"
    ),
    "close, but no answer": "近いもの(答えではありません)",
    "close, but only a part of it": "一部だけが合うもの",
    "The closest, best first.": "最も近いものから順に表示します。",
    "{total}. Complete in all text and speech, in every spelling.": (
        "{total}。文章と発言の、表記の違いも含め、すべてです。"
    ),
    "{total}. Complete in all text and speech, as quoted.": "{total}。文章と発言の、引用どおりのもの、すべてです。",
    "{total}, {shown} on this page.": "{total}。うち {shown} 件を表示します。",
    "{stories} in {episodes}": "{stories}、{episodes}",
    "{stories} and {titled}": "{stories}、ほかに{titled}",
    " ({passages} of transcripts among them)": "(うち文字起こしの{passages})",
    "{episodes} by title or notes": "題名やノートで {episodes}",
    "{total}, {first} to {last}": "{total}、{first} から {last}",
    "{number} near": "近い{number}",
    "Nothing near": "近いものはありません",
    "previous: zunda-mcp show {id}": "前の回: zunda-mcp show {id}",
    "next: zunda-mcp show {id}": "次の回: zunda-mcp show {id}",
    "{number}, {shown} shown": "{number}、うち {shown} 件を表示",
    "{number} without a date": "日付のない{number}",
    "first: {mention}": "最初: {mention}",
    "last: {mention}": "最後: {mention}",
    "busiest episodes": "最も多く取り上げた回",
    "in {title}": "{title}",
    "undated": "日付なし",
    "(no title)": "(題名なし)",
    "In the archive, word for word": "一字一句このとおり書かれています",
    "In the archive in the same words; only width, case, spaces, markup or punctuation differ": (
        "同じ言葉で書かれています(全角・半角、大文字・小文字、空白、記号、句読点だけが違います)"
    ),
    "NOT in the archive as quoted; something similar is": "このとおりには書かれていません。似たものがあります",
    "NOT in the archive, nor anything similar.": "書かれていません。似たものもありません。",
    "Archive {name}: {counts}{span}; up to date.": "アーカイブ {name}: {counts}{span}。最新です。",
    ", {first} to {last}": "、{first} から {last}",
    "{counts}: {added} added, {changed} changed, {removed} removed in {seconds} s": (
        "{counts}: 追加 {added}、変更 {changed}、削除 {removed} ({seconds} 秒)"
    ),
    "{stories} embedded": "{stories}に意味のベクトルを付けました",
    "{number} in source files:": "元のファイルに{number}:",
    "  … and {number} more: zunda-mcp doctor shows all": "  … ほか {number} 件: zunda-mcp doctor がすべて表示します",
    "next: zunda-mcp use {folders}, and every command asks this archive": (
        "次に: zunda-mcp use {folders} とすると、どのコマンドもこのアーカイブを調べます"
    ),
    "using {archive}": "使用中: {archive}",
    "next: zunda-mcp index, or zunda-mcp search WORD": "次に: zunda-mcp index、または zunda-mcp search 言葉",
    "The chosen archive is forgotten.": "選んだアーカイブを取り消しました。",
    "Nothing is chosen; this is what lies here.": "選ばれたものはありません。今いるフォルダーのものを使います。",
    "No sources yet. Add one: zunda-mcp add ADDRESS": "まだ何も加えていません。zunda-mcp add アドレス で加えてください",
    "{name} was added before. Fetch what is new: zunda-mcp sync {name}": (
        "{name} はすでに加えてあります。新しいものを取るには: zunda-mcp sync {name}"
    ),
    "added {name}: {title}": "{name} を加えました: {title}",
    "{kind}, {counts}, from {place}": "{kind}、{counts}、{place}",
    "{kind}, read where it is: {place}": "{kind}、今の場所のまま読みます: {place}",
    "asked from now on where a command names no archive; zunda-mcp use changes that": (
        "これからは、指定がなければこれを調べます。変えるには zunda-mcp use"
    ),
    "next: zunda-mcp search": "次に: zunda-mcp search",
    "zunda-mcp use {name} asks it without naming it": "zunda-mcp use {name} とすると、指定しなくても調べます",
    "next: zunda-mcp search --archive {name}": "次に: zunda-mcp search --archive {name}",
    "{counts} new": "新しい{counts}",
    "{number} changed": "変更 {number}",
    "{number} removed": "削除 {number}",
    "{counts} gone there, kept here": "元では消え、ここには残した{counts}",
    "fetched {when}": "取得 {when}",
    "failed: {cause}": "失敗: {cause}",
    "removed {name} ({place})": "{name} を取り除きました({place})",
    "{name} added to {file}": "{name} を {file} に加えました",
    "{name} updated in {file}": "{file} の {name} を更新しました",
    "{name} is already there in {file}, just as it should be": "{name} はすでに {file} に正しくあります",
    "{name} taken out of {file}": "{name} を {file} から外しました",
    "{name} taken out: {file} is what it was before, byte for byte": (
        "{name} を外し、{file} を元と一字一句同じに戻しました"
    ),
    "{name} taken out, and {file} with it, which held nothing else": (
        "{name} を外しました。ほかに何もなかったので {file} も消しました"
    ),
    "there is no {name} in {file}, nothing to take out": "{file} に {name} はなく、外すものはありません",
    "nothing is written; this would be: {text}": "書き込みはしません。するとすれば: {text}",
    "for all projects": "すべてのプロジェクト用",
    "for this project": "このプロジェクト用",
    "{name} is there": "{name} があります",
    "no entry yet": "まだありません",
    "not seen here: {clients}": "見当たらないもの: {clients}",
    "next: zunda-mcp install {client}": "次に: zunda-mcp install {client}",
    "To paste into {file} yourself:": "{file} にご自身で貼り付けてください:",
    "No archive is chosen. Choose one: zunda-mcp use DIR, or add a feed: zunda-mcp add ADDRESS": (
        "アーカイブが選ばれていません。zunda-mcp use フォルダー で選ぶか、zunda-mcp add アドレス で加えてください"
    ),
}
"""English sentences, and the same in Japanese."""

ERRORS: Mapping[str, str] = {
    "No archive is chosen, and {here} holds no episodes. Choose one once with zunda-mcp use DIR, or pass --episodes "
    "DIR (or ZUNDA_MCP_EPISODES).": (
        "アーカイブが選ばれておらず、{here} にも放送回がありません。zunda-mcp use フォルダー で一度選ぶか、"
        "--episodes フォルダー を付けてください(または ZUNDA_MCP_EPISODES)。"
    ),
    "There is no folder {path}, and no added source of that name (zunda-mcp sources).": (
        "フォルダー {path} はなく、その名前で加えたものもありません(zunda-mcp sources で確かめられます)。"
    ),
    "No folder of episodes can be read: {tried}. Name an existing folder with --episodes DIR.": (
        "放送回のフォルダーが読めません: {tried}。あるフォルダーを --episodes で指定してください。"
    ),
    'No episode is called "{name}". {how}': "「{name}」という放送回はありません。{how}",
    '{name}="{text}" is not a date I know; write {examples}.': (
        "{name} の「{text}」は日付として読めません。次のように書いてください: {examples}"
    ),
    'No host is called "{text}"; try host="{near}" (hosts: {known}).': (
        "「{text}」という出演者はいません。--host {near} ではありませんか(出演者: {known})。"
    ),
    "there is no {kind} {name}; did you mean {near}? (see {program} --help)": (
        "{name} はありません。{near} ではありませんか({program} --help)"
    ),
    "there is no {kind} {name} (see {program} --help)": "{name} はありません({program} --help)",
    "there is no {kind} {name}; to search for it: zunda-mcp search {words} (see {program} --help)": (
        "{name} というコマンドはありません。検索するには: zunda-mcp search {words} ({program} --help)"
    ),
    "there is no completion for {shell}; write bash, zsh or fish.": (
        "{shell} 用の補完はありません。bash、zsh、fish のどれかを書いてください。"
    ),
    "which verb? One of {verbs} (see {program} --help)": ("コマンドを一つ選んでください: {verbs} ({program} --help)"),
    "There is no source called {name}. {hint}": "{name} という名前で加えたものはありません。{hint}",
    "the following arguments are required: {names} (see {program} --help)": (
        "{names} を書いてください({program} --help)"
    ),
}
"""The words of errors that people meet, and the same in Japanese; names in braces stand for what is quoted."""

_COUNTED = {
    "story": "記事 {} 本",
    "episode": "放送回 {} 回",
    "topic": "話題 {} 件",
    "place": "{} か所",
    "problem": "問題 {} 件",
    "match": "一致 {} 件",
    "passage": "一節 {} か所",
    "item": "項目 {} 件",
    "file": "ファイル {} 件",
    "feed": "フィード {} 本",
    "transcript": "文字起こし {} 本",
}
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""What says the language of messages, in the order of gettext (its manual, "Locale Environment Variables")."""


class Messages:
    """Sentences in one language."""

    def __init__(self, *, japanese: bool = False) -> None:
        self.japanese = japanese

    def __call__(self, english: str, **values: object) -> str:
        """The sentence with these values."""
        return (JAPANESE[english] if self.japanese else english).format(**values)

    def count(self, number: int, what: str) -> str:
        """``1 story``, ``1,234 stories``, ``記事 1,234 本``."""
        if self.japanese:
            return _COUNTED[what].format(f"{number:,}")
        plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}{'es' if what.endswith('ch') else 's'}"
        return f"{number:,} {what if number == 1 else plural}"

    def error(self, message: str) -> str:
        """An error in the language, where its words are known; else as it is."""
        if not self.japanese:
            return message
        for pattern, japanese in _patterns():
            if match := pattern.fullmatch(message):
                return japanese.format(**match.groupdict())
        return message


ENGLISH = Messages()
count = ENGLISH.count
"""``1 story``, ``1,234 stories``: for what is said in English alone."""


def messages() -> Messages:
    """Those of the user's locale."""
    locale = next((value for name in _VARIABLES if (value := os.environ.get(name, ""))), "")
    return Messages(japanese=locale.lower().startswith("ja") or (not locale and _system_is_japanese()))


def _system_is_japanese() -> bool:
    """Whether a system without these variables (Windows, or a program started by macOS) speaks Japanese."""
    import locale  # start-up

    try:
        return (locale.getlocale()[0] or "").lower().startswith("ja")
    except ValueError:
        return False


def _quoted(name: str) -> str:
    """What a name in braces stands for: a word, or anything."""
    return rf"(?P<{name}>\S*?)" if name in ("kind", "name", "near") else f"(?P<{name}>.*?)"


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    patterns = []
    for english, japanese in ERRORS.items():
        parts = re.split(r"\{(\w+)\}", english)
        regex = "".join(_quoted(part) if at % 2 else re.escape(part) for at, part in enumerate(parts))
        patterns.append((re.compile(regex, re.DOTALL), japanese))
    return tuple(patterns)
