import { expect, it } from "vitest";
import { apiUrlOf } from "./api-url.ts";

it.each([
  [{}, "http://localhost:7071/api"],
  [{ WEBSITE_HOSTNAME: "localhost:8080" }, "http://localhost:8080/api"],
  [{ WEBSITE_HOSTNAME: "shop.azurewebsites.net" }, "https://shop.azurewebsites.net/api"],
  [{ WEBSITE_HOSTNAME: "localhost.example" }, "https://localhost.example/api"],
  [
    { WEBSITE_HOSTNAME: "localhost:1", AzureFunctionsJobHost__extensions__http__routePrefix: "v1" },
    "http://localhost:1/v1",
  ],
  [{ WEBSITE_HOSTNAME: "localhost:1", AzureFunctionsJobHost__extensions__http__routePrefix: "" }, "http://localhost:1"],
])("finds the address of an app's routes in %j", (environment, url) => {
  expect(apiUrlOf(environment)).toBe(url);
});
