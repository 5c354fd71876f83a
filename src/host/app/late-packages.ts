import Module from "node:module";

/**
 * What `durable-functions` loads for its client alone: 280 of the 300 files that it loads, a sixth of the time to the first
 * finished run. Many apps never use that client, and the app of this library is one of them.
 */
const LATE: ReadonlySet<string> = new Set(["axios", "validator", "@opentelemetry/api", "lodash/cloneDeep"]);
const SDK = /[\\/]node_modules[\\/]durable-functions[\\/]lib[\\/]/;

/** Lets `durable-functions`, in every copy of it, load these packages when it uses them for the first time. */
export function loadClientLate(): void {
  const original = Module.prototype.require;
  function require(this: NodeJS.Module, id: string): unknown {
    return LATE.has(id) && SDK.test(this.filename) ? late(() => original.call(this, id)) : original.call(this, id);
  }
  Module.prototype.require = Object.assign(require, original);
}

/** Stands for a function, or an object of functions, that is there once somebody uses it. */
function late(load: () => unknown): unknown {
  let loaded: object | undefined;
  const real = (): object => {
    loaded ??= load() as object;
    return loaded;
  };
  return new Proxy(() => {}, {
    get: (_target, key) => Reflect.get(real(), key),
    has: (_target, key) => Reflect.has(real(), key),
    apply: (_target, self, args) => Reflect.apply(real() as () => unknown, self, args),
  });
}
