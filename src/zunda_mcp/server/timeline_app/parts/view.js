// What is on the page around the bars, and what all of it shares.

const PROTOCOL = "2026-01-26", MAX_CHARS = 60000, HEIGHT = 150, TOP = 8, MOST = 3000, DAY = 86400000;
const UNITS = ["month", "week", "year"];
const $ = id => document.getElementById(id);
let context = {}, abilities = {}, given = {}, timeline = null, answers = {}, language = "en", words = WORDS.en;
let active = 0, pitch = 1, origin = 0, sharing = false, opened = null, drawnWidth = 0, round = 0;

function node(name, parent, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}
function shape(name, parent, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}
function tell(text) {
  $("note").textContent = text;
}
function button(parent, text, act) {
  const made = node("button", parent, text);
  made.addEventListener("click", act);
  return made;
}
function linked(parent, text, url) {
  let target = null;
  try { target = new URL(url); } catch { /* no link */ }
  if (!target || !/^https?:$/.test(target.protocol)) return node("span", parent, text, { class: "title", title: text });
  const made = node("button", parent, undefined, { class: "link", role: "link", title: target.href });
  node("span", made, text || target.href, { class: "title" });
  made.addEventListener("click", async () => {
    const answer = await ask("ui/open-link", { url: target.href }).catch(() => ({ isError: true }));
    if (answer?.isError) tell(words.unopened(target.href));
  });
  return made;
}

function show(result, whole = false) {
  const found = result.isError ? null : read(result);
  if (!found && timeline) return; // the answer to another question of this view
  $("drawn").hidden = $("foot").hidden = true;
  if (!found) return tell(textOf(result) || words.failed);
  timeline = { ...found, whole };
  sharing &&= timeline.shared;
  if (!found.missing && found.bars.length) answers[found.by] = found;
  active = found.bars.length - 1;
  close();
  draw();
}
function draw() {
  if (!timeline) return;
  const { topic, bars, total, episodes, missing, suggestions, fresh, understood } = timeline;
  $("topic").textContent = $("topic").title = topic;
  $("sum").replaceChildren();
  if (bars.length) {
    const days = [timeline.first, timeline.last].map(mention => string(mention?.date)).filter(Boolean).join(" – ");
    $("sum").append(words.total(words.stories(total), words.episodes(episodes)), days && " · ");
    node("span", $("sum"), days, { class: "whole" });
  }
  drawUnits();
  tell("");
  if (missing) {
    tell(words.cut(words.stories(missing), bars.length ? named(bars[0].index, timeline.by) : ""));
    if (abilities.serverTools && !timeline.whole) button($("note"), words.all, () => load({}));
  } else if (!bars.length) {
    tell(words.nothing(topic));
    if (suggestions.length) node("div", $("note"), words.instead);
    for (const other of suggestions) {
      if (abilities.serverTools) button($("note"), other, () => load({ topic: other }));
      else node("div", $("note"), other);
    }
  }
  $("drawn").hidden = !bars.length;
  if (bars.length) { drawLegend(); drawBars(); drawFacts(); }
  const reach = fresh.newest ? words.upTo(string(fresh.newest)) : "";
  $("foot").textContent = [string(fresh.archive), reach, words.state[fresh.state], words === WORDS.en && understood.split("; by ")[0]]
    .filter(Boolean).join(" · ");
  $("foot").hidden = !$("foot").textContent;
}
function drawUnits() {
  $("by").replaceChildren();
  $("by").setAttribute("aria-label", words.by);
  $("by").hidden = !timeline.bars.length;
  for (const by of UNITS) {
    const made = button($("by"), words[by], () => choose(by));
    made.setAttribute("aria-pressed", by === timeline.by);
    made.disabled = by !== timeline.by && !abilities.serverTools && !answers[by] && !(by === "year" && answers.month);
  }
}
function drawLegend() {
  $("legend").replaceChildren();
  for (const [name, kind] of sharing ? [["shared", "e"]] : [["story", "s"], ["episode", "e"]]) {
    const key = node("span", $("legend"));
    node("span", key, undefined, { class: `key ${kind}` });
    key.append(words[name]);
  }
  if (abilities.serverTools || abilities.message) node("span", $("legend"), words.hint);
  if (!timeline.shared) return;
  const made = button($("legend"), words.share, () => { sharing = !sharing; draw(); $("share").focus(); });
  made.id = "share";
  made.setAttribute("aria-pressed", sharing);
}

function drawFacts() {
  const facts = $("facts"), { first, last, busiest } = timeline;
  facts.replaceChildren();
  for (const [name, mention] of [["first", first], ["last", last]]) {
    if (!mention) continue;
    node("dt", facts, words[name]);
    const row = node("div", node("dd", facts), undefined, { class: "row" });
    node("time", row, string(mention.date));
    linked(row, string(mention.title), mention.url);
  }
  if (!busiest.length) return;
  node("dt", facts, words.busiest);
  const rows = node("ol", node("dd", facts), undefined, { id: "busiest" });
  for (const busy of busiest) {
    const row = node("li", rows, undefined, { class: "row" });
    node("time", row, string(busy.date));
    linked(row, string(busy.title), busy.url);
    node("span", row, words.stories(count(busy.stories)), { class: "number" });
  }
}
