// The TypeScript SDK 1.x as a visitor.
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ResourceListChangedNotificationSchema, ResourceUpdatedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { lookAround, plan, serverParameters, tell, waitForNotices } from "./tour.mjs";

const client = new Client({ name: "visitor", version: "1" });
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url))
  : new StdioClientTransport(serverParameters());
let era = null;
const agreed = transport.setProtocolVersion?.bind(transport);
transport.setProtocolVersion = (version) => {
  era = version;
  agreed?.(version);
};
await client.connect(transport);
function onNotice(heard) {
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => heard("list"));
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, (notice) => heard(notice.params.uri));
}
const subscribe = () => client.subscribeResource({ uri: plan.watch.uri });
const seen = plan.watch ? await waitForNotices(client, onNotice, subscribe) : await lookAround(client);
await client.close();
tell({ ...seen, era });
