// Asking the server, through the host: other periods, and the stories behind a bar.

function choose(by) {
  if (by === timeline.by) return;
  const ready = answers[by] || (by === "year" && !abilities.serverTools && asYears());
  if (!ready) return load({ by });
  timeline = ready;
  active = ready.bars.length - 1;
  close();
  draw();
}
function limits() { // the days the first call was bound to, under whatever names it gave them
  const found = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "string" && typeof value !== "number") continue;
    if (/^(since|from|start|begin|after|date_from|newer)/i.test(name)) found.since = String(value);
    else if (/^(until|to$|to_|end|before|date_to|older)/i.test(name)) found.until = String(value);
  }
  return found;
}
async function load(change) {
  const mine = ++round;
  const wanted = { topic: timeline.topic, by: timeline.by, ...limits(), ...change, max_chars: MAX_CHARS };
  busy(true);
  try {
    const result = await ask("tools/call", { name: "topic_timeline", arguments: wanted });
    if (mine !== round) return;
    if (result.isError) return tell(textOf(result) || words.failed);
    if (change.topic) answers = {};
    show(result, true);
  } catch {
    if (mine === round) tell(words.failed);
  } finally {
    if (mine === round) busy(false);
  }
}
function busy(on) {
  $("app").setAttribute("aria-busy", on);
  for (const one of document.querySelectorAll("#note button, #more")) one.disabled = on;
}
function close() { // and what is still being asked for it is no longer wanted
  opened = null;
  round += 1;
  busy(false);
  $("list").hidden = true;
  $("items").replaceChildren();
  document.querySelector("#plot [aria-selected=true]")?.setAttribute("aria-selected", "false");
  $("ring")?.setAttribute("visibility", "hidden");
}
$("close").addEventListener("click", () => { close(); move(active); });

function list(place) {
  const bar = timeline.bars[place], [start, end] = span(bar.index, timeline.by), bound = limits();
  const day = value => (/^\d{4}(-\d\d){0,2}$/.test(value || "") ? value : null);
  const from = [iso(start), `${day(bound.since) || "0000"}-01-01`.slice(0, 10)].sort().at(-1);
  const until = day(bound.until) && bound.until < iso(end).slice(0, bound.until.length) ? bound.until : iso(end);
  close();
  opened = place;
  mark(place);
  $("of").textContent = `${named(bar.index, timeline.by)} · ${words.stories(bar.stories)}`;
  $("close").textContent = words.close;
  $("more").hidden = true;
  if (abilities.serverTools) {
    $("list").hidden = false;
    if (!bar.stories) node("li", $("items"), words.none, { class: "quiet" });
    else fill({ query: timeline.topic, since: from, until, sort: "oldest", limit: 10, max_chars: 12000 });
  } else if (bar.stories) {
    const params = { role: "user", content: [{ type: "text", text: words.message(timeline.topic, from, until) }] };
    ask("ui/message", params).then(answer => tell(answer?.isError ? words.failed : words.asked), () => tell(words.failed));
  }
}
async function fill(wanted) {
  const mine = ++round, items = $("items"), waiting = node("li", items, words.loading, { class: "quiet" });
  busy(true);
  try {
    const result = await ask("tools/call", { name: "search_episodes", arguments: wanted });
    if (mine !== round) return;
    const found = result.structuredContent;
    if (result.isError || !found) return node("li", items, textOf(result) || words.failed, { class: "plain" });
    for (const hit of objects(found.hits)) {
      const row = node("li", items, undefined, { class: "row" });
      node("time", row, string(hit.date));
      const told = node("div", row);
      linked(told, string(hit.title), hit.url || hit.episode_url);
      node("div", told, string(hit.snippet).replaceAll("**", "") || string(hit.episode_title), { class: "quiet" });
    }
    if (!items.children[1]) node("li", items, words.none, { class: "quiet" });
    $("more").textContent = words.more;
    $("more").hidden = !found.next_cursor;
    $("more").onclick = () => fill({ ...wanted, cursor: found.next_cursor });
  } catch {
    if (mine === round) node("li", items, words.failed);
  } finally {
    waiting.remove();
    if (mine === round) busy(false);
  }
}
