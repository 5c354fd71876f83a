const { app } = require("@azure/functions");
const df = require("durable-functions");

function* wait(context) {
  return yield context.df.waitForExternalEvent("Go");
}
const mark = { [Symbol.for("durable-workflows.may-be-kept")]: true };
df.app.orchestration("kept", (context) => Object.assign(wait(context), mark));
df.app.orchestration("plain", wait);

globalThis.watchKeepingApp = (hook) => app.hook[hook](() => {});
