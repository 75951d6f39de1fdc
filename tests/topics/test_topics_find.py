"""From candidates to topics, on made-up archives."""

from __future__ import annotations

from collections.abc import Iterable

from zunda_mcp.topics.candidates import mentions
from zunda_mcp.topics.discovery import find_topics
from zunda_mcp.topics.tokens import ArchiveTopic, StoryNames

FILLER = (
    ("畑の便り", "今日は畑の様子を見て、水やりの手順を確かめました。"),
    ("道具の手入れ", "鍬と鎌を研ぎ、納屋の棚に並べて片づけました。"),
    ("市場の朝", "朝の市場では豆と餅がよく売れ、昼前に店を閉めました。"),
)


def story(number: int, title: str, summary: str) -> StoryNames:
    """The candidates of one made-up story; ``number`` gives its day and episode."""
    day = f"2030-{1 + number // 28 % 12:02}-{1 + number % 28:02}"
    episode = f"{day}-{number}"
    return StoryNames(f"{episode}#1", episode, day, mentions(title, summary), title)


def topics_of(texts: Iterable[tuple[str, str]], *, filler: int = 30) -> dict[str, ArchiveTopic]:
    """The topics of these stories among ``filler`` others, by name."""
    told = [*texts, *(FILLER[i % len(FILLER)] for i in range(filler))]
    return {topic.name: topic for topic in find_topics(story(i, *text) for i, text in enumerate(told))}


def test_a_name_that_two_episodes_share_is_a_topic_with_all_its_stories_newest_first() -> None:
    found = topics_of([("MameSeekの公開", "MameSeekが公開。"), ("豆の話", "MameSeekを試しました。")])
    topic = found["MameSeek"]
    assert topic.story_ids == ("2030-01-02-1#1", "2030-01-01-0#1")
    assert (topic.episodes, topic.first, topic.last) == (2, "2030-01-01", "2030-01-02")


def test_a_name_of_one_episode_only_is_no_topic() -> None:
    twice = [
        StoryNames(f"2030-01-01-1#{place}", "2030-01-01-1", "2030-01-01", mentions("", "MameSeekです。"), "")
        for place in (1, 2)
    ]
    assert find_topics(twice) == []
    assert len(find_topics([*twice, story(40, "", "MameSeekです。")])) == 1


def test_spellings_of_one_name_are_one_topic_under_the_most_frequent() -> None:
    texts = [("豆", f"新しい{name}を試しました。") for name in ("Mame Code", "Mame Code", "MameCode", "mame-code")]
    topic = topics_of(texts)["Mame Code"]
    assert len(topic.story_ids) == 4
    assert set(topic.aliases) == {"MameCode", "mame-code"}


def test_the_long_vowel_mark_at_the_end_makes_no_new_topic() -> None:
    texts = [
        ("豆", f"{name}を{name}で包み、{name}に{name}と書きました。")
        for name in ("MCサーバー", "MCサーバ", "MCサーバー")
    ]
    found = topics_of(texts)
    assert found["MCサーバー"].aliases == ("MCサーバ",)
    assert len(found["MCサーバー"].story_ids) == 3


def test_an_acronym_and_what_it_stands_for_are_one_topic() -> None:
    text = "ZCP(Zunda Context Protocol)の話です。ZCPは便利で、ZCPは速く、ZCPは新しい。"
    found = topics_of([("ZCPとは", text), ("豆とZCP", text), ("ZCPの続き", "ZCPです。ZCPです。")])
    assert found["ZCP"].aliases == ("Zunda Context Protocol",)
    assert "Zunda Context Protocol" not in found


def test_a_part_that_never_stands_alone_is_no_topic() -> None:
    found = topics_of([("豆", "Zunda Context Protocolの話です。")] * 4)
    assert "Zunda Context Protocol" in found
    assert not {"Context", "Protocol", "Zunda Context", "Context Protocol"} & found.keys()


def test_a_story_counts_for_a_name_that_it_has_inside_a_longer_one() -> None:
    found = topics_of(
        [("豆", "MameSeekを試しました。"), ("豆", "MameSeekを見ました。"), ("豆", "MameSeekモデルです。")]
    )
    assert len(found["MameSeek"].story_ids) == 3


def test_a_word_that_every_story_uses_once_is_of_general_use_and_no_topic() -> None:
    texts = [("豆", "便利なメリットとハルシマメーションを説明します。") for _ in range(6)]
    assert "メリット" not in topics_of(texts)


def test_a_word_that_few_stories_are_about_is_a_topic() -> None:
    text = "マメファインチューニングとは何か。マメファインチューニングは難しく、マメファインチューニングは楽しい。"
    assert "マメファインチューニング" in topics_of([("マメファインチューニング入門", text)] * 3)


def test_what_more_than_a_third_of_all_stories_mention_tells_none_apart() -> None:
    texts = [("MameSeek", "MameSeekです。MameSeekです。")] * 20
    assert "MameSeek" not in topics_of(texts, filler=10)


def test_a_word_that_combines_with_everything_is_material_for_names_and_no_name() -> None:
    heads = ("豆腐", "納豆", "味噌", "醤油", "団子", "煎餅", "大福", "羊羹", "饅頭", "汁粉", "枝豆", "黒豆")
    texts = [("豆", f"{head}システムとシステム。システムのシステム。") for head in heads]
    assert "システム" not in topics_of(texts, filler=60)


def test_a_name_in_hiragana_needs_quotation_marks_and_is_then_found_in_titles_too() -> None:
    texts = [("踊る豆", "「ずんだまめ」と「ずんだまめ」の話。"), ("豆", "「ずんだまめ」が「ずんだまめ」に会う。")]
    found = topics_of([*texts, ("歌うずんだまめの会", "歌の会です。"), ("ゆっくり", "ゆっくりとした話です。")])
    assert len(found["ずんだまめ"].story_ids) == 3
    assert "ゆっくり" not in found


def test_versions_domains_and_numbers_are_no_topics() -> None:
    found = topics_of([("豆", "v2.0.1とmame.jpと3.5と70Bが出ました。")] * 3)
    assert found == {}


def test_an_english_archive_gives_names_and_no_words_that_open_sentences() -> None:
    texts = [
        (
            "How We Grow Beans",
            f"The people of Mame Valley met Mamezo again, and this {word} was sold at MameHub. However, it rained.",
        )
        for word in ("tool", "bean", "field", "spade")
    ]
    found = topics_of(texts)
    assert {"Mame Valley", "Mamezo", "MameHub"} <= found.keys()
    assert not {"The", "How", "However", "Beans", "People"} & found.keys()


def test_topics_come_in_order_of_their_stories_and_the_same_every_time() -> None:
    texts = [("豆", "MameSeekです。")] * 3 + [("豆", "EdaSeekです。")] * 2
    names = list(topics_of(texts))
    assert names == ["MameSeek", "EdaSeek"] == list(topics_of(texts))


def test_an_empty_archive_has_no_topics() -> None:
    assert find_topics([]) == []
    assert find_topics([StoryNames("a#1", "a", "2030-01-01", {}, "")]) == []


def test_plural_and_acronym_and_long_form_all_end_at_one_topic() -> None:
    text = "ZLM(Zunda Language Model)の話です。ZLMは豆で、ZLMは餅で、ZLMは団子。"
    plural = "ZLMs(Zunda Language Models)の話です。ZLMsとZLM。ZLMsのZLM。"
    found = topics_of([("ZLMとは", text), ("ZLM入門", text), ("ZLMsの話", plural), ("ZLMsとは", plural)])
    assert set(found) == {"ZLM"}
    assert {"ZLMs", "Zunda Language Model", "Zunda Language Models"} <= set(found["ZLM"].aliases)
