import { expect, test } from 'vitest';
import { parseJunit } from './junit.ts';

test('CB-H2: cases of nested suites with their status, time and message', () => {
  const xml = `<?xml version="1.0"?>
<testsuites>
  <testsuite name="outer">
    <testcase name="passes" classname="a.B" time="1.5"/>
    <testcase name="fails" time="1,000.25"><failure message="no &lt;good&gt;">trace</failure></testcase>
    <testsuite name="inner">
      <testcase name="breaks"><error>only text</error></testcase>
      <testcase name="waits"><skipped/></testcase>
      <testcase name="empty"><failure/></testcase>
    </testsuite>
  </testsuite>
</testsuites>`;
  expect(parseJunit(xml)).toEqual([
    {
      prefix: 'a.B',
      name: 'passes',
      status: 'SUCCEEDED',
      durationInNanoSeconds: 1.5e9,
      testSuiteName: 'outer',
    },
    {
      prefix: '',
      name: 'fails',
      status: 'FAILED',
      durationInNanoSeconds: 1000.25e9,
      message: 'no <good>',
      testSuiteName: 'outer',
    },
    {
      prefix: '',
      name: 'breaks',
      status: 'ERROR',
      durationInNanoSeconds: 0,
      message: 'only text',
      testSuiteName: 'inner',
    },
    {
      prefix: '',
      name: 'waits',
      status: 'SKIPPED',
      durationInNanoSeconds: 0,
      testSuiteName: 'inner',
    },
    {
      prefix: '',
      name: 'empty',
      status: 'FAILED',
      durationInNanoSeconds: 0,
      testSuiteName: 'inner',
    },
  ]);
});

test('one suite as root, and what is no report', () => {
  expect(parseJunit('<testsuite name="s"><testcase name="a"/></testsuite>')).toHaveLength(1);
  expect(parseJunit('<testsuites></testsuites>')).toEqual([]);
  expect(() => parseJunit('<html></html>')).toThrow('no testsuites');
  expect(() => parseJunit('not xml')).toThrow();
  expect(() => parseJunit('<testsuites><testsuite></testsuites>')).toThrow();
});
