"""Finds what is asked in a text without spaces: the subject of a Japanese sentence, the content of Chinese and Korean.

Names joined by grammar become separate words: ClaudeとGeminiの違い asks for both, CursorかDevinの話 for either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from zunda_mcp.query.parse import Word
from zunda_mcp.query.stop_words import ABOUT, QUESTION_WORDS, STOP_WORDS, TOPIC_MARKERS
from zunda_mcp.query.unknown_names import (
    COMMON_NOUN,
    DONE,
    VERB_ENDINGS,
    chinese_names,
    chinese_words,
    is_chinese_content,
    is_korean_particle,
    korean_name,
)
from zunda_mcp.query.word_kinds import (
    COMMON,
    GRAMMAR,
    LEAST_ROWS,
    ArchiveWords,
    Context,
    Kind,
    Token,
    is_distinctive_name,
)
from zunda_mcp.text.frequencies import lexicon
from zunda_mcp.text.lazy_pattern import lazy_pattern
from zunda_mcp.text.normalize import HAN, HANGUL, HIRAGANA, KATAKANA, has_hiragana, is_hiragana
from zunda_mcp.text.tokenizer import PARTICLES, content_words, is_grammar

__all__ = ["of_run"]

#: From the first Zipf value on, or up to so many characters, hiragana is grammar; from the others on, hiragana and a
#: verb or an adjective are common. Japanese has other values because it is cut into more and shorter tokens.
_KANA_GRAMMAR, _KANA_LENGTH, _COMMON_KANA, _COMMON_VERB = 5.3, 2, 3.5, 4.3
#: Hiragana that is cut into short words is a name if the logarithm to base ten of its probability, per character, is at
#: most this: ずんだもん has -2.2, the grammar するんだ -1.6.
_USUAL_KANA = -2.0

_ONE_WRITING = lazy_pattern(rf"(?P<hangul>[{HANGUL}]+)|[^{HANGUL}]+")
_KANA = lazy_pattern(rf"[{HIRAGANA}]{{3,}}")
_NAME = lazy_pattern(rf"[^{HIRAGANA}{HAN}{KATAKANA}]{{2,}}|[{KATAKANA}]{{3,}}|\d[\d.]*")
_FIRST_KANA = "ァ"
_NUMBER = lazy_pattern(r"\d+(?:\.\d+)*")
_LETTER = lazy_pattern("[a-z]")
_LOCAL = lazy_pattern(rf"[{HAN}{HANGUL}]")
_HONORIFIC = frozenset({"お", "ご"})
_ORDINAL = "目"
_NEWS = frozenset({"情報", "動向"})
_MARKER = "は"
_TOPIC = frozenset({"は", "って", "とは"})
_EITHER = frozenset(["か", "や", "とか", "または", "もしくは", "あるいは"])
_COMPARING = frozenset(["違い", "比較", "対決", "使い分け", "差", "関係"])
_BOTH = frozenset(["と", "の"])


def of_run(word: Word, archive: ArchiveWords, *, chinese: bool) -> Iterator[Token]:
    """The tokens of a word of Chinese, Japanese or Korean; content that belongs together is one token, as typed."""
    for match in _ONE_WRITING.finditer(word.text):
        text = match.group()
        if match["hangul"]:
            yield from _korean(text, word, Context(archive, "ko", lexicon("ko")))
        elif chinese:
            yield from _chinese(text, word, Context(archive, "zh", lexicon("zh", "ja")))
        else:
            yield from _subject(text, word, Context(archive, "ja", lexicon("ja")))


def _part(text: str, word: Word) -> Word:
    """``text``, a part of ``word``, as a word of its own, shown as it was typed."""
    at = word.text.find(text)
    if text == word.text or len(word.shown) != len(word.text):
        return word if text == word.text else Word(text, text)
    return Word(text, word.shown[at : at + len(text)])


def _korean(run: str, word: Word, context: Context) -> Iterator[Token]:
    """A Korean word: a name that the table lacks and its particles, or the words in it. A word that is inflected is
    common: 발표했나요.
    """
    name = korean_name(run, context)
    if name is not None:
        yield Token(name.name, name.kind, _part(name.name, word))
        if name.particles:
            yield Token(name.particles, Kind.GRAMMAR, _part(name.particles, word))
        return
    pieces = context.table.segment(run)
    kinds = [Kind.GRAMMAR if piece in VERB_ENDINGS else _cjk_kind(piece, context) for piece in pieces]
    for at, (kind, after) in enumerate(pairwise(kinds)):
        if kind == Kind.CONTENT and after <= Kind.ASKING and not is_korean_particle("".join(pieces[at + 1 :])):
            kinds[at] = Kind.COMMON
    yield from _content_together(pieces, kinds, word)


def _chinese(run: str, word: Word, context: Context) -> Iterator[Token]:
    """The words of a Chinese text. A name that the archive has is one word, and so is a verb that says what was done,
    which is common: 发布 in 发布了.
    """
    pieces = chinese_words(run, context)
    kinds = [_chinese_kind(pieces, at, context) for at in range(len(pieces))]
    alone = {
        at: (at + 1, Kind.COMMON)
        for at, (kind, after) in enumerate(zip(kinds, pieces[1:], strict=False))
        if kind >= Kind.COMMON and after in DONE
    }
    alone |= {begin: (end, Kind.NAME) for begin, end in chinese_names(pieces, context)}
    done = 0
    for begin, (end, kind) in sorted(alone.items()):
        if begin < done:
            continue
        yield from _content_together(pieces[done:begin], kinds[done:begin], word)
        text = "".join(pieces[begin:end])
        yield Token(text, kind, _part(text, word))
        done = end
    yield from _content_together(pieces[done:], kinds[done:], word)


def _chinese_kind(pieces: Sequence[str], at: int, context: Context) -> int:
    if is_chinese_content(pieces, at, context):
        return Kind.FOREIGN if context.foreign else Kind.CONTENT
    return _cjk_kind(pieces[at], context)


def _content_together(pieces: Sequence[str], kinds: Sequence[int], word: Word) -> Iterator[Token]:
    """The tokens of pieces: neighbouring pieces of content are one token."""
    content, kind = "", Kind.COMMON
    for text, own in zip([*pieces, ""], [*kinds, Kind.GRAMMAR], strict=True):
        if own >= Kind.COMMON:
            content, kind = content + text, max(kind, own)
            continue
        if content:
            yield Token(content, kind, _part(content, word))
            content, kind = "", Kind.COMMON
        if text:
            yield Token(text, own, _part(text, word))


def _cjk_kind(text: str, context: Context) -> int:
    """The kind of a piece of Chinese or Korean."""
    if not any(map(str.isalnum, text)):
        return Kind.GRAMMAR
    if not _LOCAL.search(text):
        return Kind.NAME
    zipf = context.table.zipf(text)
    stop = STOP_WORDS.get(context.language, frozenset())
    if text in stop or (context.language == "zh" and text[-1] in DONE and text[:-1] in stop):
        return Kind.ASKING
    if zipf >= GRAMMAR or (len(text) == 1 and zipf):
        return Kind.GRAMMAR
    if context.foreign:
        shared = text in lexicon((context.archive.language or "ja").split("-")[0])
        shown = shared or lexicon(context.language).zipf(text) < COMMON
        return Kind.CONTENT if shown and context.archive.frequency(text) else Kind.FOREIGN
    return Kind.COMMON if zipf >= COMMON_NOUN and not context.is_own(text, zipf) else Kind.CONTENT


def _subject(run: str, word: Word, context: Context) -> Iterator[Token]:
    """The subject of a Japanese sentence, without the words before it and after it that ask: RAG in
    最近のRAGの話を教えて. Content after the subject is common: 評判 in RAGについての評判.
    """
    names = {name for kana in _KANA.findall(run) for name in _names_in(kana, run, context)}
    pieces = context.table.segment(run, names.__contains__)
    kinds = _japanese_kinds(pieces, context, names)
    if len(pieces) == 1 and len(run) > 1 and kinds[0] == Kind.ASKING and not is_hiragana(run):  # 解説
        yield Token(run, Kind.COMMON, _part(run, word))
        return
    begin = _after_leading_words(pieces, kinds)
    end = _before_request(pieces, kinds, begin)
    topic_end = _before_topic_marker(pieces, begin, end)
    yield from _names_or_whole(pieces[begin:topic_end], kinds[begin:topic_end], word, context)
    if comment := _from_content(pieces[topic_end + 1 : end], kinds[topic_end + 1 : end], context):
        text, kind = comment
        yield Token(text, min(kind, Kind.COMMON), _part(text, word))


def _after_leading_words(pieces: Sequence[str], kinds: Sequence[int]) -> int:
    """Where the subject begins, after grammar and words that ask: 最近/の/RAG/の/話 gives 2. It includes お or ご."""
    leading = {Kind.GRAMMAR, Kind.ASKING}
    places = (at for at, kind in enumerate(kinds) if kind not in leading or pieces[at] in _HONORIFIC)
    return next(places, len(pieces))


def _before_request(pieces: Sequence[str], kinds: Sequence[int], begin: int) -> int:
    """Where the request at the end of a sentence begins, including the grammar before it: RAG/の/話/を/教え/て gives 1.
    It begins with the first word after the last content that asks or marks the topic (RAGとは); without such a word the
    subject goes on to the end.
    """
    size = len(pieces)
    after_content = next((at + 1 for at in range(size - 1, begin - 1, -1) if kinds[at] >= Kind.CONTENT), begin)
    request = (at for at in range(after_content, size) if kinds[at] == Kind.ASKING or pieces[at] in TOPIC_MARKERS)
    end = next(request, size - (pieces[-1] == _MARKER))
    while end < size and end > begin and kinds[end - 1] == Kind.GRAMMAR:
        end -= 1
    return end


def _before_topic_marker(pieces: Sequence[str], begin: int, end: int) -> int:
    """Where the subject ends if a marker makes it the topic, else ``end``: RAG/について/の/評判 gives 1, and so does
    GPT-5/は/いつ/発表, in which a question word follows the marker.
    """
    about = next((at for at in range(begin, end) if pieces[at] in ABOUT), end)
    questions = range(begin + 1, end)
    before_question = next(
        (at - 1 for at in questions if pieces[at] in QUESTION_WORDS and pieces[at - 1] in _TOPIC), end
    )
    return min(about, before_question)


def _names_or_whole(pieces: Sequence[str], kinds: Sequence[int], word: Word, context: Context) -> Iterator[Token]:
    """The subject: as several names if grammar joins them (ClaudeとGeminiの違い), else as one word."""
    if (subject := _from_content(pieces, kinds, context)) is None:
        return
    text, kind = subject
    start = _content_start(pieces, kinds)
    yield from _joined(pieces[start:], kinds[start:], word, context) or [Token(text, kind, _part(text, word))]


def _from_content(pieces: Sequence[str], kinds: Sequence[int], context: Context) -> tuple[str, int] | None:
    """The text of pieces from the first content on, and its kind; None if they have no content. A text without hiragana
    that general language hardly ever uses is a name.
    """
    start = _content_start(pieces, kinds)
    text = "".join(pieces[start:])
    if not text:
        return None
    kind = max(kinds[start:])
    rare = kind == Kind.CONTENT and context.table.zipf(text) < COMMON and not has_hiragana(text)
    return text, Kind.NAME if rare else kind


def _content_start(pieces: Sequence[str], kinds: Sequence[int]) -> int:
    places = (at for at, kind in enumerate(kinds) if kind > Kind.ASKING or pieces[at] in _HONORIFIC)
    return next(places, len(pieces))


def _joined(pieces: Sequence[str], kinds: Sequence[int], word: Word, context: Context) -> list[Token]:
    """The words of a run in which grammar joins two or more names, a token each. Nothing if the run has other content,
    or if the archive contains it as it is and it says more than the names.
    """
    tokens: list[Token] = []
    joints: list[str] = []
    joint = ""
    for text, kind in _content(pieces, kinds, context):
        if kind <= Kind.ASKING:
            joint += text
            continue
        token = Token(text, kind, _part(text, word))
        if tokens and joint in _EITHER and kind == tokens[-1].kind == Kind.NAME:
            tokens[-1] = _either(tokens[-1].word, token.word)
        else:
            tokens.append(token)
            joints.append(joint)
        joint = ""
    if len(tokens) > 1 and tokens[0].text.replace(".", "").isdigit() and joints[1][:1] in PARTICLES:  # Gemma 3が発表
        return tokens
    if any(one.kind == Kind.CONTENT for one in tokens):
        return []
    named = [one for one in tokens if one.kind == Kind.NAME]
    if not any(is_distinctive_name(one, context.archive) for one in named):
        tokens = [one for one in tokens if one.text not in _COMPARING]
    if any(one.word.either for one in named):
        return tokens
    only_names = len(named) == len(tokens) and _BOTH.issuperset(joints[1:])
    return tokens if len(named) > 1 and (only_names or not context.archive.frequency("".join(pieces))) else []


def _either(first: Word, second: Word) -> Token:
    """A token for two or more alternative names."""
    either = (*(first.either or ((first,),)), (second,))
    names = [one for (one,) in either]
    text = " or ".join(one.text for one in names)
    return Token(text, Kind.NAME, Word(text, " ".join(one.shown for one in names), either=either))


def _content(pieces: Sequence[str], kinds: Sequence[int], context: Context) -> Iterator[tuple[str, int]]:
    """The stretches of content in a run and the grammar between them, with their kinds. An inflected word is common."""
    stretch: list[int] = []
    for at in range(len(pieces) + 1):
        grammar = at == len(pieces) or kinds[at] <= (Kind.COMMON if is_hiragana(pieces[at]) else Kind.ASKING)
        inflected = not grammar and has_hiragana(pieces[at])
        if stretch and (grammar or inflected):
            text = "".join(pieces[one] for one in stretch)
            kind = Kind.COMMON if text in _COMPARING else max(kinds[one] for one in stretch)
            yield text, Kind.NAME if _is_name(text, context) else kind
            stretch = []
        if inflected:
            yield pieces[at], Kind.COMMON
        elif grammar and at < len(pieces):
            yield pieces[at], Kind.GRAMMAR
        elif not grammar:
            stretch.append(at)


def _is_name(text: str, context: Context) -> bool:
    """Whether content looks like a name or a number: in letters, or in katakana that general language seldom uses."""
    return _NAME.fullmatch(text) is not None and (text[0] < _FIRST_KANA or context.table.zipf(text) < _COMMON_KANA)


def _names_in(kana: str, run: str, context: Context) -> Iterator[str]:
    """The names at the beginning of content in hiragana: the archive has them, and they contain no usual words."""
    is_topic = run.startswith(kana) and any(word in run[: len(kana) + 2] for word in QUESTION_WORDS)  # ずんだもんは誰が
    begins = run.startswith(kana) and not content_words(kana)  # ずんだもんの話題
    for content in (kana,) if kana == run or is_topic or begins else content_words(kana):
        for end in range(_KANA_LENGTH + 1, len(content) + 1):
            name = content[:end]
            if PARTICLES & {name[-1], "" if kana == run else name[0]} or name in context.table:
                continue
            if begins and not (is_topic or end == len(content) or is_grammar(content[end:])):
                continue
            if context.archive.frequency(name) < LEAST_ROWS:
                break  # a longer one is not more frequent
            pieces = context.table.segment(name)
            usual = sum(context.table.zipf(piece) - 9 for piece in pieces) / len(name)
            if usual <= _USUAL_KANA and all(len(piece) <= _KANA_LENGTH for piece in pieces):
                yield name


def _japanese_kinds(pieces: Sequence[str], context: Context, names: set[str]) -> list[int]:
    kinds = [_japanese_kind(piece, context, names) for piece in pieces]
    for at in range(1, len(pieces)):
        if pieces[at] == _ORDINAL and kinds[at - 1] == Kind.ASKING:  # 何回目
            kinds[at] = Kind.ASKING
        if pieces[at] in _NEWS and (pieces[at - 1] == "の" or kinds[at - 1] == Kind.ASKING):  # Xの最新情報をください
            after = zip(pieces[at + 1 :], kinds[at + 1 :], strict=True)
            if all(is_hiragana(piece) or kind <= Kind.ASKING for piece, kind in after):
                kinds[at] = Kind.ASKING
        if _LETTER.fullmatch(pieces[at - 1]) and not is_hiragana(pieces[at]):  # R言語
            kinds[at - 1] = Kind.CONTENT
    return kinds


def _japanese_kind(text: str, context: Context, names: set[str]) -> int:
    zipf = context.table.zipf(text)
    if text in STOP_WORDS["ja"]:
        return Kind.ASKING
    if not any(map(str.isalnum, text)) or (text.isascii() and len(text) == 1 and text.isalpha()):
        return Kind.GRAMMAR
    if is_hiragana(text):
        return _hiragana_kind(text, zipf, names)
    inflected = has_hiragana(text)
    common = text.isdigit() or zipf >= (_COMMON_VERB if inflected else COMMON_NOUN)
    own = not inflected and context.is_own(text, zipf)
    return Kind.COMMON if common and not own else Kind.CONTENT


def _hiragana_kind(text: str, zipf: float, names: set[str]) -> int:
    if text in names or zipf < _COMMON_KANA:
        return Kind.CONTENT
    grammar = zipf >= _KANA_GRAMMAR or len(text) <= _KANA_LENGTH or is_grammar(text)
    return Kind.GRAMMAR if grammar else Kind.COMMON
