import { expect, test } from 'vitest';
import { standIn } from './stand-in.ts';

const forges = { 'github.com': 'http://git.lan:3000/mirror', 'ghe.corp:8443': 'http://other' };

test.each([
  ['https://github.com/me/app.git', 'http://git.lan:3000/mirror/me/app.git'],
  ['https://GitHub.com/me/app', 'http://git.lan:3000/mirror/me/app'],
  ['https://ghe.corp:8443/a/b', 'http://other/a/b'],
  ['https://ghe.corp/a/b', 'https://ghe.corp/a/b'],
  ['https://github.com.evil.example/a/b', 'https://github.com.evil.example/a/b'],
  ['https://github.com@evil.example/a/b', 'https://github.com@evil.example/a/b'],
  ['https://constructor/a/b', 'https://constructor/a/b'],
])('%s is at %s', (url, where) => expect(standIn(forges, url)).toBe(where));
