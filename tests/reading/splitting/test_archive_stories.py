"""How bodies become stories: every irregularity seen in a real archive, in made-up episodes."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_samples import IRREGULAR, episode_of, read_all, stories_of

from zunda_mcp.models import Episode, Story


@pytest.fixture(scope="module", name="episodes")
def irregular_episodes() -> dict[str, Episode]:
    episodes, _ = read_all(IRREGULAR)
    return episodes


def _stories(episodes: dict[str, Episode], id: str) -> tuple[Story, ...]:
    return episodes[id].stories


def test_an_ordinary_episode_gives_numbered_stories_with_title_url_site_and_summary(
    episodes: dict[str, Episode],
) -> None:
    first, second = _stories(episodes, "2030-01-07-1")
    assert first == Story(
        id="2030-01-07-1#1",
        episode_id="2030-01-07-1",
        place=1,
        title="畑の温度を毎分はかる小さな機械",
        url="https://hatake.example/thermo",
        site="hatake.example",
        summary="畑の土の温度を一分ごとに記録する機械の作り方です。\n\n電池は三か月もちます。",
    )
    assert second.id == "2030-01-07-1#2"


def test_the_letter_form_and_the_credit_after_it_are_no_story_and_stand_in_the_notes(
    episodes: dict[str, Episode],
) -> None:
    for episode in episodes.values():
        for story in episode.stories:
            assert "forms.example" not in story.model_dump_json()
            assert "実在しません" not in story.summary
    assert "[おたより](https://forms.example/edamame)\n（この放送局は実在しません）" in episodes["2030-01-07-1"].prose


def test_an_episode_may_have_no_stories(episodes: dict[str, Episode]) -> None:
    episode = episodes["2030-01-08-2"]
    assert episode.stories == ()
    assert episode.prose == "## 関連リンク\n\n[おたより](https://forms.example/edamame)\n（この放送局は実在しません）"
    assert episode.description == "話題は説明にだけあります。 二行目です。"


def test_a_link_under_a_heading_is_a_story_and_the_heading_is_nobodys_text(episodes: dict[str, Episode]) -> None:
    first, second = _stories(episodes, "2030-01-09-3")
    assert (first.title, first.summary) == ("枝豆の塩ゆで、科学で考える", "塩の量と時間の関係を調べた記事です。")
    assert (second.title, second.url) == ("[#12] さやの開けかた - 豆新聞", "https://shio.example/b")


def test_a_link_broken_by_a_line_that_looks_like_a_list_is_joined(episodes: dict[str, Episode]) -> None:
    short, broken = _stories(episodes, "2030-01-10-4")
    assert short.summary == "一つ目の要点です。"
    assert (broken.title, broken.url) == ("豆はどこへ行くのか　未来の畑 - 豆ニュース", "https://ori.example/2")
    assert broken.summary == "畑の未来を語る講演です。\n\n機械の仕事がふえるとのことです。"


def test_a_link_broken_by_blank_lines_is_joined(episodes: dict[str, Episode]) -> None:
    (story,) = _stories(episodes, "2030-01-11-5")
    assert story.url == "https://posts.example/beans/1"
    assert story.title.startswith("新しい豆が出ます!🌱")
    assert story.title.endswith("https://mijika.example/x")
    assert story.summary == "新しい品種の発表です。"


def test_stories_without_title_or_url_stay(episodes: dict[str, Episode]) -> None:
    untitled, bare, labelled = _stories(episodes, "2030-01-14-6")
    assert (untitled.title, untitled.url) == ("", "https://kara.example/1")
    assert (bare.title, bare.url, bare.site) == ("", None, None)
    assert bare.summary.endswith("題もあて先もない記事です。")
    assert (labelled.title, labelled.url) == ("題はここに", "https://kara.example/3")
    assert labelled.summary == "あて先は最後の行にあります。"


def test_urls_with_strays_are_cleaned_and_odd_brackets_read(episodes: dict[str, Episode]) -> None:
    quoted, half, bracket, space = _stories(episodes, "2030-01-15-7")
    assert (quoted.title, quoted.url) == ('"豆の輪" を作る · Discussion #481 · みどり', "https://ko.example/481")
    assert (half.title, half.url) == ("豆の鎖 · Discussion #482", "https://ko.example/482")
    assert (bracket.title, bracket.url) == ("かっこが [一つ多い題", "https://ko.example/483")
    assert (space.title, space.url) == ("空白のあるあて先", "https://ko.example/48%204")


def test_label_lines_are_cut_only_where_they_repeat_the_title(episodes: dict[str, Episode]) -> None:
    same, other, bold = _stories(episodes, "2030-01-16-8")
    assert same.summary == "豆を植える日の決めかたです。"
    assert other.summary == "タイトル: 水をやる回数について\n要約: 水やりは朝に一度です。"
    assert bold.summary == "布をかけます。"


def test_only_a_last_line_with_an_address_is_the_source(episodes: dict[str, Episode]) -> None:
    inside, book = _stories(episodes, "2030-01-17-9")
    assert inside.summary.startswith("調べた結果には引用元: が付きます。\n引用元: という行")
    assert inside.summary.endswith("おわりの文です。")
    assert book.summary.endswith("引用元: 豆の歴史（架空書房）")


def test_headings_lists_and_code_inside_a_summary_stay_as_written(episodes: dict[str, Episode]) -> None:
    (story,) = _stories(episodes, "2030-01-18-10")
    for line in ("## 背景", "### まとめ", "#### 小さな見出し", "  - 中の一つ", "1. 順番の一", "引用元: これも見本"):
        assert line in story.summary.split("\n")
    assert "${{ matrix.os }}" in story.summary
    assert "<think>考えています</think>" in story.summary
    assert story.summary.endswith("https://midashi.example/nakaで公開しています。")


def test_an_indented_summary_loses_its_indent_and_leaked_quotes(episodes: dict[str, Episode]) -> None:
    quoted, plain = _stories(episodes, "2030-01-21-11")
    assert quoted.summary == ("一つ目の段落は長いので 折り返されています。豆の 'さや' の話です。\n\n二つ目の段落です。")
    assert plain.summary == "字下げした段落です。\n\n- 中の一覧\n\n    さらに深い段落"


def test_leaked_yaml_escapes_are_undone_and_real_ones_kept(episodes: dict[str, Episode]) -> None:
    folded, line, quoted, real = _stories(episodes, "2030-01-22-12")
    assert folded.summary == (
        "新しい道具 Bean Kit の紹介です。\n\n主な点は **三つ** です。\n\n1.  **一つ目:**\n    字下げした説明です。"
    )
    assert line.summary == "一行に全部あります。\n\n二段落目です。"
    assert quoted.summary == "「Bean Stream」の話です。"
    assert real.summary == r"改行は `\n\n` と書きます。Windows では C:\new です。"


def test_an_embedded_video_gives_its_id_and_leaves_the_note_under_it(episodes: dict[str, Episode]) -> None:
    episode = episodes["2030-01-23-13"]
    assert episode.youtube_id == "Eda-mame_01"
    assert episode.prose.startswith('来週はお休みです。"またね"\n\n## youtube版(スライド付き)\n\n※動画版は今週まで\n')
    assert "iframe" not in episode.prose


def test_text_before_the_first_story_is_prose(episodes: dict[str, Episode]) -> None:
    episode = episodes["2030-01-24-14"]
    assert episode.prose.startswith("きょうは特別編です！\n\nいつもと違います。")
    assert episode.prose.endswith("\n\n## 関連リンク")
    (story,) = episode.stories
    assert story.summary.startswith("### 過去の特別編")


@pytest.mark.parametrize(
    "html",
    [
        '<iframe src="https://example.org/embed/Eda-mame_01"></iframe>',
        '<iframe src="https://www.youtube.com/embed/videoseries?list=x"></iframe>',
        "<iframe src='http://['></iframe>",
        '```\n<iframe src="https://www.youtube.com/embed/Eda-mame_01"></iframe>\n```',
    ],
)
def test_other_frames_and_code_are_no_video(tmp_path: Path, html: str) -> None:
    assert episode_of(tmp_path, f"---\ntitle: 題\n---\n\n{html}\n").youtube_id is None


def test_a_video_with_text_around_it_stays_in_the_prose(tmp_path: Path) -> None:
    html = '<p>見てください <iframe src="https://www.youtube-nocookie.com/embed/Eda-mame_01?rel=0"></iframe></p>'
    episode = episode_of(tmp_path, f"---\ntitle: 題\n---\n\n{html}\n")
    assert episode.youtube_id == "Eda-mame_01"
    assert "見てください" in episode.prose


def test_a_body_without_any_link_is_all_prose(tmp_path: Path) -> None:
    episode = episode_of(tmp_path, "---\ntitle: 題\n---\n\n一。\n\n- 二\n- 三\n")
    assert (episode.stories, episode.prose) == ((), "一。\n\n- 二\n- 三")


@pytest.mark.parametrize(
    "line",
    [
        "- 文と [リンク](https://a.example/)",
        "- [リンク](https://a.example/) と文",
        "- [一](https://a.example/) [二](https://b.example/)",
        "- <https://a.example/>",
        "- https://a.example/",
        "1. [順番の項](https://a.example/)",
        "> - [引用の項](https://a.example/)",
        "- 項\n  - [中の項](https://a.example/)",
        "    - [字下げの見本](https://a.example/)",
        "[ただの段落](https://a.example/)",
        "- [閉じない題\n\nつづきの文です。",
        "- [ ] すること",
        "- ![絵](https://a.example/x.png)",
    ],
)
def test_what_is_not_exactly_one_link_at_the_top_heads_no_story(tmp_path: Path, line: str) -> None:
    stories = stories_of(tmp_path, f"- [頭](https://head.example/)\n\n要点。\n\n{line}\n")
    assert [story.title for story in stories] == ["頭"]
    assert stories[0].summary.endswith(line)


def test_a_heading_that_is_a_link_heads_a_story(tmp_path: Path) -> None:
    stories = stories_of(tmp_path, "## [題一](https://a.example/1)\n\n一。\n\n## [題二](https://a.example/2)\n\n二。\n")
    assert [(story.title, story.summary) for story in stories] == [("題一", "一。"), ("題二", "二。")]


def test_a_broken_link_does_not_swallow_the_story_after_it(tmp_path: Path) -> None:
    stories = stories_of(tmp_path, "- [開いたまま\n- [題](https://a.example/)\n\n要点。\n")
    assert [(story.title, story.summary) for story in stories] == [("題", "要点。")]


def test_reference_links_and_entities_and_escapes_in_titles_are_read(tmp_path: Path) -> None:
    body = "- [題 &amp; \\* `code` **太字** <form>][1]\n\n要点。\n\n[1]: https://a.example/ref\n"
    (story,) = stories_of(tmp_path, body)
    assert (story.title, story.url) == ("題 & * code 太字 <form>", "https://a.example/ref")


def test_urls_stay_as_written_and_what_is_no_web_address_is_none(tmp_path: Path) -> None:
    body = (
        "- [一](https://a.example/豆?q=%E8%B1%86)\n- [二](ftp://a.example/)\n- [三](/episode/1)\n- [四](<http://[>)\n"
    )
    assert [story.url for story in stories_of(tmp_path, body)] == [
        "https://a.example/豆?q=%E8%B1%86",
        None,
        None,
        None,
    ]


def test_a_site_is_the_host_without_www(tmp_path: Path) -> None:
    body = "- [一](https://WWW.Example.org:8080/x)\n- [二](https://note.com/)\n"
    assert [story.site for story in stories_of(tmp_path, body)] == ["example.org", "note.com"]


def test_unusual_line_characters_do_not_shift_lines(tmp_path: Path) -> None:
    (story,) = stories_of(tmp_path, "- [題\u2028です](https://a.example/)\n\n一\x0b二\x85三\u2029四。\n\n終わり。\n")
    assert story.summary == "一\x0b二\x85三\u2029四。\n\n終わり。"


def test_an_indent_under_a_head_that_is_no_item_is_taken_off_as_a_whole(tmp_path: Path) -> None:
    stories = stories_of(tmp_path, "## [題](https://a.example/)\n\n  一。\n\n  - 二\n    - 三\n")
    assert stories[0].summary == "一。\n\n- 二\n  - 三"


@pytest.mark.parametrize("piece", ["[", "- [\n", "<iframe ", "- [a](https://a.example/)\n", "> ", "<div><!--"])
@pytest.mark.timeout(60)  # under a second at rest
def test_senseless_repetition_is_read_in_good_time(tmp_path: Path, piece: str) -> None:
    body = piece * (20_000 // len(piece))
    episode_of(tmp_path, f"---\ntitle: 題\n---\n\n- {body}\n")
