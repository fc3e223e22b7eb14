import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_USER_DATA } from '../limits.ts';
import { readUserData } from './user-data.ts';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

describe('user data', () => {
  test.each([
    [base64('#!/bin/sh\n'), 'script'],
    [base64(gzipSync('#!/bin/sh\n')), 'script'],
    [base64('name=value'), 'nothing'],
    [`${base64('#!/bin/sh\necho a')}\n`, 'script'],
    ['', 'nothing'],
    [base64('#cloud-config\n'), 'unsupported'],
    [base64('MIME-Version: 1.0'), 'unsupported'],
    ['not base64!', 'invalid'],
    ['a=b=', 'invalid'],
    [base64('x'.repeat(MAX_USER_DATA)), 'nothing'],
    [base64('x'.repeat(MAX_USER_DATA + 1)), 'invalid'],
  ])('%.20s is %s', (text, kind) => expect(readUserData(text).kind).toBe(kind));

  test('in lines it is the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        const text = base64(Buffer.from(bytes));
        const lines = text.replaceAll(/.{1,76}/g, '$&\r\n');
        expect(readUserData(lines)).toEqual(readUserData(text));
      }),
    );
  });

  test.each([' ', 'A', '\n', '= ', '='])('megabytes of %j are refused at once', (part) => {
    const begun = performance.now();
    expect(readUserData(`${part.repeat(4_000_000)}!`).kind).toBe('invalid');
    expect(readUserData(`${part.repeat(30_000 / part.length)}!`).kind).toBe('invalid');
    expect(performance.now() - begun).toBeLessThan(500);
  });

  test('a script that is packed a thousandfold is no script', () =>
    expect(readUserData(base64(gzipSync('#!'.padEnd(5_000_000)))).kind).toBe('nothing'));
});
