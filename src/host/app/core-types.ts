/**
 * The part of the worker's contract with `@azure/functions` that this host speaks. The package's own core types are not
 * published, so they are written here from its behaviour.
 */
import type { LogLevel } from "../log.ts";
import type { RetryContext } from "./retry-policy.ts";

export type LogCategory = "user" | "system" | "customMetric";

/** One value on its way in or out; exactly one field is set, none for `undefined`. */
export interface TypedData {
  readonly string?: string | null;
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: HttpData | null;
}

interface Nullable<Value> {
  readonly value?: Value;
}

export interface HttpData {
  readonly method?: string;
  readonly url?: string;
  readonly nullableHeaders?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableQuery?: Readonly<Record<string, Nullable<string>>>;
  readonly nullableParams?: Readonly<Record<string, Nullable<string>>>;
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly HttpCookie[];
  readonly body?: TypedData | null | undefined;
}

export interface HttpCookie {
  readonly name?: string;
  readonly value?: string;
  readonly domain?: Nullable<string> | undefined;
  readonly path?: Nullable<string> | undefined;
  readonly expires?: Nullable<{ readonly seconds?: number }> | undefined;
  readonly secure?: Nullable<boolean> | undefined;
  readonly httpOnly?: Nullable<boolean> | undefined;
  /** `none` means unset; `explicitNone` is the attribute `SameSite=None`. */
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone";
  readonly maxAge?: Nullable<number> | undefined;
}

export interface Binding {
  readonly type: string;
  readonly name?: string;
  readonly direction?: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
  readonly useMonitor?: boolean;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly retryOptions?: unknown;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export interface NamedData {
  readonly name: string;
  readonly data: TypedData;
}

/** The state the library reads to warn about a log line after the end of an invocation. */
type InvocationState = "preInvocationHooks" | "invocation" | "postInvocationHooks" | undefined;

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly metadata: FunctionMetadata;
  state: InvocationState;
  log(level: LogLevel, category: LogCategory, message: string): void;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly NamedData[];
    readonly triggerMetadata: Readonly<Record<string, TypedData>>;
    readonly retryContext?: RetryContext;
  };
}

/** The library's own context object; the host hands it on and looks at nothing in it. */
type InvocationContext = object;

export interface InvocationModel {
  getArguments(): Promise<{ readonly context: InvocationContext; readonly inputs: unknown[] }>;
  invokeFunction(context: InvocationContext, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: InvocationContext, result: unknown): Promise<InvocationResponse>;
}

export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data?: TypedData | null }[];
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities(defaults: Record<string, string>): Promise<Record<string, string>> | Record<string, string>;
}
