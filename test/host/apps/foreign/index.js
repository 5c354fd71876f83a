const { app } = require("@azure/functions");

const seen = { appStart: 0, preInvocation: [], postInvocation: [], log: [] };
globalThis.foreignAppHooks = seen;

app.hook.appStart((context) => {
  seen.appStart++;
  context.hookData.startedWith = "data";
});

app.hook.preInvocation((context) => {
  seen.preInvocation.push(context.invocationContext.functionName);
  context.hookData.from = "pre";
  if (context.invocationContext.functionName === "hooked") {
    const handler = context.functionHandler;
    context.functionHandler = async (...args) => ({ ...(await handler(...args)), headers: { "x-hook": "pre" } });
  }
});

app.hook.postInvocation((context) => {
  seen.postInvocation.push([context.invocationContext.functionName, context.hookData.from]);
  if (context.error instanceof Error && context.error.message === "cleared by a hook") {
    context.error = null;
    context.result = { status: 299, body: "cleared" };
  }
});

app.hook.log((context) => {
  seen.log.push(context.message);
  if (context.message.includes("secret")) context.message = "(removed by a hook)";
});
