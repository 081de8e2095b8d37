import { describe, expect, it } from "vitest";
import {
  formatDuration,
  formatExact,
  formatNumber,
  formatParam,
  formatRunTime,
  formatSentence,
  formatSize,
  formatSpread,
  formatStart,
  formatStore,
} from "../src/widget/format";

describe("a mean with its spread", () => {
  it.each([
    [0.97561234, 0.0049712, "0.9756 ± 0.0050"],
    [0.03978, 0.01965, "0.040 ± 0.020"],
    [1234.5678, 0.5, "1234.57 ± 0.50"],
    [23.8, 0.09999999999999858, "23.80 ± 0.10"],
    [1234.5678, 321.9, "1235 ± 322"],
    [-0.5, 0.25, "−0.50 ± 0.25"],
    [0.931, 0, "0.931 ± 0"],
    [0.931, Number.NaN, "0.931"],
    [0.5, 0.00001, "0.5 ± 1e-5"],
    [1e9, 2e7, "1e9 ± 2e7"],
    [Number.POSITIVE_INFINITY, 1, "∞ ± 1"],
  ])("of %d and %d is %s", (mean, deviation, text) => {
    expect(formatSpread(mean, deviation)).toBe(text);
  });
});

describe("a metric's value", () => {
  it.each([
    [0, "0"],
    [-0, "0"],
    [0.123456, "0.1235"],
    [0.5, "0.5"],
    [12, "12"],
    [12345.678, "12346"],
    [123456, "123456"],
    [-7.14159, "−7.142"],
    [0.0001, "0.0001"],
    [0.00001234567, "1.235e-5"],
    [-1.2344e-9, "−1.234e-9"],
    [1234567.8, "1.235e6"],
    [1e300, "1e300"],
    [999999.9, "1000000"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("%d is %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("is given whole where the pointer rests", () => {
    expect([0.1 + 0.2, Number.NaN, -1 / 0].map(formatExact)).toEqual(["0.30000000000000004", "nan", "-inf"]);
  });
});

describe("a param's text", () => {
  it.each([
    ["0.30000000000000004", "0.3"],
    ["-0.123456789e-3", "−0.0001235"],
    ["0.1", "0.1"],
    ["20250101123456", "20250101123456"],
    ["1.2.3456789", "1.2.3456789"],
    ["/data/0.123456789", "/data/0.123456789"],
    ["", ""],
  ])("%s is %s", (text, shown) => {
    expect(formatParam(text)).toBe(shown);
  });
});

describe("a start", () => {
  const now = new Date(2026, 5, 15, 20, 0, 0).getTime();
  it.each([
    [-5_000, "just now"],
    [4_000, "just now"],
    [35_000, "35 s ago"],
    [5 * 60_000 + 1, "5 min ago"],
    [3 * 3_600_000, "3 h ago"],
  ])("%d ms ago is %s", (age, text) => {
    expect(formatStart(now - age, now)).toBe(text);
  });

  it("longer ago has a time, then a date, then a year", () => {
    expect(formatStart(new Date(2026, 5, 15, 8, 5).getTime(), now)).toMatch(/^8:05/);
    expect(formatStart(new Date(2026, 5, 14, 8, 5).getTime(), now)).toMatch(/^Jun 14, 8:05/);
    expect(formatStart(new Date(2024, 5, 14, 8, 5).getTime(), now)).toMatch(/^Jun 14, 2024, 8:05/);
  });
});

describe("a duration", () => {
  it.each([
    [402, "402 ms"],
    [12_345, "12.3 s"],
    [59_999, "60 s"],
    [125_000, "2 min 5 s"],
    [120_000, "2 min"],
    [3_900_000, "1 h 5 min"],
    [180_000_000, "2 d 2 h"],
    [-500, "0 ms"],
  ])("%d ms is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("of a run that goes on moves in whole seconds", () => {
    expect(formatRunTime(1000, null, true, 13_900)).toBe("12 s");
    expect(formatRunTime(5000, null, true, 1000)).toBe("0 s");
  });

  it("is not known before the start, or where the end of an ended run is missing", () => {
    expect(formatRunTime(null, null, true, 5000)).toBe("");
    expect(formatRunTime(1000, null, false, 5000)).toBe("");
  });
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [48_213, "48.2 kB"],
  [999_600, "1 MB"],
  [5e13, "50 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

it.each([
  ["sqlite:////home/ada/wine/mlflow.db", "mlflow.db"],
  ["sqlite:///C:\\work\\mlflow.db", "mlflow.db"],
  ["https://ada:secret@tracking.example.org:5000/", "tracking.example.org:5000"],
  ["databricks", "databricks"],
  ["", ""],
])("the store %s is shown as %s", (uri, shown) => {
  expect(formatStore(uri)).toBe(shown);
});

it.each([
  ["there is no run 'r'", "There is no run 'r'."],
  ["Write it as folder/name.txt.", "Write it as folder/name.txt."],
  ["mlflow.db is damaged", "mlflow.db is damaged."],
  ["'model.bin' has 2.5 MB", "'model.bin' has 2.5 MB."],
  ["", ""],
])("%s is said as %s", (text, said) => {
  expect(formatSentence(text)).toBe(said);
});
