"""A Korean or Chinese name that no table of words has is one word of a question, whatever grammar stands with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from conftest import library_over
from zunda_mcp.library import Library

KOREAN = (
    "뤼튼",
    "업스테이지",
    "리벨리온",
    "사피온",
    "노타",
    "루닛",
    "무신사",
    "야놀자",
    "딥엑스",
    "하이퍼클로바",
    "클로드",
)
KOREAN_QUESTIONS = (
    "{name}",
    "{name} 모델",
    "{name} 반도체",
    "{name:에서} 발표한 모델",
    "{name:에서} 공개한 반도체를 알려줘",
    "{name:은} 무엇을 발표했나요?",
    "{name:이} 만든 모델",
    "{name:을} 소개한 방송",
    "{name:에} 대해 이야기한 방송이 있었나요?",
    "{name:의} 새 모델",
    "{name:로} 시작한 서비스",
    "{name:과} 모델",
    "{name:이나} 반도체",
    "{name:도} 모델을 발표했나요?",
    "{name:만} 공개한 모델",
    "{name:부터} 모델까지",
    "{name:까지} 나온 모델",
    "{name:처럼} 만든 모델",
    "{name:에서는} 어떤 모델을 발표했나요?",
)
CHINESE = (
    "零一万物", "阶跃星辰", "月之暗面", "百川智能", "智谱", "面壁智能", "商汤", "科大讯飞", "寒武纪", "壁仞",
    "摩尔线程",
)  # fmt: skip
CHINESE_QUESTIONS = (
    "{name}",
    "{name} 模型",
    "{name}的模型",
    "{name} 芯片",
    "{name}发布了什么模型",
    "介绍{name}的节目",
    "有没有聊过{name}？",
    "关于{name}的新闻",
    "{name}和模型",
    "哪几期节目讨论过{name}的芯片？",
    "{name}最近发布了哪些产品",
)
_AFTER_CONSONANT = {"는": "은", "가": "이", "를": "을", "와": "과", "나": "이나"}
_AFTER_VOWEL = {after: before for before, after in _AFTER_CONSONANT.items()}


class _Name(str):
    """A Korean name; ``{name:은}`` is the name with this particle in the form that follows its last sound."""

    __slots__ = ()

    def __format__(self, particle: str) -> str:
        final = (ord(self[-1]) - 0xAC00) % 28
        if particle == "로" and final and final != 8:
            particle = "으로"
        elif particle in _AFTER_VOWEL and not final:
            particle = _AFTER_VOWEL[particle]
        return str(self) + particle


def _korean(name: _Name) -> Sequence[tuple[str, str]]:
    return [
        (f"{name}, 새 모델 공개", f"{name:이} 만든 새 모델을 공개했다."),
        (f"{name:의} 반도체", f"{name:은} 반도체를 설계해 내놓을 계획이다."),
        (f"{name} 서비스", f"{name:로} 시작한 서비스."),
    ]


def _chinese(name: str) -> Sequence[tuple[str, str]]:
    return [
        (f"{name}推出新模型", f"{name}的新模型很快，产品也好。"),
        (f"{name}的芯片", f"芯片由{name}设计。"),
        (f"{name}上市", f"我们买了{name}的股票。"),
    ]


def _library(folder: Path, language: str, stories: Sequence[tuple[str, str]]) -> Library:
    """An archive with one story a day."""
    episodes = folder / "show"
    episodes.mkdir()
    for day, (title, text) in zip(count(), stories, strict=False):
        date = f"2025-{1 + day // 28:02}-{1 + day % 28:02}"
        body = f"---\nlang: {language}\ndate: {date}\ntitle: {title}\n---\n\n{text}\n"
        (episodes / f"{date}.md").write_text(body, encoding="utf-8")
    library = library_over(episodes, folder / "index")
    library.refresh()
    return library


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three stories on each name, and six on Samsung."""
    named = [story for name in KOREAN for story in _korean(_Name(name))]
    samsung = [(f"삼성 반도체 모델 {i}", "삼성에서 새 모델을 발표한 이야기.") for i in range(6)]
    with _library(tmp_path_factory.mktemp("korean"), "ko", [*named, *samsung]) as library:
        yield library


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three stories on each name, and six on Huawei."""
    named = [story for name in CHINESE for story in _chinese(name)]
    huawei = [(f"华为的芯片和模型{i}", "华为最近发布了新的模型。") for i in range(6)]
    with _library(tmp_path_factory.mktemp("chinese"), "zh", [*named, *huawei]) as library:
        yield library


def _answering(library: Library, query: str) -> list[str]:
    return [hit.title for hit in library.search(query).hits if not hit.near]


def _misled(library: Library, questions: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The questions that are not answered by stories on their name alone, with what answers them."""
    answers = {question: (name, _answering(library, question)) for question, name in questions}
    return {
        question: titles
        for question, (name, titles) in answers.items()
        if not titles or not all(name in title for title in titles)
    }


@pytest.mark.parametrize("name", KOREAN)
def test_what_answers_a_question_on_a_korean_name_names_it(korean: Library, name: str) -> None:
    assert _misled(korean, ((question.format(name=_Name(name)), name) for question in KOREAN_QUESTIONS)) == {}


@pytest.mark.parametrize("name", CHINESE)
def test_what_answers_a_question_on_a_chinese_name_names_it(chinese: Library, name: str) -> None:
    assert _misled(chinese, ((question.format(name=name), name) for question in CHINESE_QUESTIONS)) == {}


@pytest.mark.parametrize("question", ["{name} 모델", "{name:에서} 발표한 모델", "{name:은} 무엇을 발표했나요?"])
def test_a_korean_name_nobody_wrote_is_said_to_be_absent(korean: Library, question: str) -> None:
    for name in ("스캐터랩", "몰로코", "직방", "뷰노"):
        answer = korean.search(question.format(name=_Name(name)))
        assert [hit.title for hit in answer.hits if not hit.near] == []
        assert answer.understood.endswith(f"not in the archive as written: {name}")


@pytest.mark.parametrize("question", ["{name} 模型", "{name}的模型", "{name}发布了什么模型"])
def test_a_chinese_name_nobody_wrote_has_no_answer(chinese: Library, question: str) -> None:
    for name in ("宇树科技", "文远知行", "昆仑芯", "地平线"):
        assert _answering(chinese, question.format(name=name)) == []


@pytest.mark.parametrize("question", ["삼성에서 쓸 만한 모델", "삼성 모델 보여줬던 방송", "삼성이 썼던 모델은?"])
def test_a_korean_verb_is_no_name(korean: Library, question: str) -> None:
    assert len([title for title in _answering(korean, question) if "삼성" in title]) == 6


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("삼성 관련 내용 좀 찾아봐", "삼성"),
        ("삼성을 소개해 주실 수 있을까요", "삼성"),
        ("삼성을 이긴 모델", "삼성 + 모델"),
        ("삼성을 쓰신 분이 있나요", "삼성"),
    ],
)
def test_a_korean_request_asks_for_its_nouns(korean: Library, question: str, asked: str) -> None:
    assert korean.search(question).understood == asked


@pytest.mark.parametrize(("question", "name"), [("다나와에서 산 물건", "다나와"), ("다나와와 쿠팡", "다나와")])
def test_a_syllable_like_a_particle_stays_with_a_name_that_takes_particles_after_it(
    tmp_path: Path, question: str, name: str
) -> None:
    stories = [
        ("가격 비교", "다나와가 가격을 비교한다."),
        ("다나 이야기", "다나는 배우이다."),
        ("소식", "쿠팡을 쓴다."),
    ]
    with _library(tmp_path, "ko", stories) as library:
        assert name in library.search(question).understood
