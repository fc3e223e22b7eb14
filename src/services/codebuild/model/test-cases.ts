import type { TestCase, TestReportSummary } from '@aws-sdk/client-codebuild';

/** CB-H3 */
export const MAX_CASES = 500;

/** The test cases of a report: all are counted, and the first are kept, those that failed before the others. */
export class TestCases {
  readonly #failed: TestCase[] = [];
  readonly #others: TestCase[] = [];
  readonly #counts: Record<string, number> = {
    SUCCEEDED: 0,
    FAILED: 0,
    ERROR: 0,
    SKIPPED: 0,
    UNKNOWN: 0,
  };
  #total = 0;
  #nanoseconds = 0;

  add(test: TestCase): void {
    const { status = 'UNKNOWN', durationInNanoSeconds = 0 } = test;
    this.#total += 1;
    this.#counts[status] = (this.#counts[status] ?? 0) + 1;
    const sum = this.#nanoseconds + durationInNanoSeconds;
    this.#nanoseconds = Math.min(sum, Number.MAX_SAFE_INTEGER);
    const list = status === 'FAILED' || status === 'ERROR' ? this.#failed : this.#others;
    if (list.length < MAX_CASES) list.push(test);
  }

  kept(): TestCase[] {
    return [...this.#failed, ...this.#others].slice(0, MAX_CASES);
  }

  get total(): number {
    return this.#total;
  }

  get truncated(): boolean {
    return this.#total > MAX_CASES;
  }

  get anyFailed(): boolean {
    return this.#failed.length > 0;
  }

  summary(): TestReportSummary {
    return {
      total: this.#total,
      statusCounts: this.#counts,
      durationInNanoSeconds: this.#nanoseconds,
    };
  }
}
