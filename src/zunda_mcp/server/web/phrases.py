"""What the pages say, in English and in Japanese. Both have the same fields, so that neither can lack a phrase."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from zunda_mcp.rendering.messages import Messages

__all__ = ["PHRASES", "Phrases", "language_of"]


@dataclass(frozen=True)
class Phrases:
    """The phrases of one language; ``{…}`` is filled in with ``str.format``."""

    language: str
    name: str
    search: str
    search_label: str
    placeholder: str
    skip: str
    skip_chart: str
    home: str
    topics: str
    episodes: str
    connect: str
    stories_count: str
    story_count: str
    episodes_count: str
    episode_count: str
    totals: str
    by_title: str
    reach: str
    current: str
    updating: str
    building: str
    building_page: str
    unreadable: str
    about_archive: str
    latest: str
    often: str
    all_topics: str
    all_episodes: str
    nothing: str
    nothing_more: str
    instead: str
    close_by: str
    closest: str
    partly: str
    understood: str
    complete: str
    more: str
    first_page: str
    filters: str
    since: str
    until: str
    date_example: str
    host: str
    site: str
    archive: str
    kind: str
    sort: str
    relevance: str
    newest: str
    oldest: str
    any: str
    apply: str
    clear: str
    remove: str
    narrow: str
    years: str
    hosts: str
    sites: str
    newest_counted: str
    highest: str
    over_time: str
    every_story: str
    period_of: str
    source: str
    listen_at: str
    watch_at: str
    recording: str
    play_from: str
    published: str
    notes: str
    spoken: str
    spoken_from: str
    related: str
    share: str
    copy: str
    copied: str
    cite: str
    previous: str
    following: str
    topic_stories: str
    rising: str
    by_count: str
    by_recent: str
    connect_intro: str
    endpoint: str
    one_click: str
    commands: str
    any_client: str
    hosted: str
    hosted_how: str
    key_needed: str
    ask_for: str
    no_page: str
    bad_request: str
    fault: str
    unavailable: str
    locked: str
    locked_how: str
    passage: str
    whole_episode: str
    made_with: str
    undated: str
    as_of: str

    @property
    def messages(self) -> Messages:
        """The same language for what is worded elsewhere."""
        return Messages(japanese=self.language == "ja")

    def stories(self, count: int) -> str:
        """``1,204 stories``."""
        return (self.story_count if count == 1 else self.stories_count).format(n=f"{count:,}")

    def broadcasts(self, count: int) -> str:
        """``549 episodes``."""
        return (self.episode_count if count == 1 else self.episodes_count).format(n=f"{count:,}")

    def day(self, iso: str | None) -> str:
        """An ISO day, month (``2025-07``) or year as one writes it."""
        if not iso:
            return self.undated
        year, *rest = (int(part) for part in iso.split("-"))
        if self.language == "ja":
            return f"{year}年" + "".join(f"{part}{unit}" for part, unit in zip(rest, "月日", strict=False))
        if not rest:
            return str(year)
        written = dt.date(year, rest[0], rest[1] if rest[1:] else 1)
        return f"{written.day} {written:%b} {year}" if rest[1:] else f"{written:%b} {year}"


_EN = Phrases(
    language="en",
    name="English",
    search="Search",
    search_label="Search the archive",
    placeholder="A name, a subject, “a phrase”, a link",
    skip="Skip to the content",
    skip_chart="Skip the chart",
    home="Search",
    topics="Topics",
    episodes="Episodes",
    connect="Connect an assistant",
    stories_count="{n} stories",
    story_count="{n} story",
    episodes_count="{n} episodes",
    episode_count="{n} episode",
    totals="{stories} in {episodes}",
    by_title="{episodes} by title or notes",
    reach="{first} to {last}",
    current="up to date",
    updating="being updated",
    building="still being indexed",
    building_page="The archive is being read for the first time",
    unreadable="files not readable now, last index shown",
    about_archive="{episodes} with {stories}, {reach}.",
    latest="Latest episodes",
    often="Often spoken of",
    all_topics="All topics",
    all_episodes="All episodes",
    nothing="Nothing on “{query}”",
    nothing_more="Every title, text, name and transcript of the archive was looked through.",
    instead="Try instead",
    close_by="Close, but no answer",
    closest="The closest, best first",
    partly="Only a part of it",
    understood="Understood as",
    complete="This is all of it.",
    more="More",
    first_page="Back to the first page",
    filters="Dates, hosts, sites",
    since="From",
    until="Until",
    date_example="2025-07 or last month",
    host="Host",
    site="Site",
    archive="Archive",
    kind="Kind",
    sort="Order",
    relevance="Best first",
    newest="Newest first",
    oldest="Oldest first",
    any="Any",
    apply="Apply",
    clear="Clear all filters",
    remove="Remove {what}",
    narrow="Narrow down",
    years="Years",
    hosts="Hosts",
    sites="Sites",
    newest_counted="of the newest {n}",
    highest="at most {n}",
    over_time="Stories on “{query}” over time",
    every_story="All stories over time",
    period_of="{period}: {stories}",
    source="Source",
    listen_at="Listen at {time}",
    watch_at="Watch at {time}",
    recording="Recording",
    play_from="Play from {time}",
    published="Published page",
    notes="Notes",
    spoken="As spoken",
    spoken_from="Spoken {time}",
    related="Related stories",
    share="Link to this story",
    copy="Copy",
    copied="Copied",
    cite="Citation",
    previous="Earlier episode",
    following="Later episode",
    topic_stories="{stories}, last {last}",
    rising="Rising",
    by_count="Most often",
    by_recent="Most recent",
    connect_intro="An assistant that speaks MCP can ask this archive itself, and cites episode, date and link.",
    endpoint="Address",
    one_click="Open in an application",
    commands="In a terminal",
    any_client="Any other client",
    hosted="Claude, ChatGPT and other assistants on the web",
    hosted_how="Settings, Connectors, Add custom connector: paste the address. It must be public, with https.",
    key_needed="This server asks for a token: put the one you were given in place of TOKEN.",
    ask_for="Then ask, for example",
    no_page="There is no such page",
    bad_request="This cannot be answered as it stands",
    fault="A fault in the server",
    unavailable="The archive cannot be read now",
    locked="This archive is not public",
    locked_how="Reload the page and give the token you were given as the password; the name does not matter.",
    passage="spoken",
    whole_episode="The whole episode",
    made_with="Answered by",
    undated="undated",
    as_of="Archive up to {newest}, {state}",
)

_JA = Phrases(
    language="ja",
    name="日本語",
    search="検索",
    search_label="アーカイブを検索",
    placeholder="名前、話題、「語句」、URL",
    skip="本文へ",
    skip_chart="グラフを飛ばす",
    home="検索",
    topics="話題",
    episodes="放送回",
    connect="AIアシスタントにつなぐ",
    stories_count="記事{n}件",
    story_count="記事{n}件",
    episodes_count="{n}回",
    episode_count="{n}回",
    totals="{stories}（放送回{episodes}）",
    by_title="題名やノートで{episodes}",
    reach="{first}〜{last}",
    current="最新です",
    updating="更新中",
    building="索引を作成中",
    building_page="アーカイブをはじめて読み込んでいます",
    unreadable="ファイルを読めないため、前回の索引です",
    about_archive="放送{episodes}、{stories}。{reach}。",
    latest="最近の放送回",
    often="よく出てくる話題",
    all_topics="すべての話題",
    all_episodes="すべての放送回",
    nothing="「{query}」は見つかりませんでした",
    nothing_more="題名、本文、人名、文字起こしをすべて調べました。",
    instead="こちらはどうですか",
    close_by="近いものの、答えではない記事",
    closest="近い順",
    partly="一部だけ一致",
    understood="解釈",
    complete="以上ですべてです。",
    more="続き",
    first_page="最初のページへ",
    filters="日付・出演者・サイトで絞る",
    since="いつから",
    until="いつまで",
    date_example="2025-07、先月",
    host="出演者",
    site="サイト",
    archive="アーカイブ",
    kind="種類",
    sort="並び順",
    relevance="関連の強い順",
    newest="新しい順",
    oldest="古い順",
    any="すべて",
    apply="絞り込む",
    clear="絞り込みをすべて外す",
    remove="{what} を外す",
    narrow="絞り込む",
    years="年",
    hosts="出演者",
    sites="サイト",
    newest_counted="新しい{n}件のうち",
    highest="最多{n}件",
    over_time="「{query}」の記事数の推移",
    every_story="記事数の推移",
    period_of="{period}: {stories}",
    source="元の記事",
    listen_at="{time}から聴く",
    watch_at="{time}から観る",
    recording="音声",
    play_from="{time}から再生",
    published="公開ページ",
    notes="番組メモ",
    spoken="放送での言葉",
    spoken_from="音声 {time}",
    related="関連する記事",
    share="この記事へのリンク",
    copy="コピー",
    copied="コピーしました",
    cite="引用",
    previous="前の放送回",
    following="次の放送回",
    topic_stories="{stories}、最新は{last}",
    rising="増えている順",
    by_count="多い順",
    by_recent="新しい順",
    connect_intro="MCPに対応したAIアシスタントは、このアーカイブに直接質問し、放送回と日付とリンクを添えて答えられます。",
    endpoint="アドレス",
    one_click="アプリで開く",
    commands="端末で",
    any_client="そのほかのクライアント",
    hosted="Claude、ChatGPTなど、ウェブのアシスタント",
    hosted_how="設定の「コネクタ」で「カスタムコネクタを追加」を選び、アドレスを貼ります。https での公開が必要です。",
    key_needed="このサーバーにはトークンが要ります。TOKEN を、受け取ったトークンに置き換えてください。",
    ask_for="そのあと、たとえばこう尋ねます",
    no_page="そのページはありません",
    bad_request="このままでは答えられません",
    fault="サーバーの不具合です",
    unavailable="いまアーカイブを読めません",
    locked="このアーカイブは公開されていません",
    locked_how="ページを読み直し、受け取ったトークンをパスワードとして入力してください。名前は何でも構いません。",
    passage="音声から",
    whole_episode="この放送回の全体",
    made_with="検索:",
    undated="日付なし",
    as_of="{newest}までのアーカイブ、{state}",
)

PHRASES = {phrases.language: phrases for phrases in (_EN, _JA)}
"""The phrases by language; the first is for all others."""


def language_of(chosen: str | None, accepted: str) -> str:
    """The language of a page: the chosen one, or of an ``Accept-Language`` header (RFC 9110, 12.5.4) the first that
    there are phrases in, or English.
    """
    if chosen in PHRASES:
        return chosen
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted[:500].split(",")):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=")
        quality = float(weight) if weight.replace(".", "", 1).isdigit() else 1.0
        ranked.append((-quality, place, tag.lower().partition("-")[0]))
    return next((tag for quality, _, tag in sorted(ranked) if quality and tag in PHRASES), "en")
