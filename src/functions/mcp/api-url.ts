/** The setting by which an environment overrides the route prefix of host.json. */
const PREFIX_SETTING = "AzureFunctionsJobHost__extensions__http__routePrefix";

/**
 * Where callers reach the routes of this app, as far as its environment knows: hosts set `WEBSITE_HOSTNAME`, and speak
 * plain HTTP on this machine alone.
 */
export function apiUrlOf(environment: Readonly<Record<string, string | undefined>>): string {
  const host = environment.WEBSITE_HOSTNAME ?? "localhost:7071";
  const scheme = /^(localhost|127\.0\.0\.1)(:|$)/.test(host) ? "http" : "https";
  const prefix = environment[PREFIX_SETTING] ?? "api";
  return [`${scheme}://${host}`, ...(prefix === "" ? [] : [prefix])].join("/");
}
