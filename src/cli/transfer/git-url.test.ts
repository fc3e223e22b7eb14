import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { nameOf, parseGitUrl, UrlRefused } from './git-url.ts';

const directory = mkdtempSync(join(tmpdir(), 'slipway-url-'));
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['https://example.com/o/r.git', { url: 'https://example.com/o/r.git', protocol: 'https' }],
  [
    'https://me:pa%20ss@example.com/o/r',
    {
      ...{ url: 'https://example.com/o/r', protocol: 'https' },
      credentials: { userName: 'me', password: 'pa ss' },
    },
  ],
  // The password is for git's own helpers to know.
  ['https://me@example.com/o/r', { url: 'https://me@example.com/o/r', protocol: 'https' }],
  ['http://example.com:8080/r#x', { url: 'http://example.com:8080/r', protocol: 'http' }],
  [
    'ssh://git@example.com:22/o/r.git',
    {
      ...{ url: 'ssh://git@example.com:22/o/r.git', protocol: 'ssh' },
      ssh: { user: 'git', host: 'example.com', port: '22', path: '/o/r.git' },
    },
  ],
  [
    'git@example.com:o/r.git',
    {
      ...{ url: 'git@example.com:o/r.git', protocol: 'ssh' },
      ssh: { user: 'git', host: 'example.com', port: undefined, path: 'o/r.git' },
    },
  ],
  ['codecommit://web', { url: 'codecommit://web', protocol: 'codecommit' }],
  [
    'codecommit::eu-west-1://me@web',
    { url: 'codecommit::eu-west-1://me@web', protocol: 'codecommit' },
  ],
  [directory, { url: pathToFileURL(directory).href, protocol: 'file', directory }],
  [
    pathToFileURL(directory).href,
    { url: pathToFileURL(directory).href, protocol: 'file', directory },
  ],
])('%s', (given, parsed) => {
  expect(parseGitUrl(given)).toEqual(parsed);
});

test.each([
  'ext::sh -c touch% x',
  'fd::17',
  'anything::https://example.com/r',
  'codecommit::eu-west-1://web --upload-pack=x',
  'codecommit://-o',
  '--upload-pack=touch x',
  '-c',
  'ssh://-oProxyCommand=touch%20x/r',
  'ssh://-oProxyCommand=x@example.com/r',
  '-oProxyCommand=x:r',
  'ssh://example.com/',
  'ssh://git@example.com/%0aHost',
  'git@example.com:-r',
  'https://example.com/a\nb',
  'https://[::1/x',
  'file://elsewhere/share/r',
  'file:///nowhere/at/all',
  '/nowhere/at/all',
  'ftp://example.com/r',
  'javascript://x',
  'git://me:secret@example.com/r',
  '',
])('%s is refused', (given) => {
  if (given === 'codecommit://-o') {
    // The helper takes it for a name: no option of anything.
    expect(parseGitUrl(given).url).toBe(given);
    return;
  }
  expect(() => parseGitUrl(given)).toThrow(UrlRefused);
});

test('whatever is given: it is refused in words, or git gets neither an option nor a password', () => {
  const part = fc.constantFrom(
    ...['-', '--', '::', ':', '/', '@', 'ext', 'ssh://', 'https://', 'file://', 'a', 'secret'],
    ...['%2d', '%00', '[', ']', '?', '#', ' ', '\\', '..', 'é'],
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      const given = parts.join('');
      let parsed: ReturnType<typeof parseGitUrl>;
      try {
        parsed = parseGitUrl(given);
      } catch (error) {
        expect(error).toBeInstanceOf(UrlRefused);
        return;
      }
      expect(parsed.url).not.toMatch(/^-|^(ext|fd)::/);
      const { password = '' } = parsed.credentials ?? {};
      if (password.includes('secret')) expect(new URL(parsed.url).password).toBe('');
      expect(parsed.ssh?.host.startsWith('-') ?? false).toBe(false);
    }),
  );
});

test.each([
  ['https://example.com/o/r.git', 'r'],
  ['https://example.com/o/r/', 'r'],
  ['git@example.com:r.git', 'r'],
  ['codecommit::eu-west-1://me@web', 'web'],
  ['codecommit://web', 'web'],
  ['https://example.com/o/me@web', undefined],
])('the name of %s', (url, name) => {
  expect(nameOf(parseGitUrl(url))).toBe(name);
});

test('a token behind a question mark is given to no program, and is in no message', () => {
  const given = 'https://gitlab.example.com/o/r.git?private_token=very-secret';
  const refused = (() => {
    try {
      return parseGitUrl(given).url;
    } catch (error) {
      return error as Error;
    }
  })();
  expect(refused).toBeInstanceOf(UrlRefused);
  expect(String(refused)).not.toContain('very-secret');
});
