import { expect, test } from "vitest";
import { parseListen, serverUrl } from "./config.ts";

test("listen addresses", () => {
  expect(["127.0.0.1:7443", "[::1]:80", ":7443", "7443", "localhost:0", "0.0.0.0:1"].map(parseListen)).toEqual([
    { host: "127.0.0.1", port: 7443 },
    { host: "::1", port: 80 },
    { host: "127.0.0.1", port: 7443 },
    { host: "127.0.0.1", port: 7443 },
    { host: "localhost", port: 0 },
    { host: "0.0.0.0", port: 1 },
  ]);
  for (const bad of ["", "host", "1.2.3.4:", "a:99999", "::1:80", "a:b"])
    expect(() => parseListen(bad)).toThrow(/is not HOST:PORT/);
});

test("a wildcard is reached by loopback", () => {
  expect([serverUrl("0.0.0.0", 1), serverUrl("::", 2), serverUrl("10.0.0.1", 3)]).toEqual([
    "https://127.0.0.1:1",
    "https://[::1]:2",
    "https://10.0.0.1:3",
  ]);
});
