// The TypeScript client 2.x as a visitor, negotiating the version as the plan says.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { lookAround, plan, serverParameters, tell } from "./tour.mjs";

const options = plan.mode === "default" ? {} : { versionNegotiation: { mode: plan.mode } };
const client = new Client({ name: "visitor", version: "1" }, options);
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url))
  : new StdioClientTransport(serverParameters());
await client.connect(transport);
const seen = await lookAround(client);
const era = client.getNegotiatedProtocolVersion();
await client.close();
tell({ ...seen, era });
