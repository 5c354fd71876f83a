import { expect, it } from "vitest";

it("runs every test where nothing can read or set the prototype of an object as a property of it", () => {
  const refused = expect.objectContaining({ code: "ERR_PROTO_ACCESS" });
  expect(() => Reflect.get({}, "__proto__")).toThrow(refused);
  expect(() => Reflect.set({}, "__proto__", null)).toThrow(refused);
});
