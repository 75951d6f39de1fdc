"""Made-up archives in the shapes that published ones have, a few files each, one function for a shape."""

from __future__ import annotations

import json
from pathlib import Path

from archive_samples import write


def jekyll_newsletter(folder: Path) -> Path:
    """A Jekyll newsletter: dates in file names, prose with links under headings of the third level."""
    for number in range(1, 6):
        write(
            folder,
            f"_posts/2030-0{number}-10-issue-{number}.md",
            f"---\nlayout: post\ntitle: ! 'Issue #{number}'\n---\n\nGreetings to all gardeners.\n\n<!--excerpt-->\n\n"
            f"{{% include notice.html %}}\n\n> Sponsored plea of week {number}\n\n"
            f"### Sowing\n\nAnna [proposed](https://bean.example/{number}) to sow earlier, and many agreed at once.\n\n"
            f"A second paragraph about [soil](https://soil.example/{number}).\n\n"
            f"### Harvest\n\nWith words only, and quite a lot of them so that it counts as a text of its own.\n",
        )
    return folder


def pelican_links(folder: Path) -> Path:
    """A Pelican link letter: header lines without delimiters, days without padding, sections of links."""
    for number in range(1, 6):
        write(
            folder,
            f"content/2030-{number}-9-this-week-in-beans.md",
            f"Title: This Week in Beans {number}\nNumber: {number}\nDate: 2030-0{number}-09\nCategory: Letters\n\n"
            "Hello, and welcome to another issue!\n\n"
            f"## Updates\n\n### Official\n\n* [Announcing Bean {number}.0](https://bean.example/r/{number})\n\n"
            f"### Tooling\n\n* [audio] [Shelling by hand](https://talk.example/{number})\n"
            f"* Pods are [now measured](https://pod.example/{number}) twice.\n\n"
            "<!-- * [hidden](https://hidden.example/) -->\n\n# Quote\n\n> beans\n",
        )
    return folder


def numbered_links(folder: Path) -> Path:
    """A letter without any date or front matter: numbers as names, an author and a quote behind each link."""
    for number in range(1, 6):
        write(
            folder,
            f"issues/{number}.markdown",
            f"Welcome to issue {number}.\n\n## Articles\n\n"
            f"- [Folding pods](https://pod.example/{number}) by Ada Bean\n\n  > A fold is worth {number} pods.\n\n"
            f"- [Lazy sowing](https://lazy.example/{number}) by Bob\n\n  > Later.\n\n"
            "<!--\n- [An advertisement](https://ads.example/) by us\n-->\n",
        )
    return folder


def hugo_json(folder: Path) -> Path:
    """A Hugo show with JSON front matter, chapters in it, links with hover titles, and slugs for its people."""
    for number in range(1, 6):
        front = {
            "episode": number,
            "title": f"{number}: Bean There",
            "date": f"2030-0{number}-09T05:00:00-07:00",
            "hosts": ["anna"],
            "guests": [],
            "podcast_file": f"https://audio.example/bean-{number}.mp3",
            "podcast_chapters": {
                "version": "1.2.0",
                "chapters": [{"startTime": 0, "title": "Intro"}, {"startTime": 61.5, "title": f"Pods of {number}"}],
            },
        }
        text = json.dumps(front, indent=2)
        body = (
            "\n\nA talk about beans.\n\n### Links\n\n"
            f'* [Pod press](https://press.example/{number} "Pod press") — news\n'
            f'* [Bean bag](https://bag.example/{number} "Bag")\n'
        )
        write(folder, f"content/show/beans/{number}.md", text + body)
    write(folder, "content/show/beans/_index.md", '+++\ntitle = "Beans"\n+++\n')
    write(folder, "content/people/anna.md", '+++\ntitle = "Anna Bean"\nDate = 2030-01-01\n+++\nShe sows.\n')
    return folder


def nested_topics(folder: Path) -> Path:
    """A Japanese show: the title is a heading, topics are deep lists with bare addresses as sub items."""
    for number in range(1, 6):
        write(
            folder,
            f"episodes/ep{number}.md",
            f"---\npublished_at: 2030-0{number}-11\naudio: https://oto.example/ep{number}.mp3\n---\n\n"
            f"# 豆の月報 {number}\n\n## 話題\n\n- 安定版の変更\n"
            f"  - さやの形が変わる\n    - https://saya.example/{number}\n    - 賛成が多い\n"
            f"  - 豆の色の指定\n    - https://iro.example/{number}\n"
            f"- 畑の会\n  - https://hatake.example/{number}で開催\n",
        )
    return folder


def timed_headings(folder: Path) -> Path:
    """A Japanese show without front matter: headings with times, links below, dates only in names."""
    for number in range(1, 6):
        write(
            folder,
            f"2030/0{number}/1{number}.md",
            f"# 豆の回 {number}\n\nあいさつです。\n\n### 0:12 はじめに\n\n雑談です。\n\n### 3:52 計算する豆\n\n"
            f"- [計算](https://kei.example/{number})\n\n### 1:02:03 おわりに\n\nまた来週。\n",
        )
    return folder


def japanese_dates(folder: Path) -> Path:
    """A Japanese site with dates in words and flat lists of links."""
    for number in range(1, 6):
        write(
            folder,
            f"src/content/{number}.md",
            f"---\ntitle: 豆の設計 {number}\ndate: 2030年{number}月28日（金）\nduration: 87分23秒\n---\n\n"
            f"- [色の話](https://iro.example/{number})\n- [形の話](https://kata.example/{number})\n"
            "- [お便りはこちら](https://forms.gle/abc)\n",
        )
    return folder


def articles_in_front(folder: Path) -> Path:
    """A news reading whose stories stand in the front matter, in template files without a body."""
    for number in range(1, 6):
        write(
            folder,
            f"news/2030-0{number}-05.njk",
            f'---\ntitle: "Beans of day {number}"\ndate: 2030-0{number}-05T06:00:00.123456+02:00\nlength: 8 minutes\n'
            f"articles:\n  - source: The Pod\n    url: https://pod.example/{number}\n    title: Pods rise\n"
            f"  - source: Bean Times\n    url: https://times.example/{number}\n    title: Beans fall\n---\n",
        )
    return folder


def transcripts(folder: Path) -> Path:
    """Transcripts by speaker with a date, one of them without."""
    for number in range(1, 6):
        day = f"date: 2030-0{number}-07\n" if number != 3 else ""
        turns = "".join(
            f"{name}: 00:0{turn}:11\n\nTurn {turn} of {name}, who says something about beans at length here.\n\n"
            for turn, name in enumerate(["Anna Bean", "Bob", "Anna Bean", "Bob", "Anna Bean", "Bob"])
        )
        write(
            folder, f"talk-{number}.md", f"---\ntitle: Talk {number}\nspeakers: ['Anna Bean', Bob]\n{day}---\n\n{turns}"
        )
    return folder


def timed_lists(folder: Path) -> Path:
    """A show with milliseconds as dates, times before topics, links after them, and sponsors."""
    for number in range(1, 6):
        write(
            folder,
            f"shows/{number:03} - Beans of {number}.md",
            f"---\nnumber: {number}\ntitle: Bean talk {number}\ndate: {1893456000000 + number * 86_400_000}\n"
            f"url: https://audio.example/{number}.mp3\nguest:\n  name: Anna Bean\n---\n\nA talk.\n\n"
            "## Pods Inc - Sponsor\n\nBuy pods at [pods](https://pods.example/buy).\n\n## Show Notes\n\n"
            f"* **[00:10](#t=00:10)** Welcome\n* **[01:05](#t=01:05)** [Soaking](https://soak.example/{number})\n"
            f"* [Soaking chart](https://chart.example/{number})\n* **[04:00](#t=04:00)** Sponsor: Pods Inc\n"
            f"* **[05:30](#t=05:30)** Shelling\n  * **[06:10](#t=06:10)** by hand\n  * [tool](https://tool.example/{number})\n\n"
            f"## Picks\n\n- Anna:\n  - [Salt](https://salt.example/{number})\n",
        )
    return folder


def link_log(folder: Path) -> Path:
    """A JSON link log by month, with an item that belongs to the day before its month."""
    for month in (1, 2):
        items = [
            {
                "date": f"2030-0{month}-0{day}T10:00:00.000Z",
                "title": f"豆 {month}-{place}",
                "url": f"https://mame.example/{month}/{place}",
                "content": "要点です。\n二行目。",
                "tags": ["豆"],
                "relatedLinks": [{"title": "続き", "url": "https://tsuzuki.example/"}] if place == 0 else [],
            }
            for place, day in enumerate((3, 3, 5))
        ]
        if month == 2:
            items[0]["date"] = "2030-01-31T23:00:00.000Z"
        write(folder, f"data/2030/0{month}/index.json", json.dumps({"list": items}, ensure_ascii=False))
    return folder
