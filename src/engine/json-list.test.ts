import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { itemsIn } from "./json-list.ts";

describe("the items of a list", () => {
  it("are its members as they were written", () => {
    expect(itemsIn('[1,"a,b",{"c":[2,3],"d,]":"\\"]"},[],null,1e21]')).toEqual([
      "1",
      '"a,b"',
      '{"c":[2,3],"d,]":"\\"]"}',
      "[]",
      "null",
      "1e21",
    ]);
    expect(itemsIn("[]")).toEqual([]);
    expect(itemsIn(" [ 1 , [ 2 , 3 ] ]\n")).toEqual(["1", "[ 2 , 3 ]"]);
    expect(itemsIn("[ ]")).toEqual([]);
  });

  it("are those that JSON finds, whatever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (list) => {
        expect(itemsIn(JSON.stringify(list))).toEqual(list.map((item) => JSON.stringify(item)));
      }),
    );
  });

  it.each(['{"a":[1]}', '"[1]"', "1", "null"])("are nothing where there is no list: %s", (text) => {
    expect(itemsIn(text)).toBeUndefined();
  });
});
