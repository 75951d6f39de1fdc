// What every visiting client of the TypeScript SDKs does; the plan and the answer are those of tour.py.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

export const plan = JSON.parse(readFileSync(process.argv[2], "utf-8"));

export function serverParameters() {
  const [command, ...args] = plan.command;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ZUNDA_MCP_")));
  return { command, args, env, stderr: "inherit" };
}

function fill(prompt) {
  const wanted = (prompt.arguments ?? []).filter((one) => one.required).map((one) => one.name);
  return Object.fromEntries(wanted.map((name) => [name, plan.words[name] ?? plan.words.otherwise]));
}

export async function lookAround(client) {
  const seen = { answers: {}, messages: {} };
  const parts = {
    async tools() {
      seen.tools = (await client.listTools()).tools;
      for (const [name, given] of Object.entries(plan.calls)) {
        seen.answers[name] = await client.callTool({ name, arguments: given });
      }
      seen.refusal = await client.callTool({ name: plan.wrong_call.tool, arguments: plan.wrong_call.arguments });
    },
    async resources() {
      seen.resources = (await client.listResources()).resources;
      seen.templates = (await client.listResourceTemplates()).resourceTemplates;
      seen.read = await client.readResource({ uri: plan.uri });
    },
    async completion() {
      const ref = { type: "ref/resource", uri: plan.completion.template };
      seen.completion = (await client.complete({ ref, argument: plan.completion.argument })).completion.values;
    },
    async prompts() {
      seen.prompts = (await client.listPrompts()).prompts;
      for (const prompt of seen.prompts) {
        const got = await client.getPrompt({ name: prompt.name, arguments: fill(prompt) });
        seen.messages[prompt.name] = got.messages;
      }
    },
  };
  for (const [part, run] of Object.entries(parts)) {
    try {
      await run();
    } catch (error) {
      seen.failed = { ...seen.failed, [part]: String(error) };
    }
  }
  seen.server = client.getServerVersion();
  return seen;
}

// Ask for notices, let a new episode appear, and wait until its list and the watched resource were announced.
export async function waitForNotices(client, onNotice, subscribe) {
  const seen = { notices: [] };
  const both = new Promise((resolve) => {
    onNotice((notice) => {
      seen.notices.push(notice);
      if (seen.notices.includes("list") && seen.notices.includes(plan.watch.uri)) resolve();
    });
  });
  await subscribe();
  await client.callTool({ name: "search_episodes", arguments: { query: "" } });
  copyFileSync(plan.watch.from, plan.watch.to);
  let timer;
  await Promise.race([both, new Promise((resolve) => (timer = setTimeout(resolve, plan.watch.seconds * 1000)))]);
  clearTimeout(timer);
  return seen;
}

export function tell(seen) {
  writeFileSync(process.argv[3], JSON.stringify(seen));
}
