import { frameOfCall, framePath, nodesOn, TOP, within } from "../../../src/wire/frame-path.ts";
import type { CompletedResult, Outcome, Routes, SentMessage } from "../../../src/wire/outcome.ts";
import type { FanInEdge, MapEdge, Plan, PlanEdge, PlanGraph } from "../../../src/wire/plan.ts";

/** What went to the calls of a run, reckoned from its plan and outcomes. A place is an executor in a frame: `Child~1~Last`. */
export interface Flow {
  /** By place, in order. Null stands for the input of the run, which is not looked at. */
  readonly sent: ReadonlyMap<string, readonly (string | null)[]>;
  /** By place: the items of maps, in the order of their lists. */
  readonly items: ReadonlyMap<string, readonly (string | null)[]>;
  /** By place: the lists of results of maps. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  /** Two lists went through one map at once: which item came from which is not to be told. */
  readonly isMuddled: boolean;
}

/** A call of a sub-workflow. */
interface Frame {
  readonly around: string;
  readonly node: string;
  readonly item: Item | null;
  outputJson: string | null;
}

/** A list on its way through a map. */
interface OpenMap {
  readonly edge: MapEdge;
  readonly frame: string;
  readonly results: (string | null)[];
  /** Frames of the items, where they are workflows. */
  readonly frames: string[];
  left: number;
}

interface Item {
  readonly map: OpenMap;
  readonly index: number;
}

/**
 * @param outcomes - in the order in which they count
 * @param itemCalls - by place: keys of the calls that were made for items of maps, in order
 */
export function reckonFlow(
  plan: Plan,
  outcomes: readonly Outcome[],
  itemCalls: ReadonlyMap<string, readonly string[]>,
): Flow {
  const flow = new RunFlow(plan, itemCalls);
  flow.begin();
  for (const { callKey, executorId, result } of outcomes) {
    if (result.status === "completed") flow.take(frameOfCall(callKey), executorId, callKey, result);
  }
  flow.endMapsOfWorkflows();
  return flow;
}

class RunFlow implements Flow {
  readonly sent = new Map<string, (string | null)[]>();
  readonly items = new Map<string, (string | null)[]>();
  readonly lists = new Map<string, string[]>();
  isMuddled = false;
  readonly #plan: Plan;
  readonly #itemCalls: ReadonlyMap<string, readonly string[]>;
  readonly #frames = new Map<string, Frame>();
  readonly #opened = new Map<string, number>();
  readonly #barriers = new Map<string, Map<string, string[]>>();
  readonly #maps: OpenMap[] = [];
  /** By place: the item of each call, in order. */
  readonly #itemsAt = new Map<string, Item[]>();

  constructor(plan: Plan, itemCalls: ReadonlyMap<string, readonly string[]>) {
    this.#plan = plan;
    this.#itemCalls = itemCalls;
  }

  begin(): void {
    this.#send(TOP, this.#plan.start, null);
  }

  take(frame: string, executorId: string, callKey: string, { messages, yielded, yieldedOuter }: CompletedResult): void {
    for (const [place, json] of yielded.entries()) this.#output(frame, json, yieldedOuter?.[place]);
    for (const message of messages) if (message.origin === "sent") this.#route(frame, executorId, message);
    const returned = messages.find(({ origin }) => origin === "returned");
    if (returned && this.#graph(frame).outputs.includes(executorId)) {
      this.#output(frame, returned.valueJson, returned.outer);
    }
    const at = within(frame, executorId);
    const item = this.#itemsAt.get(at)?.[this.#itemCalls.get(at)?.indexOf(callKey) ?? -1];
    if (item) this.#fill(item, returned?.valueJson ?? "null");
    else if (returned) this.#route(frame, executorId, returned);
  }

  /** A frame's last output is known when there are no more outcomes. */
  endMapsOfWorkflows(): void {
    for (const map of this.#maps) {
      for (const [index, path] of map.frames.entries()) {
        const outputJson = this.#frames.get(path)?.outputJson;
        if (typeof outputJson === "string") this.#fill({ map, index }, outputJson);
      }
    }
  }

  #graph(frame: string): PlanGraph {
    return nodesOn(frame).reduce<PlanGraph>((graph, node) => {
      const name = graph.executors.find(({ id }) => id === node)?.workflow;
      return this.#plan.workflows?.find(({ workflow }) => workflow === name) ?? graph;
    }, this.#plan);
  }

  #send(frame: string, to: string, valueJson: string | null, item: Item | null = null): string | null {
    const at = within(frame, to);
    if (this.#graph(frame).executors.find(({ id }) => id === to)?.kind === "workflow") {
      const number = (this.#opened.get(at) ?? 0) + 1;
      this.#opened.set(at, number);
      const path = framePath(frame, to, number);
      this.#frames.set(path, { around: frame, node: to, item, outputJson: null });
      this.#send(path, this.#graph(path).start, valueJson);
      return path;
    }
    append(item ? this.items : this.sent, at, valueJson);
    if (item) append(this.#itemsAt, at, item);
    return null;
  }

  #output(frame: string, outputJson: string, [routes = {}, ...outer]: readonly Routes[] = []): void {
    const open = this.#frames.get(frame);
    if (!open) return;
    open.outputJson = outputJson;
    if (open.item) return;
    if (this.#graph(open.around).outputs.includes(open.node)) this.#output(open.around, outputJson, outer);
    this.#route(open.around, open.node, { valueJson: outputJson, origin: "returned", routes });
  }

  #route(frame: string, from: string, { to, valueJson, routes }: SentMessage): void {
    for (const edge of this.#graph(frame).edges) {
      for (const target of targetsOf(edge, from, routes[edge.id])) {
        if (to !== undefined && to !== target) continue;
        if (edge.kind === "fanIn") this.#arrive(frame, edge, from, valueJson);
        else if (edge.kind === "map") this.#openMap(frame, edge, valueJson);
        else this.#send(frame, target, valueJson);
      }
    }
  }

  #arrive(frame: string, { id, from, to }: FanInEdge, source: string, valueJson: string): void {
    const barrier = within(frame, id);
    const waiting = this.#barriers.get(barrier) ?? new Map<string, string[]>(from.map((one) => [one, []]));
    this.#barriers.set(barrier, waiting);
    waiting.get(source)?.push(valueJson);
    if (![...waiting.values()].every((values) => values.length > 0)) return;
    this.#send(frame, to, `[${from.map((one) => waiting.get(one)?.[0]).join(",")}]`);
    for (const values of waiting.values()) values.shift();
  }

  #openMap(frame: string, edge: MapEdge, listJson: string): void {
    const items = (JSON.parse(listJson) as unknown[]).map((item) => JSON.stringify(item));
    this.isMuddled ||= this.#maps.some(
      (other) => other.frame === frame && other.edge.each === edge.each && other.left > 0,
    );
    const map: OpenMap = { edge, frame, results: items.map(() => null), frames: [], left: items.length };
    this.#maps.push(map);
    for (const [index, valueJson] of items.entries()) {
      const path = this.#send(frame, edge.each, valueJson, { map, index });
      if (path !== null) map.frames.push(path);
    }
    if (items.length === 0) append(this.lists, within(frame, edge.to), "[]");
  }

  #fill({ map, index }: Item, resultJson: string): void {
    map.results[index] = map.edge.policy === "all" ? resultJson : `{"ok":true,"output":${resultJson}}`;
    map.left -= 1;
    if (map.left === 0) append(this.lists, within(map.frame, map.edge.to), `[${map.results.join(",")}]`);
  }
}

function append<Value>(lists: Map<string, Value[]>, name: string, value: Value): void {
  const list = lists.get(name);
  if (list) list.push(value);
  else lists.set(name, [value]);
}

function targetsOf(edge: PlanEdge, from: string, route: unknown): readonly string[] {
  const sources = edge.kind === "fanIn" ? edge.from : [edge.from];
  if (!sources.includes(from)) return [];
  switch (edge.kind) {
    case "direct":
      return edge.isConditional && route !== true ? [] : [edge.to];
    case "fanIn":
      return [edge.to];
    case "fanOut":
      return edge.isSelective ? edge.to.filter((one) => (route as string[]).includes(one)) : edge.to;
    case "switch": {
      const target = Number(route) < 0 ? edge.default : edge.cases[Number(route)]?.to;
      return target ? [target] : [];
    }
    case "map":
      return [edge.each];
    case "error":
      return [];
  }
}
