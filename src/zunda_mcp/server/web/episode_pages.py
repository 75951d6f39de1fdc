"""The pages for reading: an episode with its player, and a story with related ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from zunda_mcp.answers import EpisodeAnswer, Related
from zunda_mcp.models import OWN, PASSAGE, Episode, Story
from zunda_mcp.results.citing import citation
from zunda_mcp.server.web.layout import Child, Markup, document, element, join, markdown, moment, player, quoted
from zunda_mcp.server.web.search_page import hit_list
from zunda_mcp.server.web.site_links import PageContext, SearchForm
from zunda_mcp.text.timestamps import url_at

if TYPE_CHECKING:
    from zunda_mcp.library import Library

__all__ = ["Recorded", "episode_page", "story_page"]

Recorded: TypeAlias = tuple[str, str | None]
"""A page, and the address of the recording in its player."""

_RELATED = 8


def episode_page(site: PageContext, library: Library, episode_id: str, start: float | None = None) -> Recorded:
    """Return the page of an episode by any of its names, its player at ``start`` seconds. Raises ``NotFoundError``."""
    answer = library.episode(episode_id)
    episode = answer.episode
    stories = [_story(site, episode, story, heading="h2") for story in episode.stories if _is_written(story)]
    notes = _notes(site, episode)
    body = [
        element("article", _head(site, episode), player(site, episode.audio_url, episode.youtube_id, start), stories,
                notes),
        _neighbours(site, answer),
    ]  # fmt: skip
    return document(site, episode.title, body, question=SearchForm(), current="episodes"), episode.audio_url


def story_page(site: PageContext, library: Library, story_id: str, address: str) -> Recorded:
    """Return the page of a story by its id; ``address`` is the page's own, for sharing. Raises ``NotFoundError``."""
    phrases = site.phrases
    answer = library.episode(story_id)
    episode = answer.episode
    story = next((one for one in episode.stories if one.id == answer.story), None)
    if story is None:
        return episode_page(site, library, episode.id)
    related = library.related(story_id, limit=_RELATED)
    title = story.title or episode.title
    cited = citation(title, story.url, episode.title, _day(episode), episode.page_url)
    body = [
        element(
            "article",
            element(
                "p",
                element("time", phrases.day(_day(episode)), datetime=_day(episode)),
                " · ",
                quoted(site, "a", episode.title, href=site.links.episode(episode.id)),
                class_="facts",
            ),
            _story(site, episode, story, heading="h1"),
            player(site, episode.audio_url, episode.youtube_id, story.start),
            _spoken(site, answer.spoken),
            _copied("share", phrases.share, address, phrases.copy),
            _copied("cite", phrases.cite, cited, phrases.copy),
        ),
        _related(site, related),
    ]
    return document(site, title, body, question=SearchForm(), current="episodes"), episode.audio_url


def _is_written(story: Story) -> bool:
    return story.kind not in (PASSAGE, OWN)


def _day(episode: Episode) -> str | None:
    return episode.date.isoformat() if episode.date else None


def _head(site: PageContext, episode: Episode) -> Markup:
    phrases = site.phrases
    facts: list[Child] = [element("time", phrases.day(_day(episode)), datetime=_day(episode))]
    facts += [
        quoted(site, "a", host, href=site.links.search(SearchForm(host=host))) if site.links.live
        else quoted(site, "span", host)
        for host in episode.hosts
    ]  # fmt: skip
    if episode.archive:
        facts.append(quoted(site, "span", episode.archive))
    if episode.page_url:
        facts.append(element("a", phrases.published, "\u00a0↗", href=episode.page_url))
    return element(
        "header",
        quoted(site, "h1", episode.title or episode.id),
        element("p", (element("span", fact, class_="fact") for fact in facts), class_="facts"),
    )


def _story(site: PageContext, episode: Episode, story: Story, *, heading: str) -> Markup:
    phrases = site.phrases
    page = site.links.story(story.id)
    title = story.title or story.site or episode.title
    facts: list[Child] = []
    if story.url:
        facts.append(element("a", story.site or phrases.source, "\u00a0↗", href=story.url))
    if story.start is not None:
        facts.append(_moment(site, episode, story.start, page))
    linked = quoted(site, "a", title, href=page) if heading != "h1" else title
    return element(
        "section",
        quoted(site, heading, linked),
        element("p", (element("span", fact, class_="fact") for fact in facts), class_="facts") if facts else None,
        quoted(site, "div", markdown(story.summary), class_="prose"),
        id=f"s{story.place}",
    )


def _moment(site: PageContext, episode: Episode, start: float, page: str) -> Child:
    """Return a link to the story's place in the recording: in the player of the page, or in the video."""
    if episode.audio_url:
        return moment(site, start, f"{page}#player" if site.links.live else "#player")
    video = f"https://www.youtube.com/watch?v={episode.youtube_id}" if episode.youtube_id else None
    return moment(site, start, url_at(video, start) or video) if video else None


def _notes(site: PageContext, episode: Episode) -> Markup | None:
    """Return the text of an episode besides its stories. A description that only lists their titles is left out."""
    texts = [text for text in (episode.prose,) if text.strip()]
    listed = sum(story.title in episode.description for story in episode.stories if story.title)
    if episode.description.strip() and listed * 2 < max(len(episode.stories), 1):
        texts.insert(0, episode.description)
    if not texts:
        return None
    prose = quoted(site, "div", join(markdown(text) for text in texts), class_="prose")
    if not any(_is_written(story) for story in episode.stories):
        return prose
    return element("section", element("h2", site.phrases.notes), prose)


def _spoken(site: PageContext, spoken: str | None) -> Markup | None:
    if not spoken:
        return None
    lines = (element("p", line) for line in spoken.splitlines() if line.strip())
    return element("details", element("summary", site.phrases.spoken), quoted(site, "div", lines, class_="prose"))


def _copied(name: str, label: str, value: str, copy: str) -> Markup:
    """Return a field for copying. JavaScript shows its button."""
    return element(
        "p",
        element("label", label, for_=name),
        element("input", id=name, value=value, readonly=True),
        element("button", copy, type="button", hidden=True, data_copy=name),
        class_="copied",
    )


def _related(site: PageContext, related: Related) -> Markup | None:
    if not related.hits:
        return None
    heading = element("h2", site.phrases.related, id="related")
    return element("section", heading, hit_list(site, related.hits), aria_labelledby="related")


def _neighbours(site: PageContext, answer: EpisodeAnswer) -> Markup:
    pairs = (("prev", answer.previous_id, site.phrases.previous), ("next", answer.next_id, site.phrases.following))
    return element(
        "nav",
        (element("a", label, href=site.links.episode(episode_id), rel=rel) for rel, episode_id, label in pairs
         if episode_id),
        class_="neighbours",
        aria_label=site.phrases.episodes,
    )  # fmt: skip
