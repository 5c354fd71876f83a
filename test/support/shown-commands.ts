import { execFileSync } from "node:child_process";

/** The code blocks of a document in one language, the first one first. */
export function blocksOf(markdown: string, language: string): string[] {
  const blocks = markdown.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"));
  return [...blocks].map(([, text = ""]) => text);
}

/** Those of them that call the host. */
export function callsOf(markdown: string): string[] {
  return blocksOf(markdown, "sh").filter((block) => block.includes("curl"));
}

/** Runs a shown block in a shell, on the port of this host. Gives the answers of its curl lines; of a stream of events its data. */
export function play(block: string, hostUrl: string): Record<string, unknown>[] {
  const script = block.replaceAll("http://localhost:7071", hostUrl).replace(/^(curl .*)$/gm, "$1; echo");
  const printed = execFileSync("bash", ["-ec", script], { encoding: "utf8" });
  const lines = printed.split("\n").filter((line) => line !== "" && !line.startsWith("event: "));
  return lines.map((line) => JSON.parse(line.replace(/^data: /, "")));
}
