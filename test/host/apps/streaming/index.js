const { app } = require("@azure/functions");

app.setup({ enableHttpStream: true });
app.get("hello", () => ({ body: "hello" }));
