"""An episode without a linked item is its one story, so that everything that asks stories finds it."""

from __future__ import annotations

from zunda_mcp.archive import Said
from zunda_mcp.episode import OWN, PASSAGE, Episode, Story


def with_own_story(episode: Episode, said: Said) -> tuple[Episode, Said]:
    """The episode as it is indexed, and what is said in it.

    Where it has no stories but passages of its transcript, its title and text become its first story, of the kind
    ``episode``. The text moves: the episode itself keeps none, so that no answer shows it twice.
    """
    if any(story.kind != PASSAGE for story in episode.stories):
        return episode, said
    own = Story(
        id=f"{episode.id}#1",
        episode_id=episode.id,
        place=1,
        title=episode.title,
        url=None,
        site=None,
        summary=own_text(episode.description, episode.prose),
        kind=OWN,
    )
    passages = (
        story.model_copy(update={"id": f"{episode.id}#{place}", "place": place})
        for place, story in enumerate(episode.stories, start=2)
    )
    whole = episode.model_copy(update={"description": "", "prose": "", "stories": (own, *passages)})
    return whole, Said("", (said.besides, *said.stories), ((), *said.moments))


def own_text(description: str, prose: str) -> str:
    """The text of an episode: its prose, after its description where that says something else."""
    repeated = _letters(description) in _letters(prose)
    return "\n\n".join(text for text in ("" if repeated else description, prose) if text)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
