import { describe, expect, it, test } from 'vitest';
import { FilterPatternError } from './matcher.ts';
import { parseSpacePattern } from './space-pattern.ts';

const LINE =
  '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /apache_pb.gif HTTP/1.0" 404 1534';

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
describe('space-delimited patterns', () => {
  it.each([
    ['[ip, user, username, timestamp, request, status_code, bytes]', true],
    ['[ip, user, username, timestamp, request, status_code]', false],
    ['[ip, user, username, timestamp, request =*.gif*, status_code = 4*, bytes > 1000]', true],
    ['[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]', false],
    ['[..., status_code = 404, bytes]', true],
    ['[ip, ..., status_code != 404, bytes]', false],
    [
      '[ip, user, username, timestamp, request, status_code =404 || status_code = 410, bytes]',
      true,
    ],
    ['[..., status_code = 410 || status_code = 411, bytes]', false],
    ['[..., status_code >= 400 && status_code < 500, bytes]', true],
    ['[ip = %127\\.0\\.0\\.[1-9]%, ...]', true],
    ['[ip != %127%, ...]', false],
    ['[ip, user, username = "frank", ...]', true],
    ['[..., bytes > 2000]', false],
    ['[, , username, ...]', true],
  ])('%s: %s', (pattern, expected) => {
    expect(parseSpacePattern(pattern).matches(LINE)).toBe(expected);
  });

  it('names the words, in quotes and brackets too; others by their places', () => {
    const pattern = parseSpacePattern('[ip, , username, ..., status, bytes]');
    expect(Object.fromEntries(pattern.extract(LINE) ?? [])).toEqual({
      ...{ $ip: '127.0.0.1', $2: '-', $username: 'frank' },
      ...{ $4: '10/Oct/2000:13:25:15 -0700', $5: 'GET /apache_pb.gif HTTP/1.0' },
      ...{ $status: '404', $bytes: '1534' },
    });
    expect(pattern.extract('a b')).toBeUndefined();
  });

  test.each(['[a', '[a b]', '[a = ]', '[a > x]', '[..., ...]', '[a = 1 && b = 2]', '[a ~ 1]'])(
    '%s is none',
    (pattern) => {
      expect(() => parseSpacePattern(pattern)).toThrow(FilterPatternError);
    },
  );
});
