import type { HttpCookie } from "../app/core-types.ts";

const SAME_SITE: Readonly<Record<string, string>> = { lax: "lax", strict: "strict", explicitNone: "none" };

/** One `Set-Cookie` value, with the encoding, the default path and the order of attributes of ASP.NET. */
export function formatCookie(cookie: HttpCookie): string {
  const attributes = [`${encodeURIComponent(cookie.name ?? "")}=${encodeURIComponent(cookie.value ?? "")}`];
  const seconds = cookie.expires?.value?.seconds;
  if (seconds !== undefined) attributes.push(`expires=${new Date(seconds * 1_000).toUTCString()}`);
  if (cookie.maxAge?.value !== undefined) attributes.push(`max-age=${Math.trunc(cookie.maxAge.value)}`);
  if (cookie.domain?.value) attributes.push(`domain=${cookie.domain.value}`);
  attributes.push(`path=${cookie.path?.value || "/"}`);
  if (cookie.secure?.value) attributes.push("secure");
  const sameSite = SAME_SITE[cookie.sameSite ?? "none"];
  if (sameSite) attributes.push(`samesite=${sameSite}`);
  if (cookie.httpOnly?.value) attributes.push("httponly");
  return attributes.join("; ");
}
