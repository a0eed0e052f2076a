import { expect, test } from "vitest";
import { findPersonalData } from "./personal-data.ts";

test("addresses, telephone numbers and numbers with a right check digit are found", () => {
  expect(findPersonalData("Write to ada.hollin@ferry.example.org.")).toEqual(["email"]);
  expect(findPersonalData("Call +49 30 901820 now")).toEqual(["phone"]);
  expect(findPersonalData("手机 13800138000")).toEqual(["phone"]);
  expect(findPersonalData("The telephone number of the duty officer is 0550 7216.")).toEqual(["phone"]);
  expect(findPersonalData("Pay to DE89 3704 0044 0532 0130 00 today")).toEqual(["iban"]);
  expect(findPersonalData("card 4111 1111 1111 1111")).toEqual(["card"]);
  expect(findPersonalData("身份证号：11010519491231002X。")).toEqual(["chinese_id"]);
});

test("wrong check digits, part numbers, years and measurements are not", () => {
  for (const text of [
    "DE89 3704 0044 0532 0130 01",
    "card 4111 1111 1111 1112",
    "身份证号：110105194912310021",
    "part LF-2203-B, built in 2011, 1,040 kWh, 318,000 passengers",
    "version 10.20.30.40 of 2024-01-31 at 12:30",
    "ISBN 978-3-16-148410-0",
    "每年运送旅客约31.8万人次",
    "mail@home",
  ])
    expect(findPersonalData(text), text).toEqual([]);
});
