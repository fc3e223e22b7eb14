import type { TestCase } from '@aws-sdk/client-codebuild';
import { ownValue } from '../../../../lib/own.ts';
import { elementReader } from './elements.ts';
import type { FormatReader } from './format.ts';
import { duration, testCase } from './test-case.ts';

const STATUS: Record<string, string> = { PASS: 'SUCCEEDED', FAIL: 'FAILED', SKIP: 'SKIPPED' };

/** `testng-results.xml`. What sets tests up and tears them down (`is-config`) is no test. https://testng.org/#_xml_reports */
export function testngReader(found: (test: TestCase) => void): FormatReader {
  const names = { suite: '', class: '' };
  let draft: { attributes: Map<string, string>; message?: string } | undefined;
  return elementReader('TESTNGXML', {
    root: 'testng-results',
    open(path, attributes) {
      const name = path.at(-1);
      if (name === 'suite') names.suite = attributes.get('name') ?? '';
      if (name === 'class') names.class = attributes.get('name') ?? '';
      if (name === 'test-method' && attributes.get('is-config') !== 'true') draft = { attributes };
    },
    close(path, text) {
      if (!draft) return;
      if (path.at(-1) === 'message' && path.at(-2) === 'exception') draft.message ??= text;
      if (path.at(-1) !== 'test-method') return;
      const { attributes, message } = draft;
      draft = undefined;
      found(
        testCase({
          prefix: names.class,
          name: attributes.get('name'),
          status: ownValue(STATUS, attributes.get('status') ?? '') ?? 'UNKNOWN',
          durationInNanoSeconds: duration(attributes.get('duration-ms'), 'ms'),
          message,
          testSuiteName: names.suite,
        }),
      );
    },
  });
}
