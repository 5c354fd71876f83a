import type { LogLevel, WriteLog } from "../log.ts";
import type { FunctionCallback, FunctionMetadata, LogCategory, ProgrammingModel } from "./core-types.ts";
import { Disposable } from "./disposable.ts";
import { Hooks, withReadOnly } from "./hooks.ts";

const WORKER_VERSION = "3.11.0";
const HOST_VERSION = "4.1040.0";

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** What a log line belongs to; `null` outside of an invocation. */
export interface LogOwner {
  readonly functionName: string;
  readonly hookData: Record<string, unknown>;
  readonly invocationContext: object | undefined;
}

/**
 * Stands in for the Functions worker: keeps what the app registers through `@azure/functions`, and is what
 * `require("@azure/functions-core")` answers ({@link api}).
 */
export class Core {
  readonly hooks = new Hooks();
  readonly api: Readonly<Record<string, unknown>>;
  readonly #functions = new Map<string, RegisteredFunction>();
  #model: ProgrammingModel | null = null;
  #isLocked = false;
  #write: WriteLog;

  constructor(write: WriteLog) {
    this.#write = write;
    this.api = {
      version: WORKER_VERSION,
      hostVersion: HOST_VERSION,
      Disposable,
      registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) => this.#register(metadata, callback),
      registerHook: this.hooks.register.bind(this.hooks),
      setProgrammingModel: (model: ProgrammingModel) => {
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      log: (level: LogLevel, category: LogCategory, message: string) => this.log(level, category, message, null),
    };
  }

  get functions(): readonly RegisteredFunction[] {
    return [...this.#functions.values()];
  }

  get model(): ProgrammingModel | null {
    return this.#model;
  }

  /** From here on a registration is an error, as in the real worker. */
  lock(): void {
    this.#isLocked = true;
  }

  /** Sends log lines elsewhere: a second host in one process runs the app that the first one loaded. */
  writeTo(write: WriteLog): void {
    this.#write = write;
  }

  log(level: LogLevel, category: LogCategory, message: string, owner: LogOwner | null): void {
    const line = { level, message };
    const hooks = this.hooks.of("log");
    if (hooks.length > 0) {
      const context = withReadOnly(line, {
        category,
        hookData: owner?.hookData ?? this.hooks.appLevelData,
        appHookData: this.hooks.appData,
        invocationContext: owner?.invocationContext,
      });
      for (const hook of hooks) hook(context);
    }
    if (category !== "customMetric") this.#write(line.level, line.message, owner?.functionName);
  }

  #register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#isLocked) throw new Error("A function can only be registered during app startup.");
    const key = (metadata.functionId ?? metadata.name).toLowerCase();
    if (this.#functions.has(key)) throw new Error(`A function with the name "${metadata.name}" is already registered.`);
    this.#functions.set(key, { metadata, callback });
    return new Disposable(() => {
      if (this.#isLocked) throw new Error("A function can only be disposed during app startup.");
      this.#functions.delete(key);
    });
  }
}
