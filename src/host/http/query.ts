/** The query of a request target. */
export function queryOf(target: string): URLSearchParams {
  const start = target.indexOf("?");
  return new URLSearchParams(start === -1 ? "" : target.slice(start + 1));
}

/** A switch of the management API; .NET reads it without case. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  return query.get(name)?.toLowerCase() === "true";
}

export function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}

/** @returns undefined for a text that is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
