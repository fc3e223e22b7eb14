import type { TestCase } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../../../lib/own.ts';
import { type Elements, elementReader } from './elements.ts';
import type { FormatReader } from './format.ts';
import { seconds, testCase } from './test-case.ts';

/** What differs between the format of NUnit 2 and that of 3. */
interface Dialect {
  format: string;
  root: string;
  time: string;
  statusOf(attributes: Map<string, string>): string;
}

const RESULTS_2: Record<string, string> = {
  ...{ Success: 'SUCCEEDED', Failure: 'FAILED', Error: 'ERROR', Cancelled: 'ERROR' },
  ...{ NotRunnable: 'ERROR', Invalid: 'ERROR', Ignored: 'SKIPPED', Skipped: 'SKIPPED' },
};
const RESULTS_3: Record<string, string> = {
  ...{ Passed: 'SUCCEEDED', Warning: 'SUCCEEDED', Failed: 'FAILED', Skipped: 'SKIPPED' },
};

/** https://docs.nunit.org/2.6.4/files/Results.xsd: the oldest files have `executed` and `success` alone. */
const NUNIT: Dialect = {
  format: 'NUNITXML',
  root: 'test-results',
  time: 'time',
  statusOf(attributes) {
    const result = attributes.get('result');
    if (result !== undefined) return ownValue(RESULTS_2, result) ?? 'UNKNOWN';
    if (attributes.get('executed') === 'False') return 'SKIPPED';
    return attributes.get('success') === 'False' ? 'FAILED' : 'SUCCEEDED';
  },
};

/** https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html */
const NUNIT_3: Dialect = {
  format: 'NUNIT3XML',
  root: 'test-run',
  time: 'duration',
  statusOf(attributes) {
    const status = ownValue(RESULTS_3, attributes.get('result') ?? '') ?? 'UNKNOWN';
    return status === 'FAILED' && /^(Error|Invalid)$/.test(attributes.get('label') ?? '')
      ? 'ERROR'
      : status;
  },
};

function nunitElements(dialect: Dialect, found: (test: TestCase) => void): Elements {
  const suites: string[] = [];
  let draft: { attributes: Map<string, string>; message?: string } | undefined;
  return {
    root: dialect.root,
    open(path, attributes) {
      const name = path.at(-1);
      if (name === 'test-suite') suites.push(attributes.get('name') ?? '');
      if (name === 'test-case') draft = { attributes };
    },
    close(path, text) {
      const name = path.at(-1);
      if (name === 'test-suite') suites.pop();
      if (!draft) return;
      if (name === 'message' && path.at(-3) === 'test-case') draft.message ??= text;
      if (name !== 'test-case') return;
      const { attributes, message } = draft;
      draft = undefined;
      found(
        testCase({
          prefix: attributes.get('classname'),
          name: attributes.get('name'),
          status: dialect.statusOf(attributes),
          durationInNanoSeconds: seconds(attributes.get(dialect.time)),
          message,
          testSuiteName: suites.at(-1),
        }),
      );
    },
  };
}

const reader =
  (dialect: Dialect) =>
  (found: (test: TestCase) => void): FormatReader =>
    elementReader(dialect.format, nunitElements(dialect, found));

export const nunitReader = reader(NUNIT);
export const nunit3Reader = reader(NUNIT_3);
