import { type Constraint, createConstraint } from "./route-constraints.ts";

/** One `{…}` of a template, or text between two of them. */
type Part = { readonly kind: "text"; readonly text: string } | ({ readonly kind: "parameter" } & Parameter);

interface Parameter {
  readonly name: string;
  readonly isCatchAll: boolean;
  readonly isOptional: boolean;
  readonly defaultValue: string | null;
  readonly constraints: readonly Constraint[];
}

interface Segment {
  readonly parts: readonly Part[];
  /** Tried in order; the groups are the segment's parameters. */
  readonly patterns: readonly RegExp[];
}

export type RouteParams = Readonly<Record<string, string>>;

export interface RouteTemplate {
  /** @returns the parameters that have a value, or null when the path is another one; segments are decoded already */
  match(segments: readonly string[]): RouteParams | null;
}

/** Cuts a URL path into decoded segments; a trailing slash is tolerated. */
export function pathSegments(path: string): readonly string[] {
  const trimmed = path.replace(/^\//, "").replace(/\/$/, "");
  return trimmed === "" ? [] : trimmed.split("/").map(decode);
}

function decode(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not UTF-8: the text as it came is the best name for it.
    return segment;
  }
}

/**
 * Compiles a route template in the syntax of ASP.NET, as the Functions host uses it: `{id}`, `{id?}`, `{id=7}`,
 * `{id:int:min(1)}`, `{*rest}`, and text around parameters in one segment. Matching is without case.
 *
 * @throws {Error} with one sentence when the template is malformed
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const texts = splitTemplate(template);
  const segments = texts.map((text, index) => compileSegment(text, index === texts.length - 1));
  return { match: (path) => matchSegments(segments, path) };
}

/** Splits at slashes outside of braces: a regular expression may hold one. */
function splitTemplate(template: string): string[] {
  const trimmed = template.replace(/^~?\/+|\/+$/g, "");
  if (trimmed === "") return [];
  const texts = [""];
  let depth = 0;
  for (const character of trimmed) {
    if (character === "{") depth++;
    if (character === "}") depth--;
    if (character === "/" && depth === 0) texts.push("");
    else texts.push(`${texts.pop()}${character}`);
  }
  if (depth !== 0) throw new Error("Its braces do not match.");
  return texts;
}

function compileSegment(text: string, isLast: boolean): Segment {
  const parts = parseParts(text);
  const parameters = parts.filter((part) => part.kind === "parameter");
  if (!isLast && parameters.some((one) => one.isCatchAll || one.isOptional)) {
    throw new Error("Only the last segment may be optional or a catch-all.");
  }
  if (parts.length > 1 && parameters.some((one) => one.isCatchAll)) {
    throw new Error("A catch-all is a segment of its own.");
  }
  return { parts, patterns: patternsOf(parts) };
}

function patternsOf(parts: readonly Part[]): RegExp[] {
  const last = parts.at(-1);
  const before = parts.at(-2);
  const patterns = [patternOf(parts)];
  // In "{name}.{extension?}" the dot goes with the optional part.
  if (parts.length > 1 && last?.kind === "parameter" && last.isOptional) {
    const withoutDot = before?.kind === "text" && before.text === "." ? -2 : -1;
    patterns.push(patternOf(parts.slice(0, withoutDot)));
  }
  return patterns;
}

function patternOf(parts: readonly Part[]): RegExp {
  const source = parts.map((part) => (part.kind === "text" ? escapeText(part.text) : "(.+)")).join("");
  return new RegExp(`^${source}$`, "is");
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** `{{` and `}}` stand for one brace each, outside and inside of a parameter. */
const TOKEN = /\{\{|\}\}|\{((?:\{\{|\}\}|[^{}])*)\}|[^{}]/g;

function parseParts(segment: string): Part[] {
  const parts: Part[] = [];
  let length = 0;
  for (const [token, content] of segment.matchAll(TOKEN)) {
    length += token.length;
    const last = parts.at(-1);
    if (content !== undefined) {
      if (last?.kind === "parameter") throw new Error("Two parameters stand side by side with nothing between them.");
      parts.push({ kind: "parameter", ...parseParameter(content.replaceAll("{{", "{").replaceAll("}}", "}")) });
    } else {
      const text = token === "{{" ? "{" : token === "}}" ? "}" : token;
      if (last?.kind === "text") parts.splice(-1, 1, { kind: "text", text: last.text + text });
      else parts.push({ kind: "text", text });
    }
  }
  if (length !== segment.length) throw new Error("Its braces do not match.");
  if (parts.length === 0) throw new Error("A segment is empty.");
  return parts;
}

function parseParameter(content: string): Parameter {
  const [, stars = "", name = "", rest = ""] = /^(\*{0,2})([^:=?*]*)([\s\S]*)$/.exec(content) ?? [];
  if (name.trim() === "") throw new Error("A parameter has no name.");
  const isOptional = rest.endsWith("?");
  const { constraints, defaultValue } = parseTail(isOptional ? rest.slice(0, -1) : rest);
  if (isOptional && defaultValue !== null) throw new Error(`Parameter "${name}" is optional and has a default.`);
  return { name, isCatchAll: stars !== "", isOptional, defaultValue, constraints: constraints.map(createConstraint) };
}

/** Reads `:constraint(argument):constraint=default`; parentheses may hold any of these characters. */
function parseTail(tail: string): { readonly constraints: readonly string[]; readonly defaultValue: string | null } {
  const constraints: string[] = [];
  let depth = 0;
  for (const [index, character] of [...tail].entries()) {
    if (character === "=" && depth === 0) return { constraints, defaultValue: [...tail].slice(index + 1).join("") };
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === ":" && depth === 0) constraints.push("");
    else constraints.push(`${constraints.pop() ?? ""}${character}`);
  }
  return { constraints, defaultValue: null };
}

function matchSegments(segments: readonly Segment[], path: readonly string[]): RouteParams | null {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const [part] = segment.parts;
    if (part?.kind === "parameter" && part.isCatchAll) {
      return assign(params, part, path.slice(index).join("/")) ? params : null;
    }
    const text = path[index];
    if (text === undefined ? !mayBeAbsent(segment, params) : !matchSegment(segment, text, params)) return null;
  }
  return path.length > segments.length ? null : params;
}

function matchSegment(segment: Segment, text: string, params: Record<string, string>): boolean {
  const match = segment.patterns.map((pattern) => pattern.exec(text)).find((one) => one !== null);
  if (!match) return false;
  const parameters = segment.parts.filter((part) => part.kind === "parameter");
  return parameters.every((parameter, index) => assign(params, parameter, match[index + 1] ?? ""));
}

function mayBeAbsent({ parts }: Segment, params: Record<string, string>): boolean {
  const [part] = parts;
  if (parts.length > 1 || part?.kind !== "parameter") return false;
  return (part.isOptional || part.defaultValue !== null) && assign(params, part, "");
}

/** Keeps a value, or the default for an empty one. @returns false when a constraint refuses it */
function assign(params: Record<string, string>, parameter: Parameter, text: string): boolean {
  const value = text === "" ? parameter.defaultValue : text;
  if (value === null) return parameter.isCatchAll || parameter.isOptional;
  if (!parameter.constraints.every((isMet) => isMet(value))) return false;
  params[parameter.name] = value;
  return true;
}
