import type { TestCase } from '@aws-sdk/client-codebuild';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Coverage } from '../coverage.ts';
import { REPORT_FORMATS } from './index.ts';

/** What a file of a format says, read in pieces. */
function read(name: string, ...pieces: string[]) {
  const format = REPORT_FORMATS[name];
  const cases: TestCase[] = [];
  const coverage = new Coverage();
  const reader =
    format?.type === 'TEST'
      ? format.reader((each) => cases.push(each))
      : format?.reader((line) => coverage.add(line));
  for (const piece of pieces) reader?.write(piece);
  reader?.end();
  return { cases, coverage };
}
const shown = (name: string, text: string) =>
  read(name, text).cases.map((each) => [
    ...[each.testSuiteName, each.prefix, each.name, each.status],
    ...[each.durationInNanoSeconds, each.message],
  ]);

const NUNIT = `<?xml version="1.0"?>
<test-results name="a.dll"><test-suite name="Suite"><results>
  <test-case name="A.Passes" executed="True" result="Success" success="True" time="0.5"/>
  <test-case name="A.Fails" executed="True" result="Failure"><failure><message><![CDATA[not 1]]></message><stack-trace>at A</stack-trace></failure></test-case>
  <test-case name="A.Breaks" result="Error"/>
  <test-case name="A.Waits" result="Ignored"><reason><message>later</message></reason></test-case>
  <test-case name="A.Old" executed="False"/>
  <test-case name="A.OldFails" executed="True" success="False"/>
  <test-case name="A.Open" result="Inconclusive"/>
</results></test-suite></test-results>`;
const NUNIT_3 = `<test-run><test-suite name="Outer"><test-suite name="Inner">
  <test-case name="Passes" classname="N.A" result="Passed" duration="0.25"/>
  <test-case name="Fails" classname="N.A" result="Failed"><failure><message>no</message></failure></test-case>
  <test-case name="Breaks" classname="N.A" result="Failed" label="Error"/>
  <test-case name="Waits" classname="N.A" result="Skipped" label="Ignored"/>
</test-suite></test-suite></test-run>`;
const TESTNG = `<testng-results><suite name="S"><test name="T"><class name="a.B">
  <test-method name="setUp" is-config="true" status="FAIL"/>
  <test-method name="passes" status="PASS" duration-ms="7"/>
  <test-method name="fails" status="FAIL"><exception class="E"><message><![CDATA[no]]></message><full-stacktrace>x</full-stacktrace></exception></test-method>
  <test-method name="waits" status="SKIP"/>
</class></test></suite></testng-results>`;
const TRX = `<TestRun name="run"><Results>
  <UnitTestResult testId="1" testName="Passes" duration="00:01:00.5000000" outcome="Passed"/>
  <UnitTestResult testId="2" testName="Fails" outcome="Failed"><Output><ErrorInfo><Message>no</Message><StackTrace>at</StackTrace></ErrorInfo></Output>
    <InnerResults><UnitTestResult testId="2" testName="Fails (1)" outcome="Failed"/></InnerResults></UnitTestResult>
  <UnitTestResult testId="3" testName="Waits" outcome="NotExecuted"/>
</Results><TestDefinitions>
  <UnitTest id="1"><TestMethod className="N.A, Assembly, Version=1" name="Passes"/></UnitTest>
  <UnitTest id="2"><TestMethod className="N.A" name="Fails"/></UnitTest>
</TestDefinitions></TestRun>`;
const step = (status: string, more: object = {}) => ({ result: { status, ...more } });
const CUCUMBER = JSON.stringify([
  {
    ...{ uri: 'f.feature', name: 'Feature' },
    elements: [
      { type: 'background', steps: [step('passed', { duration: 5 })] },
      { type: 'scenario', name: 'passes', steps: [step('passed', { duration: 2 })] },
      { type: 'scenario', name: 'fails', steps: [step('failed', { error_message: 'no' })] },
      { type: 'scenario', name: 'breaks', steps: [step('passed'), step('undefined')] },
      { type: 'scenario', name: 'waits', steps: [step('pending')] },
    ],
  },
]);

describe('CB-H1: test formats', () => {
  test.each([
    [
      'NUNITXML',
      NUNIT,
      [
        ['Suite', '', 'A.Passes', 'SUCCEEDED', 5e8, undefined],
        ['Suite', '', 'A.Fails', 'FAILED', 0, 'not 1'],
        ['Suite', '', 'A.Breaks', 'ERROR', 0, undefined],
        ['Suite', '', 'A.Waits', 'SKIPPED', 0, 'later'],
        ['Suite', '', 'A.Old', 'SKIPPED', 0, undefined],
        ['Suite', '', 'A.OldFails', 'FAILED', 0, undefined],
        ['Suite', '', 'A.Open', 'UNKNOWN', 0, undefined],
      ],
    ],
    [
      'NUNIT3XML',
      NUNIT_3,
      [
        ['Inner', 'N.A', 'Passes', 'SUCCEEDED', 2.5e8, undefined],
        ['Inner', 'N.A', 'Fails', 'FAILED', 0, 'no'],
        ['Inner', 'N.A', 'Breaks', 'ERROR', 0, undefined],
        ['Inner', 'N.A', 'Waits', 'SKIPPED', 0, undefined],
      ],
    ],
    [
      'TESTNGXML',
      TESTNG,
      [
        ['S', 'a.B', 'passes', 'SUCCEEDED', 7e6, undefined],
        ['S', 'a.B', 'fails', 'FAILED', 0, 'no'],
        ['S', 'a.B', 'waits', 'SKIPPED', 0, undefined],
      ],
    ],
    [
      'VISUALSTUDIOTRX',
      TRX,
      [
        ['run', 'N.A', 'Passes', 'SUCCEEDED', 60.5e9, undefined],
        ['run', 'N.A', 'Fails', 'FAILED', 0, 'no'],
        ['run', '', 'Waits', 'SKIPPED', 0, undefined],
      ],
    ],
    [
      'CUCUMBERJSON',
      CUCUMBER,
      [
        ['f.feature', 'Feature', 'passes', 'SUCCEEDED', 7, undefined],
        ['f.feature', 'Feature', 'fails', 'FAILED', 0, 'no'],
        ['f.feature', 'Feature', 'breaks', 'ERROR', 0, undefined],
        ['f.feature', 'Feature', 'waits', 'SKIPPED', 0, undefined],
      ],
    ],
  ])('%s', (name, text, expected) => {
    expect(shown(name, text)).toEqual(expected);
  });
});

const CLOVER = `<coverage><project><package name="p"><file name="a.js" path="/src/a.js">
  <metrics/><line num="1" type="stmt" count="2"/><line num="2" type="stmt" count="0"/>
  <line num="3" type="cond" count="1" truecount="1" falsecount="0"/></file></package></project></coverage>`;
const COBERTURA = `<coverage><packages><package><classes><class filename="/src/a.js">
  <methods><method><lines><line number="1" hits="2"/></lines></method></methods>
  <lines><line number="1" hits="2"/><line number="2" hits="0"/>
  <line number="3" hits="1" branch="true" condition-coverage="50% (1/2)"/></lines></class></classes></package></packages></coverage>`;
const JACOCO = `<!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd"><report name="r">
  <package name="/src"><class name="A"><counter type="LINE" missed="9" covered="9"/></class>
  <sourcefile name="a.js"><line nr="1" mi="0" ci="3" mb="0" cb="0"/><line nr="2" mi="1" ci="0" mb="0" cb="0"/>
  <line nr="3" mi="0" ci="1" mb="1" cb="1"/></sourcefile></package></report>`;
const SIMPLECOV = JSON.stringify({
  RSpec: {
    coverage: {
      '/src/a.js': {
        lines: [2, 0, 1, null],
        branches: {
          '[:if, 0, 3, 4, 5, 7]': { '[:then, 1, 3, 8, 3, 9]': 1, '[:else, 2, 3, 8, 3, 9]': 0 },
        },
      },
    },
  },
});
const LCOV =
  'TN:\nSF:/src/a.js\nDA:1,2\nDA:2,0\r\nDA:3,1\nBRDA:3,0,0,1\nBRDA:3,0,1,-\nend_of_record\n';

const COVERAGE = [
  ['CLOVERXML', CLOVER],
  ['COBERTURAXML', COBERTURA],
  ['JACOCOXML', JACOCO],
  ['SIMPLECOV', SIMPLECOV],
  ['LCOV', LCOV],
] as const;

describe('CB-H4: coverage formats', () => {
  test.each(COVERAGE)('%s', (name, text) => {
    const counts = {
      ...{ lineCoveragePercentage: 66.67, linesCovered: 2, linesMissed: 1 },
      ...{ branchCoveragePercentage: 50, branchesCovered: 1, branchesMissed: 1 },
    };
    const { coverage } = read(name, text);
    expect(coverage.kept()).toEqual([{ filePath: '/src/a.js', ...counts }]);
    expect(coverage.summary()).toEqual(counts);
  });

  test('two runs of a file are its lines once, covered when either covers them', () => {
    const other = CLOVER.replace('count="0"', 'count="4"').replace(
      'falsecount="0"',
      'falsecount="1"',
    );
    const coverage = new Coverage();
    for (const text of [CLOVER, other, CLOVER]) {
      const format = REPORT_FORMATS.CLOVERXML;
      if (format?.type !== 'CODE_COVERAGE') throw new Error();
      const reader = format.reader((line) => coverage.add(line));
      reader.write(text);
      reader.end();
    }
    expect(coverage.summary()).toMatchObject({
      linesCovered: 3,
      linesMissed: 0,
      branchesCovered: 2,
    });
  });
});

const ALL: [string, string][] = [
  ['JUNITXML', '<testsuite><testcase name="a"/></testsuite>'],
  ['NUNITXML', NUNIT],
  ['NUNIT3XML', NUNIT_3],
  ['TESTNGXML', TESTNG],
  ['VISUALSTUDIOTRX', TRX],
  ['CUCUMBERJSON', CUCUMBER],
  ...COVERAGE.map(([name, text]): [string, string] => [name, text]),
];

test('every format is tried here', () => {
  expect(ALL.map(([name]) => name).sort()).toEqual(Object.keys(REPORT_FORMATS).sort());
});

test.each(ALL)('%s reads the same in any pieces', (name, text) => {
  const whole = read(name, text);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, i) => text.slice(at[i], end));
      const found = read(name, ...pieces);
      expect(found.cases).toEqual(whole.cases);
      expect(found.coverage.kept()).toEqual(whole.coverage.kept());
    }),
    { numRuns: 30 },
  );
});

test.each(ALL)('%s: a file of any other format is an error', (name) => {
  for (const [other, text] of ALL) {
    if (other === name) continue;
    expect(() => read(name, text), other).toThrow(/./);
  }
});
