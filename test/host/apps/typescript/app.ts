import { readFileSync } from "node:fs";
import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import * as df from "durable-functions";

app.http("hello", {
  methods: ["GET"],
  route: "hello/{name=world}",
  extraInputs: [df.input.durableClient()],
  handler: (request: HttpRequest, context): HttpResponseInit => ({
    jsonBody: { hello: request.params.name, hub: df.getClient(context).taskHubName },
  }),
});

// Apps read files relative to their own folder.
app.get("ownFolder", () => ({ body: JSON.parse(readFileSync("package.json", "utf8")).name }));

app.get("crash", () => {
  setImmediate(() => {
    throw new Error("thrown outside of a function");
  });
  return {};
});
