import type { TestCase } from '@aws-sdk/client-codebuild';
import { MAX_MESSAGE, seconds, testCase } from './test-case.ts';
import { type XmlHandler, XmlReader } from './xml-reader.ts';

/** What a test case says that did not pass, in the order in which it counts. */
const PROBLEMS = ['failure', 'error'] as const;
const STATUS = { failure: 'FAILED', error: 'ERROR' } as const;
type Problem = (typeof PROBLEMS)[number];

/** The test case that is being read. */
interface Draft {
  attributes: Map<string, string>;
  suite: string;
  /** The message of the first of each kind, empty when it has none. */
  problems: Partial<Record<Problem, string>>;
  skipped: boolean;
}

/**
 * Reads a JUnit XML file, in pieces, and hands on its test cases. `reportArn` and `testRawDataPath` are the caller's to
 * add. Both methods throw an Error when the text is no JUnit XML.
 */
export function junitReader(found: (test: TestCase) => void): Pick<XmlReader, 'write' | 'end'> {
  return new XmlReader(new JunitHandler(found));
}

class JunitHandler implements XmlHandler {
  readonly #found: (test: TestCase) => void;
  readonly #path: string[] = [];
  readonly #suites: string[] = [];
  #draft: Draft | undefined;
  /** The problem whose text is being read. */
  #reading: { kind: Problem; text: string } | undefined;

  constructor(found: (test: TestCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Map<string, string>): void {
    const parent = this.#path.at(-1);
    if (parent === undefined && name !== 'testsuites' && name !== 'testsuite')
      throw new Error('no testsuites or testsuite element');
    this.#path.push(name);
    if (name === 'testsuite') this.#suites.push(attributes.get('name') ?? '');
    if (name === 'testcase' && parent === 'testsuite') {
      const suite = this.#suites.at(-1) ?? '';
      this.#draft = { attributes, suite, problems: {}, skipped: false };
    }
    if (this.#draft && parent === 'testcase') this.#openResult(this.#draft, name, attributes);
  }

  #openResult(draft: Draft, name: string, attributes: Map<string, string>): void {
    if (name === 'skipped') draft.skipped = true;
    const kind = PROBLEMS.find((problem) => problem === name);
    if (!kind || draft.problems[kind] !== undefined) return;
    const message = attributes.get('message') ?? '';
    draft.problems[kind] = message;
    if (message === '') this.#reading = { kind, text: '' };
  }

  text(text: string): void {
    const reading = this.#reading;
    if (!reading || this.#path.at(-1) !== reading.kind) return;
    const more = reading.text === '' ? text.trimStart() : text;
    if (reading.text.length < MAX_MESSAGE) reading.text += more.slice(0, MAX_MESSAGE);
  }

  close(name: string): void {
    this.#path.pop();
    if (name === 'testsuite') this.#suites.pop();
    if (name === this.#reading?.kind && this.#path.at(-1) === 'testcase') {
      if (this.#draft) this.#draft.problems[name as Problem] = this.#reading.text.trimEnd();
      this.#reading = undefined;
    }
    if (name === 'testcase' && this.#draft && this.#path.at(-1) === 'testsuite') {
      this.#found(caseOf(this.#draft));
      this.#draft = undefined;
    }
  }
}

function caseOf({ attributes, suite, problems, skipped }: Draft): TestCase {
  const kind = PROBLEMS.find((problem) => problems[problem] !== undefined);
  return testCase({
    prefix: attributes.get('classname'),
    name: attributes.get('name'),
    status: kind ? STATUS[kind] : skipped ? 'SKIPPED' : 'SUCCEEDED',
    durationInNanoSeconds: seconds(attributes.get('time')),
    message: kind && problems[kind],
    testSuiteName: suite,
  });
}
