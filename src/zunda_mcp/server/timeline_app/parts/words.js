// Words in two languages, numbers, days and periods.

const WORDS = {
  en: {
    month: "Month", week: "Week", year: "Year", story: "Stories", episode: "Episodes they are in",
    stories: n => `${number(n)} ${n === 1 ? "story" : "stories"}`,
    episodes: n => `${number(n)} ${n === 1 ? "episode" : "episodes"}`,
    total: (s, e) => `${s} in ${e}`, by: "Count by", chart: t => `Stories on ${t} over time`,
    hint: "Choose a bar to list its stories", first: "First mention", last: "Last mention", busiest: "Busiest episodes",
    share: "As a share of all episodes", shared: "Episodes they are in, of all", part: (p, e, of) => `${p} (${e} of ${number(of)})`,
    loading: "Counting…", nothing: t => `No story on “${t}” was found.`, instead: "Try instead:", upTo: d => `up to ${d}`,
    cancelled: "The call was cancelled.", failed: "The client did not pass this request on.", none: "No stories.",
    cut: (n, p) => `Left out for room: ${n}${p && ` before ${p}`}. `, all: "Show all", more: "More", close: "Close",
    weekOf: d => `week of ${d}`, unopened: u => `The client did not open ${u}`, asked: "Asked in the conversation.",
    message: (t, a, b) => `List the stories on ${t} from ${a} to ${b}, with date, title and link.`,
    state: { updating: "being updated", building: "still being indexed", unreadable: "files not readable now, last index shown" },
  },
  ja: {
    month: "月", week: "週", year: "年", story: "記事", episode: "取り上げた放送回",
    stories: n => `記事${number(n)}件`, episodes: n => `放送回${number(n)}回`, total: (s, e) => `${s}、${e}`,
    by: "集計の単位", chart: t => `「${t}」の記事数の推移`, hint: "棒を選ぶと記事の一覧を表示",
    share: "全放送回に占める割合", shared: "取り上げた放送回の割合", part: (p, e, of) => `${p}（全${number(of)}回のうち${e}）`,
    first: "最初", last: "最後", busiest: "多く取り上げた回", loading: "集計中…",
    nothing: t => `「${t}」の記事は見つかりませんでした。`, instead: "こちらはどうですか:", upTo: d => `${d}まで`, cancelled: "呼び出しは取り消されました。",
    failed: "クライアントがこの依頼を取り次ぎませんでした。", none: "記事はありません。",
    cut: (n, p) => `入りきらなかった分: ${p && `${p}より前の`}${n} `, all: "すべて表示", more: "続き", close: "閉じる",
    weekOf: d => `${d}からの週`, unopened: u => `クライアントが開きませんでした: ${u}`, asked: "会話で質問しました。",
    message: (t, a, b) => `「${t}」の記事を ${a} から ${b} まで、日付と題名とリンクつきで一覧にしてください。`,
    state: { updating: "更新中", building: "索引を作成中", unreadable: "ファイルを読めないため、前回の索引です" },
  },
};


function number(n) { return n.toLocaleString(language); }
function speak() {
  for (const wanted of [context.locale, navigator.language, "en"]) {
    try { language = Intl.getCanonicalLocales(String(wanted || "en").replace("_", "-"))[0]; break; } catch { /* the next */ }
  }
  words = language.startsWith("ja") ? WORDS.ja : WORDS.en;
  if (words === WORDS.en && !language.startsWith("en")) language = "en";
  document.documentElement.lang = language;
}
const date = (days, shape) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...shape }).format(days * DAY);
const iso = days => new Date(days * DAY).toISOString().slice(0, 10);
const dayOf = (year, month) => Date.UTC(year, month, 1) / DAY;

// A period is a whole number: a year, a month (12 a year), or an ISO 8601 week (0 holds 1970-01-01, a Thursday).
function indexOf(key, by) {
  const [, year, week, month] = /^(\d{4})(?:-W(\d\d)|-(\d\d))?$/.exec(key) || [];
  if (by === "year" && year && !week && !month) return +year;
  if (by === "month" && month) return year * 12 + (month - 1);
  if (by !== "week" || !week) return NaN;
  const fourth = dayOf(year, 0) + 3; // January 4 lies in week 1
  return Math.floor((fourth + 3) / 7) + (week - 1);
}
function span(index, by) {
  if (by === "week") return [index * 7 - 3, index * 7 + 3];
  const [year, month, length] = by === "year" ? [index, 0, 12] : [Math.floor(index / 12), index % 12, 1];
  return [dayOf(year, month), dayOf(year, month + length) - 1];
}
function named(index, by) {
  const [start] = span(index, by);
  if (by === "year") return date(start, { year: "numeric" });
  if (by === "month") return date(start, { year: "numeric", month: "long" });
  return words.weekOf(date(start, { year: "numeric", month: "short", day: "numeric" }));
}
