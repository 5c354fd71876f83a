const { app, output, trigger } = require("@azure/functions");

app.http("echo", {
  methods: ["GET", "POST"],
  route: "echo/{name:alpha}/{count:int?}",
  handler: async (request) => ({
    jsonBody: {
      url: request.url,
      params: request.params,
      query: Object.fromEntries(request.query),
      header: request.headers.get("x-twice"),
      user: request.user,
      text: await request.text(),
    },
  }),
});

app.get("returnsNothing", () => undefined);
app.get("primitive", () => "text");
app.get("hooked", () => ({ body: "body" }));
app.get("cleared", () => {
  throw new Error("cleared by a hook");
});
app.get("fails", () => {
  throw new Error("this text must not reach the caller");
});
app.get("settings", () => ({
  jsonBody: {
    greeting: process.env.FOREIGN_GREETING,
    hostname: process.env.WEBSITE_HOSTNAME,
    environment: process.env.AZURE_FUNCTIONS_ENVIRONMENT,
    noProxy: process.env.NO_PROXY,
  },
}));
app.get("cookies", () => ({
  status: 201,
  body: new Uint8Array([1, 2, 255]),
  headers: { "content-type": "application/octet-stream" },
  cookies: [
    { name: "a", value: "1 2", maxAge: 60, httpOnly: true, sameSite: "Lax" },
    { name: "b", value: "2", path: "/b", secure: true, sameSite: "None", expires: new Date(1_000) },
  ],
}));
app.get("logs", (_request, context) => {
  context.log("a line with %s", "values");
  context.warn("a secret line");
  context.debug("too low to be shown");
  return { status: 200 };
});
app.get("slow", async (request, context) => {
  context.log("slow has begun");
  await new Promise((resolve) => setTimeout(resolve, Number(request.query.get("ms"))));
  return { body: "slow" };
});

app.http("aCatchAll", {
  methods: ["GET"],
  route: "files/{*rest}",
  handler: (request) => ({ jsonBody: request.params }),
});
app.http("zLiteral", { methods: ["GET"], route: "files/literal", handler: () => ({ body: "never reached" }) });

const named = output.http({ name: "answer" });
app.generic("namedOutput", {
  trigger: trigger.http({ methods: ["GET"] }),
  extraOutputs: [named],
  handler: (_request, context) => context.extraOutputs.set(named, { status: 418, body: "named" }),
});

app.timer("everyMinute", {
  schedule: "0 * * * * *",
  runOnStartup: true,
  handler: (timer) => {
    globalThis.foreignAppTimers ??= [];
    // At the end of a minute it may come once more.
    if (globalThis.foreignAppTimers.length === 0) globalThis.foreignAppTimers.push(timer);
  },
});
app.storageQueue("queue", { queueName: "q", connection: "AzureWebJobsStorage", handler: () => undefined });

if (process.env.FOREIGN_EVERY_SECOND) {
  app.timer("everySecond", { schedule: "* * * * * *", handler: (_timer, context) => context.log("a second has come") });
}
