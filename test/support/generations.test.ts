import { expect, it } from "vitest";
import type { OrchestratorCall } from "./capture-functions.ts";
import { Generations } from "./generations.ts";

it("keeps of each generation its longest history, and of every episode what it said and how long its history was", () => {
  const generations = new Generations(({ idsTaken }) => `took ${idsTaken}`);
  const [first, second, anew] = [episode("one", 2, 1), episode("one", 7, 4), episode("two", 2, 0)];
  for (const call of [first, second, anew]) generations.take(call);
  expect(generations.all).toMatchObject([
    {
      last: second,
      episodes: [
        { historyLength: 2, said: "took 1" },
        { historyLength: 7, said: "took 4" },
      ],
    },
    { last: anew, episodes: [{ historyLength: 2, said: "took 0" }] },
  ]);
});

function episode(ExecutionId: string, length: number, idsTaken: number): OrchestratorCall {
  const begun = { EventType: 0, OrchestrationInstance: { ExecutionId } };
  const history = [begun, ...Array.from({ length: length - 1 }, () => ({ EventType: 4 }))];
  return { instanceId: "run", trigger: { history }, result: { ok: true, resultJson: null }, idsTaken };
}
