// The TypeScript client 2.x as a visitor, negotiating the version as the plan says.
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { lookAround, plan, serverParameters, tell, waitForNotices } from "./tour.mjs";

const options = plan.mode === "default" ? {} : { versionNegotiation: { mode: plan.mode } };
const client = new Client({ name: "visitor", version: "1" }, options);
const transport = plan.url
  ? new StreamableHTTPClientTransport(new URL(plan.url))
  : new StdioClientTransport(serverParameters());
await client.connect(transport);
const era = client.getNegotiatedProtocolVersion();
function onNotice(heard) {
  client.setNotificationHandler("notifications/resources/list_changed", () => heard("list"));
  client.setNotificationHandler("notifications/resources/updated", (notice) => heard(notice.params.uri));
}
const subscribe = () =>
  plan.mode === "default"
    ? client.subscribeResource({ uri: plan.watch.uri })
    : client.listen({ resourcesListChanged: true, resourceSubscriptions: [plan.watch.uri] });
const seen = plan.watch ? await waitForNotices(client, onNotice, subscribe) : await lookAround(client);
await client.close();
tell({ ...seen, era });
