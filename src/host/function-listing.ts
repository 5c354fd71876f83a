import type { AppFunction } from "./app/functions.ts";
import type { Route } from "./http/route-table.ts";

/** How one function of the app is reached. */
export interface FunctionListing {
  readonly name: string;
  readonly triggerType: string;
  /** Upper case; empty means any. */
  readonly methods: readonly string[];
  /** Route with its prefix, without a slash at the start; null for a function without HTTP. */
  readonly path: string | null;
  readonly isDisabled: boolean;
}

export function listFunctions(functions: readonly AppFunction[], routes: readonly Route[]): FunctionListing[] {
  return functions.map((fn) => {
    const route = routes.find((one) => one.fn === fn);
    return {
      name: fn.name,
      triggerType: fn.trigger.type,
      methods: route?.methods ?? [],
      path: route?.path ?? null,
      isDisabled: fn.isDisabled,
    };
  });
}
