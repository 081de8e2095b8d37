import { expect, it } from "vitest";
import { betterDirection, judgeChange, relativeChange } from "../src/widget/directions";

it.each([
  ["loss", "smaller"],
  ["val_loss", "smaller"],
  ["trainingRMSE", "smaller"],
  ["mean_squared_error", "smaller"],
  ["eval/log-loss", "smaller"],
  ["accuracy", "larger"],
  ["validation_accuracy_score", "larger"],
  ["valF1@10", "larger"],
  ["test auc", "larger"],
  ["map50", "larger"],
  ["r2_score", "larger"],
  ["neg_mean_squared_error", "larger"],
  ["mean_score_time", null],
  ["rank_test_score", null],
  ["std_test_score", null],
  ["system/cpu", null],
  ["epoch", null],
  ["accuracy_loss", null],
  ["glossary", null],
  ["", null],
])("the name %s tells which way is better: %s", (name, direction) => {
  expect(betterDirection(name)).toBe(direction);
});

it("a change is judged by its metric, and what is no number is worse than any that is", () => {
  expect(judgeChange("loss", 0.5, 0.4)).toBe("better");
  expect(judgeChange("loss", 0.4, 0.5)).toBe("worse");
  expect(judgeChange("accuracy", 0.4, 0.5)).toBe("better");
  expect(judgeChange("width", 1, 2)).toBe("neutral");
  expect(judgeChange("loss", 1, 1)).toBe("neutral");
  expect(judgeChange("accuracy", 0.4, Number.NaN)).toBe("worse");
  expect(judgeChange("loss", Number.NaN, 0.4)).toBe("better");
  expect(judgeChange("loss", Number.NaN, Number.NaN)).toBe("neutral");
  expect(judgeChange("loss", 1, Number.POSITIVE_INFINITY)).toBe("worse");
});

it("a change is a part of what was before, unless that says nothing", () => {
  expect(relativeChange(0.5, 0.25)).toBe(-0.5);
  expect(relativeChange(-2, -1)).toBe(0.5);
  expect(relativeChange(0, 1)).toBeNull();
  expect(relativeChange(1, Number.NaN)).toBeNull();
});
