import { app } from "@azure/functions";
import * as df from "durable-functions";

app.http("start", {
  methods: ["POST"],
  route: "start/{name}/{id?}",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const text = await request.text();
    const { name, id } = request.params;
    const instanceId = await client.startNew(name, {
      ...(text === "" ? {} : { input: JSON.parse(text) }),
      ...(id ? { instanceId: id } : {}),
    });
    return client.createCheckStatusResponse(request, instanceId);
  },
});

// One door to every method of the SDK's client: what it resolves to, or what it rejects with.
app.http("client", {
  methods: ["POST"],
  route: "client/{method}",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    try {
      const args = (await request.json()).map((value) => (value?.filter ? withDates(value.filter) : value));
      return { jsonBody: { resolved: (await client[request.params.method](...args)) ?? null } };
    } catch (error) {
      return { jsonBody: { rejected: error.message } };
    }
  },
});

app.http("wait", {
  methods: ["POST"],
  route: "wait/{id}",
  extraInputs: [df.input.durableClient()],
  handler: (request, context) =>
    df.getClient(context).waitForCompletionOrCreateCheckStatusResponse(request, request.params.id, {
      timeoutInMilliseconds: 5_000,
      retryIntervalInMilliseconds: 20,
    }),
});

function withDates({ createdTimeFrom, ...filter }) {
  return createdTimeFrom ? { ...filter, createdTimeFrom: new Date(createdTimeFrom) } : filter;
}
