import { app } from "@azure/functions";

/** A name that the compiler does not look up: the package is the app's to install, and brings 175 MB. */
const PACKAGE: string = "applicationinsights";

interface ApplicationInsights {
  useAzureMonitor(): void;
  shutdownAzureMonitor(): Promise<void>;
}

/** What this needs of the process; its own unless given. */
interface Parts {
  readonly load?: (name: string) => Promise<unknown>;
  /** Has `work` done when the app ends. */
  readonly atEnd?: (work: () => Promise<void>) => void;
}

/**
 * Starts `applicationinsights`, where the app has that package and `APPLICATIONINSIGHTS_CONNECTION_STRING` is set: what
 * handlers tell OpenTelemetry, and the calls of clients that the package watches, then arrive beside what the Functions host
 * sends there by itself. It sends what is left when the app ends. (Version 3.17 watches no `fetch`, and `node:http` only
 * where it is loaded with `require`.)
 *
 * What is loaded before keeps the functions it has: a client of a database is watched only when the app loads it afterwards,
 * and static imports of a module are loaded before its first line. So have a file of the app that imports nothing else call this,
 * and load the rest with `await import(…)`. What handlers tell OpenTelemetry themselves arrives either way.
 *
 * @param environment - `process.env`
 * @returns `off` without a connection string: nothing is loaded then; `notInstalled` when the app does not have the package
 * @throws what the package throws that is there and cannot be loaded or started
 */
export async function startApplicationInsights(
  environment: Readonly<Record<string, string | undefined>>,
  { load = (name) => import(name), atEnd = (work) => void app.hook.appTerminate(work) }: Parts = {},
): Promise<"started" | "off" | "notInstalled"> {
  // Azure has no way to take a setting away from one slot, so an empty one counts as none.
  if (!environment.APPLICATIONINSIGHTS_CONNECTION_STRING?.trim()) return "off";
  let loaded: ApplicationInsights;
  try {
    loaded = (await load(PACKAGE)) as ApplicationInsights;
  } catch (error) {
    if (isMissing(error)) return "notInstalled";
    throw error;
  }
  loaded.useAzureMonitor();
  atEnd(() => loaded.shutdownAzureMonitor());
  return "started";
}

/** A package that it needs itself may be missing, too: that is a fault. */
function isMissing(error: unknown): boolean {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${PACKAGE}'`);
}
