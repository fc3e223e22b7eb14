import type { TestCase } from '@aws-sdk/client-codebuild';

/** CB-H3 */
export const MAX_NAME = 1000;
export const MAX_MESSAGE = 5000;
const NANOSECONDS_OF = { s: 1e9, ms: 1e6, ns: 1 } as const;

/** What a report file says of a test: as it stands there. */
interface Said {
  prefix: string | undefined;
  name: string | undefined;
  status: string;
  durationInNanoSeconds: number;
  message?: string | undefined;
  testSuiteName?: string | undefined;
}

/** A test case within AWS's bounds. `reportArn` and `testRawDataPath` are the caller's to add. */
export function testCase(said: Said): TestCase {
  const { prefix = '', name = '', status, durationInNanoSeconds, message, testSuiteName } = said;
  return {
    prefix: prefix.slice(0, MAX_NAME),
    name: name.slice(0, MAX_NAME),
    status,
    durationInNanoSeconds,
    ...(message && { message: message.slice(0, MAX_MESSAGE) }),
    ...(testSuiteName && { testSuiteName: testSuiteName.slice(0, MAX_NAME) }),
  };
}

/** Nanoseconds of a number of `unit`, which may have commas between thousands; what is no possible time is none. */
export function duration(text: string | undefined, unit: keyof typeof NANOSECONDS_OF): number {
  const time = Math.round(
    Number((text ?? '').slice(0, MAX_NAME).replaceAll(',', '')) * NANOSECONDS_OF[unit],
  );
  return time >= 0 && time <= Number.MAX_SAFE_INTEGER ? time : 0;
}

export const seconds = (text: string | undefined): number => duration(text, 's');
