import { describe, expect, test } from "vitest";
import { countsOf } from "./run.mjs";

const file = (status: string, ...tests: string[]) => ({ status, assertionResults: tests.map((test) => ({ status: test })) });

describe("the last line of npm test", () => {
  test("counts what the report counts", () => {
    const results = {
      numPassedTests: 5,
      numFailedTests: 0,
      numPendingTests: 2,
      numTodoTests: 1,
      success: true,
      testResults: [file("passed", "passed", "skipped")],
    };
    expect(countsOf(results)).toEqual({ passed: 5, failed: 0, skipped: 3, isSuccess: true });
  });

  test("counts a file that fails to load, or to set up, as one failure", () => {
    const results = {
      numPassedTests: 5,
      numFailedTests: 1,
      numPendingTests: 0,
      success: false,
      testResults: [file("passed", "passed"), file("failed", "failed", "passed"), file("failed"), file("failed", "skipped")],
    };
    expect(countsOf(results)).toEqual({ passed: 5, failed: 3, skipped: 0, isSuccess: false });
  });

  test("is no success when the run itself was none", () => {
    expect(countsOf({ numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, success: false, testResults: [] }).isSuccess).toBe(false);
  });
});
