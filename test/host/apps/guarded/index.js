const { app, input } = require("@azure/functions");

const handler = () => ({ body: "ok" });
app.http("open", { methods: ["GET"], authLevel: "anonymous", handler });
app.http("guarded", { methods: ["GET"], authLevel: "function", handler });
app.http("other", { methods: ["GET"], authLevel: "function", handler });
app.http("masters", { methods: ["GET"], authLevel: "admin", handler });

const client = input.generic({ type: "durableClient" });
app.http("rpc", {
  methods: ["GET"],
  extraInputs: [client],
  handler: (_request, context) => ({ body: context.extraInputs.get(client).rpcBaseUrl }),
});
