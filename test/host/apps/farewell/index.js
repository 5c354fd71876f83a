const { app } = require("@azure/functions");
const { setTimeout: sleep } = require("node:timers/promises");

app.hook.appStart(async ({ hookData }) => {
  await sleep(20);
  hookData.said = ["start 1"];
});
app.hook.appStart(({ hookData }) => {
  hookData.said.push("start 2");
  console.log(`Said at the start: ${hookData.said}.`);
});

app.hook.appTerminate(async ({ hookData }) => {
  console.log("The app says farewell.");
  await sleep(200);
  hookData.said.push("end 1");
});
app.hook.appTerminate(({ hookData }) => {
  hookData.said.push("end 2");
  console.log(`Said at the end: ${hookData.said}.`);
  if (process.env.FAREWELL === "throws") throw new Error("no farewell");
  if (process.env.FAREWELL === "hangs") return new Promise(() => setInterval(() => {}, 1_000));
});

app.http("slow", {
  authLevel: "anonymous",
  methods: ["GET"],
  async handler() {
    console.log("slow has begun");
    await sleep(300);
    console.log("slow has ended");
    return { body: "slow" };
  },
});
