import { expect, it } from 'vitest';
import { refuseDots } from './path.ts';

it.each(['/a/../b', '/a/%2e%2E/b', '/a/.%2e', '/./a', '/a\\..\\b', '..'])('refuses %s', (path) => {
  expect(() => refuseDots(path)).toThrow('cannot call');
});

it.each(['/', '/a/b', '/a/..b/...', '/a%2F..%2Fb', '/.well-known/a.b'])('takes %s', (path) => {
  expect(() => refuseDots(path)).not.toThrow();
});
