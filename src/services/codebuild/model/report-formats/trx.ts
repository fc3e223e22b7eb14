import type { TestCase } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../../../lib/own.ts';
import { elementReader } from './elements.ts';
import type { FormatReader } from './format.ts';
import { testCase } from './test-case.ts';

/** https://learn.microsoft.com/dotnet/api/microsoft.visualstudio.testtools.common.testoutcome */
const OUTCOME: Record<string, string> = {
  ...{ Passed: 'SUCCEEDED', PassedButRunAborted: 'SUCCEEDED', Warning: 'SUCCEEDED' },
  ...{ Failed: 'FAILED', Error: 'ERROR', Timeout: 'ERROR', Aborted: 'ERROR' },
  ...{ NotExecuted: 'SKIPPED', NotRunnable: 'SKIPPED', Disconnected: 'SKIPPED' },
};

/** Visual Studio's TRX. Classes are named behind the results, which are kept until then. */
export function trxReader(found: (test: TestCase) => void): FormatReader {
  const drafts: { attributes: Map<string, string>; message?: string }[] = [];
  const classes = new Map<string, string>();
  let [suite, test] = ['', ''];
  let draft: (typeof drafts)[number] | undefined;
  const reader = elementReader('VISUALSTUDIOTRX', {
    root: 'TestRun',
    open(path, attributes) {
      const name = path.at(-1);
      if (name === 'TestRun') suite = attributes.get('name') ?? '';
      // Results inside of results are the rows of a test, which is counted by itself.
      if (path.at(-2) === 'Results' && path.length === 3) {
        draft = { attributes };
        drafts.push(draft);
      }
      if (name === 'UnitTest') test = attributes.get('id') ?? '';
      if (name === 'TestMethod') classes.set(test, attributes.get('className') ?? '');
    },
    close(path, text) {
      if (path.at(-1) === 'Message' && path.at(-2) === 'ErrorInfo' && path.length === 6 && draft)
        draft.message ??= text;
      if (path.length === 3) draft = undefined;
    },
  });
  return {
    write: (piece) => reader.write(piece),
    end() {
      reader.end();
      for (const { attributes, message } of drafts) {
        const named = classes.get(attributes.get('testId') ?? '');
        found(
          testCase({
            // `Name.Space.Class, Assembly, Version=…`
            prefix: named?.split(',')[0],
            name: attributes.get('testName'),
            status: ownValue(OUTCOME, attributes.get('outcome') ?? '') ?? 'UNKNOWN',
            durationInNanoSeconds: timeSpan(attributes.get('duration')),
            message,
            testSuiteName: suite,
          }),
        );
      }
    },
  };
}

/** Nanoseconds of `hh:mm:ss.fffffff`. */
function timeSpan(text = ''): number {
  const [, hours, minutes, seconds] = /^(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(text) ?? [];
  if (seconds === undefined) return 0;
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1e9);
}
