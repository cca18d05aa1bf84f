export declare function countsOf(results: {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests?: number;
  success: boolean;
  testResults: { status: string; assertionResults: { status: string }[] }[];
}): { passed: number; failed: number; skipped: number; isSuccess: boolean };
