import { expect, test } from "vitest";
import { judgeLink } from "./link-policy.ts";

const origin = "http://127.0.0.1:7777";

test("names the host of an address outside", () => {
  expect(judgeLink("https://evil.example/?q=1", origin)).toEqual({
    kind: "outside",
    href: "https://evil.example/?q=1",
    host: "evil.example",
  });
});

test("shows international host names in their ASCII form, so that look-alikes are seen", () => {
  expect(judgeLink("https://аpple.com/", origin)).toMatchObject({ host: "xn--pple-43d.com" });
});

test.each([
  "javascript:alert(1)",
  " jAvAsCrIpT:alert(1)",
  "java\nscript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:x",
  "file:///etc/passwd",
  "blob:http://127.0.0.1:7777/x",
  "https://user:secret@bank.example/",
  "http://[broken",
  "",
])("makes plain text of %j (S8)", (address) => {
  expect(judgeLink(address, origin)).toEqual({ kind: "text" });
});

test.each(["/admin/jobs", "/api/v1/session", "other.md", "#part", "http://127.0.0.1:7777/x"])(
  "makes plain text of %j, which points into this origin (S9)",
  (address) => {
    expect(judgeLink(address, origin)).toEqual({ kind: "text" });
  },
);

test("treats a protocol-relative address as outside", () => {
  expect(judgeLink("//evil.example/x.png", origin)).toMatchObject({ kind: "outside", host: "evil.example" });
});
