import type { TestCase } from '@aws-sdk/client-codebuild';
import { XMLParser } from 'fast-xml-parser';

/** CB-H3 */
const MAX_NAME = 1000;
const MAX_MESSAGE = 5000;
const NANOSECONDS = 1e9;

type Element = Record<string, unknown>;

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseAttributeValue: false,
  parseTagValue: false,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error'].includes(name),
});

/**
 * The test cases of a JUnit XML file. `reportArn` and `testRawDataPath` are the caller's to add.
 * @throws Error when the text is no JUnit XML
 */
export function parseJunit(text: string): TestCase[] {
  const document = parser.parse(text, true) as Element;
  const root = (document.testsuites ?? document) as Element;
  const suites = elements(root.testsuite);
  if (document.testsuites === undefined && suites.length === 0)
    throw new Error('no testsuites or testsuite element');
  return suites.flatMap(casesOf);
}

function casesOf(suite: Element): TestCase[] {
  const own = elements(suite.testcase).map((test) => testCase(test, attribute(suite, 'name')));
  return [...own, ...elements(suite.testsuite).flatMap(casesOf)];
}

function testCase(test: Element, suiteName: string): TestCase {
  const [failure] = elements(test.failure);
  const [error] = elements(test.error);
  const problem = failure ?? error;
  const status = failure
    ? 'FAILED'
    : error
      ? 'ERROR'
      : test.skipped !== undefined
        ? 'SKIPPED'
        : 'SUCCEEDED';
  const message = problem && (attribute(problem, 'message') || textOf(problem));
  const seconds = Number(attribute(test, 'time').replaceAll(',', ''));
  return {
    prefix: attribute(test, 'classname').slice(0, MAX_NAME),
    name: attribute(test, 'name').slice(0, MAX_NAME),
    status,
    durationInNanoSeconds: Number.isFinite(seconds) ? Math.round(seconds * NANOSECONDS) : 0,
    ...(message && { message: message.slice(0, MAX_MESSAGE) }),
    ...(suiteName && { testSuiteName: suiteName.slice(0, MAX_NAME) }),
  };
}

/** An empty element is parsed as text. */
function elements(value: unknown): Element[] {
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return list.map((item) =>
    typeof item === 'object' && item !== null ? (item as Element) : { '#text': item },
  );
}

function attribute(element: Element, name: string): string {
  return String(element[`@${name}`] ?? '');
}

function textOf(element: Element): string {
  return String(element['#text'] ?? '');
}
