import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readyBytes } from './mask.ts';
import { parseReport } from './report.ts';

test('what the driver writes', () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  expect(parseReport('begin BUILD 1767323045.678901234')).toEqual({
    kind: 'begin',
    phase: 'BUILD',
    at,
  });
  expect(parseReport('end INSTALL FAILED 1767323045.678901234 3 127')).toEqual({
    kind: 'end',
    phase: 'INSTALL',
    at,
    failed: { step: 3, exitStatus: 127 },
  });
  expect(parseReport('variable A c3a4')).toEqual({ kind: 'variable', name: 'A', value: 'ä' });
  expect(parseReport('name primary ')).toEqual({ kind: 'name', artifact: 'primary', value: '' });
});

test.each([
  'begin BUILD',
  'begin BUILD NaN',
  'begin BUILD -1',
  'begin BUILD 1e9',
  'begin BUILD 99999999999999999999',
  'begin toString 1',
  'end BUILD SUCCEEDED',
  'end BUILD STOPPED 1767323045',
  'end BUILD FAILED 1767323045',
  'end BUILD FAILED 1767323045 -1 1',
  'end BUILD FAILED 1767323045 1 256',
  'end BUILD FAILED 1767323045 99999999 1',
  'variable A 0',
  'variable A xyz',
  'variable  00',
  'else',
  '',
])('what it never writes is no report: %j', (line) => {
  expect(parseReport(line)).toBeUndefined();
});

test('whatever stands there, times are dates', () => {
  fc.assert(
    fc.property(fc.constantFrom('begin', 'end'), fc.string(), fc.string(), (kind, time, rest) => {
      const report = parseReport(`${kind} BUILD ${time} ${rest}`);
      if (report && 'at' in report) expect(report.at.getTime()).not.toBeNaN();
    }),
  );
});

test('a line without end goes on: not in the middle of a character, and also where there is none', () => {
  const text = Buffer.from(`a${'€'.repeat(100_000)}`);
  const ready = readyBytes(text, [], false);
  expect(ready).toBeGreaterThan(200_000);
  expect(text.subarray(0, ready).toString()).not.toContain('\ufffd');
  expect(readyBytes(Buffer.alloc(300_000, 0x80), [], false)).toBeGreaterThan(200_000);
});
