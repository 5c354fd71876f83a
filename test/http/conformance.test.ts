import { conformance } from "../conformance/all-suites.ts";
import { type RunUnderTest, until } from "../conformance/runner-under-test.ts";
import { type Reply, serveTestApp } from "./support.ts";

const api = serveTestApp("conformance");
const JSON_TYPE = { "content-type": "application/json" };

conformance({
  name: "over HTTP on the local host",
  async start(workflow, input, { runId } = {}) {
    const query = runId === undefined ? "" : `?runId=${encodeURIComponent(runId)}`;
    const started = accepted(await api.post(`workflows/${workflow}/run${query}`, bytesOf(input), JSON_TYPE));
    return runOf(workflow, started.body.runId);
  },
});

function runOf(workflow: string, runId: string): RunUnderTest {
  const id = encodeURIComponent(runId);
  const status = async () => accepted(await api.get(`workflows/${workflow}/status/${id}`)).body;
  const run: RunUnderTest = {
    runId,
    status,
    async respond(request, response) {
      accepted(await api.post(`workflows/${workflow}/respond/${id}`, { ...request, response }));
    },
    async cancel(reason) {
      const body = reason === undefined ? undefined : { reason };
      const reply = await api.post(`workflows/${workflow}/cancel/${id}`, body);
      if (reply.body.code !== "RUN_ENDED") accepted(reply);
    },
    end: () => until(run, (now) => now.status !== "Pending" && now.status !== "Running"),
    async events() {
      return accepted(await api.get(`workflows/${workflow}/events/${id}`)).body.events;
    },
  };
  return run;
}

/** JSON as bytes, since text would be sent as text. */
function bytesOf(input: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(input ?? null));
}

/** A problem becomes an error with its code and issues, as the other runners throw it. */
function accepted(reply: Reply): Reply {
  if (reply.status < 400) return reply;
  const { code, detail, errors } = reply.body;
  const issues = errors.map((one: { pointer: string; detail: string }) => ({
    pointer: one.pointer,
    message: one.detail,
  }));
  throw Object.assign(new Error(detail), { code, issues });
}
