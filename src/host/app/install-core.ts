import Module from "node:module";

const CORE_MODULE = "@azure/functions-core";

/**
 * Makes `require("@azure/functions-core")` answer `api` for every copy of `@azure/functions` in this process, however it
 * was loaded. Each copy asks once and keeps the answer, so this runs before any file of the app is loaded.
 */
export function installCore(api: object): void {
  const original = Module.prototype.require;
  function require(this: NodeJS.Module, id: string): unknown {
    return id === CORE_MODULE ? api : original.call(this, id);
  }
  Module.prototype.require = Object.assign(require, original);
}
