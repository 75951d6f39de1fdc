// What the tool answered: from the structured content, or from the text where a host gives nothing else.

const count = value => (Number.isFinite(value) && value > 0 ? Math.floor(value) : 0);
const string = value => (typeof value === "string" ? value : "");
const objects = value => (Array.isArray(value) ? value.filter(item => item && typeof item === "object") : []);
const textOf = result => objects(result.content).map(block => string(block.text)).filter(Boolean).join("\n");

function read(result) {
  if (objects(result.structuredContent?.periods).length || result.structuredContent?.topic) return tidy(result.structuredContent);
  const text = textOf(result);
  try {
    const data = JSON.parse(text);
    if (Array.isArray(data.periods)) return tidy(data);
  } catch { /* not data */ }
  return fromText(text);
}
function fromText(text) { // the lines of server/render.py
  const data = { periods: [], busiest: [] }, whole = value => Number(string(value).replaceAll(",", ""));
  for (const line of text.split("\n")) {
    let m;
    if (data.topic === undefined && (m = /^(.*): ([\d,]+) stor(?:y|ies) in ([\d,]+) episodes?\./.exec(line))) {
      Object.assign(data, { topic: m[1], total_stories: whole(m[2]), total_episodes: whole(m[3]) });
    } else if ((m = /^(First|Last): (\d{4}-\d\d-\d\d) (.*) · id \S+?(?: · (?!in )(\S+))?(?: · in .*)?$/.exec(line))) {
      data[m[1].toLowerCase()] = { date: m[2], title: m[3], url: m[4] };
    } else if ((m = /^(\d{4}(?:-W?\d\d)?): [^\d]*([\d,]+)(?: \(([\d,]+)\))?$/.exec(line))) {
      data.periods.push({ period: m[1], stories: whole(m[2]), episodes: whole(m[3] || "0") });
    } else if ((m = /^- (\d{4}-\d\d-\d\d|undated) (.*) · id \S+ · ([\d,]+) stor(?:y|ies)(?: · (\S+))?$/.exec(line))) {
      data.busiest.push({ date: m[1] === "undated" ? null : m[1], title: m[2], stories: whole(m[3]), url: m[4] });
    }
  }
  return data.topic === undefined ? null : tidy(data);
}
function tidy(data) {
  const periods = objects(data.periods), key = string(periods[0]?.period);
  const by = /W/.test(key) ? "week" : /-/.test(key) ? "month" : key ? "year" : UNITS.includes(data.by) ? data.by : "month";
  const known = new Map();
  for (const period of periods) {
    const index = indexOf(string(period.period), by), stories = count(period.stories);
    const episodes = Math.min(count(period.episodes), stories);
    if (!Number.isNaN(index)) known.set(index, { index, stories, episodes, of: Math.max(count(period.of), episodes) });
  }
  const order = [...known.keys()].sort((a, b) => a - b), from = order[0], to = order.at(-1);
  const bars = to - from < MOST // periods without a story may have been left out for room
    ? Array.from({ length: to - from + 1 }, (_, i) => known.get(from + i) || { index: from + i, stories: 0, episodes: 0, of: 0 })
    : order.map(index => known.get(index));
  const shown = bars.reduce((sum, bar) => sum + bar.stories, 0);
  return {
    by, bars, topic: string(data.topic), total: count(data.total_stories) || shown, episodes: count(data.total_episodes),
    first: data.first, last: data.last, busiest: objects(data.busiest), missing: Math.max(count(data.total_stories) - shown, 0),
    understood: string(data.understood), suggestions: (Array.isArray(data.suggestions) ? data.suggestions : []).filter(string),
    fresh: data.freshness || {}, shared: periods.some(period => count(period.of)),
  };
}
function asYears() { // exact only from months: each month lies in one year, and each episode on one day
  const years = new Map();
  for (const { index, stories, episodes, of } of answers.month.bars) {
    const year = Math.floor(index / 12), bar = years.get(year) || { index: year, stories: 0, episodes: 0, of: 0 };
    years.set(year, { index: year, stories: bar.stories + stories, episodes: bar.episodes + episodes, of: bar.of + of });
  }
  return { ...answers.month, by: "year", bars: [...years.values()] };
}
