interface ServedFunction {
  readonly name: string;
  readonly config: { readonly bindings: readonly { type: string; route?: string; methods?: readonly string[] }[] };
}

export interface ServedRoute {
  readonly operationId: string;
  /** `get /workflows/{name}` */
  readonly call: string;
}

/** Every route a host serves, as its own list of functions has it. */
export async function servedRoutes(hostUrl: string): Promise<ServedRoute[]> {
  const functions = await (await fetch(`${hostUrl}/admin/functions`)).json();
  return (functions as ServedFunction[]).flatMap(({ name, config }) =>
    config.bindings
      .filter(({ type }) => type === "httpTrigger")
      .flatMap(({ route, methods = [] }) =>
        methods.map((method) => ({ operationId: name, call: `${method.toLowerCase()} /${route}` })),
      ),
  );
}

/** Every route of an OpenAPI document, without those of single workflows. */
export function documentedRoutes(paths: Record<string, Record<string, { operationId: string }>>): ServedRoute[] {
  return Object.entries(paths)
    .filter(([path]) => !/^\/workflows\/\w/.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ operationId, call: `${method} ${path}` })),
    );
}

export function byCall(one: ServedRoute, other: ServedRoute): number {
  return one.call < other.call ? -1 : 1;
}
