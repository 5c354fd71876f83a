import { nodesOn } from "../../src/wire/frame-path.ts";
import type { DrawnGraph, DrawnRun, DrawnVertex } from "./drawn-run.ts";
import type { Told } from "./runners.ts";

/** How many runs had what in them: a test of agreement is worth what it draws. */
export class Features {
  readonly #counts = new Map<string, number>();

  take(drawn: DrawnRun, { status, events }: Told): void {
    const types = events.flatMap((event) => [
      `event ${event.type}`,
      ...("frame" in event && event.frame !== undefined ? [`event at depth ${nodesOn(event.frame).length}`] : []),
    ]);
    const ends = `end ${status.status}${status.error ? ` ${status.error.code}` : ""}`;
    for (const feature of new Set([
      ...drawnFeatures(drawn),
      `took ${rangeOf(status.superstep)} supersteps`,
      ...types,
      ends,
    ])) {
      this.add(feature, 1);
    }
  }

  add(feature: string, count: number): void {
    this.#counts.set(feature, this.countOf(feature) + count);
  }

  /** Each feature with how many runs had it. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  countOf(feature: string): number {
    return this.#counts.get(feature) ?? 0;
  }

  /** In the order of their names. */
  toString(): string {
    const sorted = [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1));
    return sorted.map(([feature, count]) => `${feature}: ${count}`).join(", ");
  }
}

function rangeOf(supersteps: number): string {
  if (supersteps < 2) return "up to 1";
  return supersteps <= 5 ? "2 to 5" : supersteps <= 20 ? "6 to 20" : "more than 20";
}

function drawnFeatures(run: DrawnRun): string[] {
  const { length } = run.vertices;
  const size = length > 15 ? "16 to 30" : length > 5 ? "6 to 15" : "1 to 5";
  return [
    `drawn ${size} executors`,
    ...(run.timeoutMs === undefined ? [] : ["drawn time limit of the run"]),
    ...(run.generationSupersteps === undefined ? [] : [`drawn generations of ${run.generationSupersteps} supersteps`]),
    ...(run.maxCallsPerSuperstep < 100 ? ["drawn narrow supersteps"] : []),
    ...graphFeatures(run, 0),
  ];
}

function graphFeatures({ vertices, edges, keeps }: DrawnGraph, depth: number): string[] {
  return [
    `drawn depth ${depth}`,
    ...vertices.flatMap((vertex, place) => vertexFeatures(vertex, place, depth)),
    ...(keeps ? ["drawn kept state"] : []),
    ...edges.flatMap((edge) => {
      const isLoop = edge.kind === "direct" && edge.to < edge.from;
      const isSelfLoop = edge.kind === "direct" && edge.to === edge.from;
      return [`drawn ${edge.kind}`, ...(isLoop ? ["drawn loop"] : []), ...(isSelfLoop ? ["drawn self-loop"] : [])];
    }),
  ];
}

function vertexFeatures(vertex: DrawnVertex, place: number, depth: number): string[] {
  const via = place === 0 ? [] : [`drawn ${vertex.via}`];
  if (vertex.kind === "port") return [...via, `drawn port, timeout: ${vertex.timeout?.followedBy ?? "none"}`];
  if (vertex.kind === "workflow") return [...via, ...graphFeatures(vertex.graph, depth + 1)];
  return [
    ...via,
    ...(vertex.writes.length > 0 ? ["drawn state"] : []),
    ...(vertex.retry ? ["drawn retries"] : []),
    ...(vertex.retry && vertex.retry.jitter > 0 ? ["drawn jitter"] : []),
    ...(vertex.timeoutMs === undefined ? [] : ["drawn time limit of a call"]),
    ...(vertex.takesMs === undefined ? [] : ["drawn slow calls"]),
    ...(vertex.compensates ? ["drawn compensation"] : []),
    ...(vertex.halts ? ["drawn halt"] : []),
  ];
}
