const { app, input } = require("@azure/functions");

const handler = () => ({ body: "ok" });
app.http("open", { methods: ["GET"], authLevel: "anonymous", handler });
app.http("guarded", { methods: ["GET"], authLevel: "function", handler });
app.http("other", { methods: ["GET"], authLevel: "function", handler });
app.http("masters", { methods: ["GET"], authLevel: "admin", handler });

const seen = { fired: [], released: null };
globalThis.guardedApp = seen;
app.warmup("warm", { handler: (context) => void seen.fired.push(["warm", typeof context]) });
app.warmup("cold", {
  handler: () => {
    throw new Error("stays cold");
  },
});
app.timer("tick", { schedule: "0 0 0 1 1 *", handler: (timer) => void seen.fired.push(["tick", timer.isPastDue]) });
app.timer("flaky", {
  schedule: "0 0 0 1 1 *",
  runOnStartup: true,
  retry: { strategy: "fixedDelay", maxRetryCount: 3, delayInterval: { milliseconds: 1 } },
  handler: (_timer, { retryContext: { retryCount, exception } }) => {
    seen.fired.push(["flaky", retryCount, exception?.message]);
    if (retryCount < 2) throw new Error(`attempt ${retryCount} failed`);
  },
});
app.storageQueue("queue", {
  queueName: "q",
  connection: "AzureWebJobsStorage",
  handler: (item) => void seen.fired.push(["queue", item]),
});
app.http("slow", {
  methods: ["GET"],
  authLevel: "anonymous",
  handler: () => new Promise((resolve) => setTimeout(() => resolve({ body: "late" }), 5_000)),
});

const client = input.generic({ type: "durableClient" });
app.http("rpc", {
  methods: ["GET"],
  extraInputs: [client],
  handler: (_request, context) => ({ body: context.extraInputs.get(client).rpcBaseUrl }),
});
