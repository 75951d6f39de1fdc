// The conversation with the host: the dialect of MCP Apps (ext-apps specification 2026-01-26), JSON-RPC 2.0 over
// postMessage.

const waiting = new Map();
let next = 0, sized = "", watcher = null;
const send = message => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
function ask(method, params) {
  const id = ++next;
  send({ id, method, params });
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}
function meet(changes) {
  context = { ...context, ...changes };
  if (["light", "dark"].includes(context.theme)) {
    document.documentElement.style.colorScheme = document.documentElement.dataset.theme = context.theme;
  }
  for (const [name, value] of Object.entries(context.styles?.variables || {})) {
    if (/^--[a-z0-9-]+$/.test(name) && typeof value === "string") document.documentElement.style.setProperty(name, value);
  }
  const inset = context.safeAreaInsets;
  if (inset) document.body.style.padding = ["top", "right", "bottom", "left"]
    .map((side, place) => `${[14, 16][place % 2] + count(inset[side])}px`).join(" ");
  const before = words;
  speak();
  if (timeline && words !== before) { close(); draw(); }
  else if (!timeline && before !== words && $("note").textContent === before.loading) tell(words.loading);
}
function measure() {
  if (!$("drawn").hidden && Math.abs($("chart").clientWidth - drawnWidth) > 1) drawBars();
  const size = { width: window.innerWidth, height: Math.ceil(document.documentElement.getBoundingClientRect().height) };
  if (JSON.stringify(size) === sized) return;
  sized = JSON.stringify(size);
  send({ method: "ui/notifications/size-changed", params: size });
}
const HEARD = {
  "ui/notifications/tool-input-partial": params => begin(params.arguments),
  "ui/notifications/tool-input": params => { given = params.arguments || {}; begin(given); },
  "ui/notifications/tool-result": params => { answers = {}; show(params); },
  "ui/notifications/tool-cancelled": params => { if (!timeline) tell([words.cancelled, string(params.reason)].join(" ").trim()); },
  "ui/notifications/host-context-changed": meet,
};
function begin(values) {
  if (timeline) return;
  const topic = string(values?.topic) || string(values?.query);
  if (topic) $("topic").textContent = $("topic").title = topic;
}
window.addEventListener("message", event => {
  const message = event.data;
  if (event.source !== window.parent || !message || message.jsonrpc !== "2.0") return;
  if (message.method === undefined) {
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) call?.reject(message.error);
    else call?.resolve(message.result);
  } else if (message.id === undefined) {
    HEARD[message.method]?.(message.params || {});
  } else if (message.method === "ui/resource-teardown" || message.method === "ping") {
    if (message.method !== "ping") watcher?.disconnect();
    send({ id: message.id, result: {} });
  } else {
    send({ id: message.id, error: { code: -32601, message: "Method not found" } });
  }
});
async function start() {
  const info = { name: "zunda-mcp topic_timeline", version: "1.0.0" };
  const host = await ask("ui/initialize", {
    appInfo: info, appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] }, protocolVersion: PROTOCOL,
  });
  abilities = host?.hostCapabilities || {};
  $("fallback").hidden = true;
  $("app").hidden = false;
  meet(host?.hostContext || {});
  tell(words.loading);
  send({ method: "ui/notifications/initialized", params: {} });
  watcher = new ResizeObserver(measure);
  watcher.observe(document.documentElement);
  measure();
}
speak();
if (window.parent !== window) start().catch(() => {});
