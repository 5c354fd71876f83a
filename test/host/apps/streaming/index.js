const { app, HttpRequest, HttpResponse, output, trigger } = require("@azure/functions");

app.setup({ enableHttpStream: true });

const seen = { cancelled: [], chunks: 0 };
globalThis.streamingApp = seen;

app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === "hooked") context.functionHandler = () => ({ body: "from the hook" });
});
app.get("hooked", () => ({ body: "from the handler" }));

app.get("hello", () => ({ body: "hello" }));

/** Answers each piece of the body as it comes. */
app.http("upper", {
  methods: ["POST"],
  route: "upper/{name}",
  handler: (request, context) => ({
    headers: { "content-type": "text/plain", "x-name": request.params.name, "x-query": request.query.get("q") ?? "" },
    body: (async function* () {
      yield `${request instanceof HttpRequest} ${context.functionName} `;
      for await (const chunk of request.body) yield Buffer.from(chunk).toString().toUpperCase();
    })(),
  }),
});

/** One event for each release, so that the test decides when the next one comes. */
app.get("events", (request) => {
  const count = Number(request.query.get("count") ?? 3);
  let sent = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      if (sent > 0) await new Promise((resolve) => (seen.release = resolve));
      controller.enqueue(`data: ${sent}\n\n`);
      sent += 1;
      if (sent === count) controller.close();
    },
    cancel: () => void seen.cancelled.push("events"),
  });
  return new HttpResponse({ headers: { "content-type": "text/event-stream" }, body: stream });
});

app.get("endless", () => ({
  body: new ReadableStream({
    pull(controller) {
      seen.chunks += 1;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
    cancel: () => void seen.cancelled.push("endless"),
  }),
}));

app.get("breaks", () => ({
  body: new ReadableStream({
    pull(controller) {
      controller.enqueue("half ");
      controller.error(new Error("the source broke"));
    },
  }),
}));

app.get("cookies", () => ({
  status: 201,
  headers: { connection: "x-hop", "x-hop": "1", "x-kept": "2" },
  cookies: [
    {
      name: "a",
      value: "1 2",
      maxAge: 60,
      domain: "localhost",
      path: "/b",
      expires: new Date(1_000),
      httpOnly: true,
      secure: true,
      sameSite: "None",
    },
  ],
}));
app.get("nothing", () => undefined);
app.get("primitive", () => "text");
app.get("fails", () => {
  throw new Error("this text must not reach the caller");
});
app.get("empty", () => ({ status: 204, body: "ignored" }));
app.get("limits", () => ({ jsonBody: seen }));

const named = output.http({ name: "answer" });
app.generic("namedOutput", {
  trigger: trigger.http({ methods: ["GET"] }),
  extraOutputs: [named],
  handler: (_request, context) => context.extraOutputs.set(named, { status: 418, body: "named" }),
});
app.http("head", { methods: ["HEAD"], handler: () => ({ headers: { "x-head": "yes" }, body: "not sent" }) });
