// The bars: a period is as wide as all others, a story as high, and the episodes stand inside them.

function drawBars() {
  const { bars, by } = timeline, scale = $("scale"), plot = $("plot");
  const shown = bar => (sharing ? percent(bar) : bar.stories), unit = sharing ? "%" : "";
  const highest = Math.max(1, ...bars.map(shown));
  const step = [1, 2, 5].flatMap(n => Array.from({ length: 10 }, (_, power) => n * 10 ** power))
    .sort((a, b) => a - b).find(size => highest / size <= 5) || highest;
  const top = Math.ceil(highest / step) * step, y = n => TOP + HEIGHT * (1 - n / top);
  const gutter = 10 + 7 * (number(top) + unit).length;
  const focused = plot.contains(document.activeElement);
  scale.replaceChildren();
  plot.replaceChildren();
  scale.setAttribute("width", gutter);
  drawnWidth = $("chart").clientWidth;
  const room = Math.max(drawnWidth - gutter, 40);
  pitch = Math.min(48, room / bars.length);
  pitch = pitch >= 3 ? Math.floor(pitch) : Math.max(pitch, 1.25);
  const width = Math.max(room, bars.length * pitch);
  origin = Math.floor((width - bars.length * pitch) / 2);
  const thick = pitch < 3 ? pitch + 0.2 : pitch - Math.min(6, Math.ceil(pitch / 6));
  plot.setAttribute("width", width);
  plot.setAttribute("aria-label", words.chart(timeline.topic));
  for (let value = 0; value <= top; value += step) {
    shape("line", plot, { class: "grid", x1: 0, x2: width, y1: Math.round(y(value)) + 0.5, y2: Math.round(y(value)) + 0.5 });
    shape("text", scale, { x: gutter - 6, y: y(value) + 4, "text-anchor": "end" }, number(value) + unit);
  }
  shape("rect", plot, { id: "band", x: 0, y: 0, width: pitch, height: TOP + HEIGHT, visibility: "hidden" });
  bars.forEach((bar, place) => {
    const x = origin + place * pitch + (pitch - thick) / 2;
    const group = shape("g", plot, {
      role: "option", id: `bar${place}`, tabindex: place === active ? 0 : -1, "aria-selected": opened === place,
      "aria-label": `${named(bar.index, by)}: ${numbers(bar)}`,
    });
    if (!bar.stories) shape("rect", group, { class: "zero", x, y: y(0) - 1, width: thick, height: 2 });
    const inset = pitch < 8 ? 0 : Math.round(thick / 4); // so that both are seen where every episode has one story
    for (const [kind, value, less] of sharing ? [["e", shown(bar), inset]] : [["s", bar.stories, 0], ["e", bar.episodes, inset]]) {
      if (value) shape("rect", group, { class: kind, x: x + less, y: y(value), width: thick - 2 * less, height: y(0) - y(value) });
    }
  });
  shape("rect", plot, { id: "ring", x: 0, y: 2, width: 4, height: TOP + HEIGHT, rx: 3, visibility: "hidden" });
  const height = TOP + HEIGHT + (drawAxis(plot, width) ? 36 : 22);
  for (const drawing of [scale, plot]) drawing.setAttribute("height", height);
  if (opened !== null) mark(opened);
  $("scroll").scrollLeft = origin + (active + 1) * pitch - room;
  if (focused) $(`bar${active}`).focus({ preventScroll: true });
}
function drawAxis(plot, width) { // says whether it took a second line, for years
  let end = -Infinity, year = null, two = false;
  for (const { place, near, far } of labels()) {
    const shown = far !== year ? far : "", size = Math.max(long(near), long(shown));
    const x = origin + (place + 0.5) * pitch, middle = Math.min(Math.max(x, size / 2), width - size / 2);
    if (middle - size / 2 < end + 4) continue;
    end = middle + size / 2;
    year = far;
    const label = { class: "label", x: middle, "text-anchor": "middle" };
    shape("line", plot, { class: "grid", x1: x, x2: x, y1: TOP + HEIGHT, y2: TOP + HEIGHT + 5 });
    shape("text", plot, { ...label, y: TOP + HEIGHT + 17 }, near);
    if (shown) shape("text", plot, { ...label, y: TOP + HEIGHT + 31 }, shown);
    two ||= Boolean(shown);
  }
  return two;
}
const long = text => [...text].reduce((sum, letter) => sum + (letter > "\u2e7f" ? 11.5 : 6.8), 0);
function labels() { // where the axis is labelled: evenly in the calendar, as densely as words fit
  const { bars, by } = timeline;
  const written = (days, shape) => date(days, shape), yearOf = days => written(days, { year: "numeric" });
  const every = bars.map((bar, place) => {
    const [start] = span(bar.index, by), day = by === "week" ? start + 3 : start, then = new Date(day * DAY);
    return { place, start, day, unit: by === "year" ? bar.index : then.getUTCFullYear() * 12 + then.getUTCMonth() };
  });
  if (by === "week" && pitch >= 46) {
    return every.map(({ place, start, day }) =>
      ({ place, near: written(start, { month: "numeric", day: "numeric" }), far: yearOf(day) }));
  }
  const wide = pitch * (by === "week" ? 4.35 : 1);
  const strides = by === "year" ? [1, 2, 5, 10, 20, 50, 100, 500] : [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 6000];
  const stride = strides.find(size => size * wide >= 46) || strides.at(-1);
  const fresh = every.filter(({ unit, day }, place) => // the first week of a month stands for it
    unit % stride === 0 && (place ? unit !== every[place - 1].unit : by !== "week" || new Date(day * DAY).getUTCDate() <= 7));
  return (fresh.length ? fresh : every.slice(0, 1)).map(({ place, day }) => by === "year" || stride >= 12
    ? { place, near: yearOf(day), far: "" }
    : { place, near: written(day, { month: "short" }), far: yearOf(day) });
}
const percent = bar => (bar.of ? Math.round(100 * bar.episodes / bar.of) : 0);
const numbers = bar => (sharing
  ? words.part(`${number(percent(bar))}%`, words.episodes(bar.episodes), bar.of)
  : words.total(words.stories(bar.stories), words.episodes(bar.episodes)));
// Pointing and choosing: by pointer, by touch, by key.

function tip(place) {
  const bar = timeline.bars[place], box = $("tip"), element = $(`bar${place}`);
  box.replaceChildren();
  node("b", box, named(bar.index, timeline.by));
  box.append(numbers(bar));
  box.hidden = false;
  const chart = $("chart").getBoundingClientRect(), at = element.getBoundingClientRect();
  const wide = box.offsetWidth, above = at.top - chart.top - box.offsetHeight - 6;
  let left = (at.left + at.right) / 2 - chart.left - wide / 2;
  if (above < 0) { // no room above the bar but over the legend: beside it
    left = at.right - chart.left + 6;
    if (left + wide > chart.width) left = at.left - chart.left - wide - 6;
  }
  box.style.left = `${Math.max(0, Math.min(left, chart.width - wide))}px`;
  box.style.top = `${Math.max(0, above)}px`;
  put("band", place);
}
function put(id, place) {
  const wide = Math.max(pitch, id === "ring" ? 4 : 2);
  $(id).setAttribute("x", origin + (place + 0.5) * pitch - wide / 2);
  $(id).setAttribute("width", wide);
  $(id).setAttribute("visibility", "visible");
}
function untip() {
  $("tip").hidden = true;
  $("band")?.setAttribute("visibility", "hidden");
}
function mark(place) {
  document.querySelector("#plot [aria-selected=true]")?.setAttribute("aria-selected", "false");
  $(`bar${place}`).setAttribute("aria-selected", "true");
  put("ring", place);
}
function move(place) {
  $(`bar${active}`)?.setAttribute("tabindex", -1);
  active = Math.max(0, Math.min(place, timeline.bars.length - 1));
  const bar = $(`bar${active}`), scroll = $("scroll"), x = origin + active * pitch;
  bar.setAttribute("tabindex", 0);
  if (x < scroll.scrollLeft || x + pitch > scroll.scrollLeft + scroll.clientWidth) scroll.scrollLeft = x - scroll.clientWidth / 2;
  bar.focus({ preventScroll: true });
}
const under = event => {
  const place = Math.floor((event.clientX - $("plot").getBoundingClientRect().left - origin) / pitch);
  return timeline && place >= 0 && place < timeline.bars.length ? place : null;
};
$("plot").addEventListener("pointermove", event => (under(event) === null ? untip() : tip(under(event))));
$("plot").addEventListener("pointerleave", untip);
$("plot").addEventListener("click", event => {
  const place = under(event);
  if (place !== null) { move(place); list(place); }
});
$("scroll").addEventListener("focusin", event => {
  if (event.target.id === `bar${active}` && event.target.matches(":focus-visible")) { put("ring", active); tip(active); }
});
$("scroll").addEventListener("focusout", () => {
  untip();
  if (opened === null) $("ring")?.setAttribute("visibility", "hidden");
  else mark(opened);
});
$("plot").addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const year = { month: 12, week: 52, year: 10 }[timeline.by], last = timeline.bars.length - 1;
  const to = { ArrowLeft: active - 1, ArrowRight: active + 1, Home: 0, End: last, PageUp: active - year, PageDown: active + year }[event.key];
  if (to !== undefined) move(to);
  else if (event.key === "Enter" || event.key === " ") list(active);
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") { untip(); close(); }
});
