import type { TestCase } from '@aws-sdk/client-codebuild';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { junitReader } from './junit.ts';

function parseJunit(...pieces: string[]): TestCase[] {
  const found: TestCase[] = [];
  const reader = junitReader((each) => found.push(each));
  for (const piece of pieces) reader.write(piece);
  reader.end();
  return found;
}

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

test('what stands between elements, and how characters can be written', () => {
  const [found, ...more] = parseJunit(`\ufeff<?xml version='1.0' encoding="UTF-8"?>
<!DOCTYPE testsuites SYSTEM "a>b.dtd"><!-- <testsuites> -- -->
<testsuites><testsuite name='a > "b"'
  ><testcase name="&#65;&#x1F600;&apos;&unknown;&#x110000; <" time = "-1" ><failure type='x'>
  1 &lt; 2 <b>not this</b><![CDATA[ && ]]]]><![CDATA[> ]]>&amp;
</failure><failure message="second"/><error message="third"/></testcase ></testsuite></testsuites>
<!-- end -->`);
  expect(found).toEqual({
    prefix: '',
    name: "A😀'&unknown;&#x110000; <",
    status: 'FAILED',
    durationInNanoSeconds: 0,
    message: '1 < 2  && ]]> &',
    testSuiteName: 'a > "b"',
  });
  expect(more).toEqual([]);
});

test('pieces of any size say what the whole says', () => {
  const text = `<?xml version="1.0"?><!-- a --> <testsuites><testsuite name="s>"><testcase name='a&amp;"'/><testcase
    name="b"><error><![CDATA[<x>]]]>&lt;&#x41;</error></testcase></testsuite></testsuites>`;
  const whole = parseJunit(text);
  expect(whole).toMatchObject([{ name: 'a&"' }, { name: 'b', message: '<x>]<A' }]);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length)), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      expect(parseJunit(...at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual(whole);
    }),
  );
});

test.each([
  ['two roots', '<testsuite/><testsuite/>', 'more than one root'],
  ['text outside', '<testsuite/>x', 'outside of the root'],
  ['an end too many', '<testsuite></testsuite></testsuite>', 'does not end'],
  ['no end', '<testsuite>', 'has no end'],
  ['half a tag', '<testsuite name="', 'ends in a tag'],
  ['half a comment', '<testsuite/><!-- ', 'ends in a tag'],
  ['nothing', ' ', 'no element'],
  ['an attribute without value', '<testsuite a></testsuite>', 'cannot be read'],
  ['declarations', '<!DOCTYPE a [<!ENTITY b "c">]><testsuite/>', 'declarations'],
])('%s is no report', (_name, text, message) => expect(() => parseJunit(text)).toThrow(message));

/** A large file of this, as a server reads it. */
function pieces(start: string, part: string, count: number): string[] {
  const text = start + part.repeat(count);
  return Array.from({ length: Math.ceil(text.length / 65_536) }, (_, at) =>
    text.slice(at * 65_536, (at + 1) * 65_536),
  );
}

test.each([
  ['attributes', '<testsuite ', 'a="1" ', 1_500_000, 'tag is too long'],
  [
    'attributes of many tags',
    '<testsuite>',
    `<a ${Array.from({ length: 1001 }, (_, i) => `a${i}=""`).join(' ')}/>`,
    1,
    'more than 1000 attributes',
  ],
  ['an open tag', '<testsuite><', 'a ', 5_000_000, 'tag is too long'],
  ['an open value', '<testsuite a="', '>', 5_000_000, 'tag is too long'],
  ['nesting', '', '<testsuite>', 1_000_000, 'nested deeper'],
  ['references', '<testsuite><testcase>', '&', 10_000_000, 'has no end'],
  ['sections', '<testsuite><testcase><failure>', '<![CDATA[', 2_000_000, 'ends in a tag'],
  ['comments', '<testsuite><testcase>', '<!--', 5_000_000, 'ends in a tag'],
  ['blanks', '<testsuite>', ' ', 20_000_000, 'has no end'],
])('a large file of %s is refused', (_name, start, part, count, message) => {
  expect(() => parseJunit(...pieces(start, part, count))).toThrow(message);
});

test('times that are none, and long texts', () => {
  const xml = (time: string) => `<testsuite><testcase time="${time}"/></testsuite>`;
  for (const time of ['1e308', '-5', 'NaN', 'Infinity', 'x', '1e10'])
    expect(parseJunit(xml(time))[0]?.durationInNanoSeconds).toBe(0);
  const text = `<testsuite><testcase><failure>  ${'x'.repeat(9000)}</failure></testcase></testsuite>`;
  expect(parseJunit(text.slice(0, 3000), text.slice(3000))[0]?.message).toBe('x'.repeat(5000));
});
