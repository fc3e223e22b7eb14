import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PasswordPolicy, violation } from './password-policy.ts';

const lax: PasswordPolicy = {
  ...{ minimumLength: 6, symbols: false, numbers: false, uppercase: false, lowercase: false },
  usersChange: false,
};

test.each<[string, Partial<PasswordPolicy> | undefined, boolean]>([
  ['Sh0rt!a', undefined, false],
  ['longenough', undefined, false],
  ['Longenough', undefined, false],
  ['Longen0ugh', undefined, true],
  ['longen0ug!', undefined, true],
  ['Alice-B0b', undefined, false],
  ['five5', {}, false],
  ['sixsix', {}, true],
  ['sixsix', { numbers: true }, false],
  ['sixsi6', { numbers: true }, true],
  ['sixsi6', { uppercase: true }, false],
  ['SIXSI6', { lowercase: true }, false],
  ['sixsi6', { symbols: true }, false],
  ["sixsi'", { symbols: true }, true],
  // What AWS counts as symbols are these and no others.
  ['sixsi~', { symbols: true }, false],
  ['Sixsi6!x', { minimumLength: 9 }, false],
])('%s under %j', (password, policy, good) => {
  const said = violation(password, 'alice-b0b', policy && { ...lax, ...policy });
  expect(said === undefined).toBe(good);
});

test('what is longer is never worse', () => {
  const kinds = fc.record({
    ...{ symbols: fc.boolean(), numbers: fc.boolean() },
    ...{ uppercase: fc.boolean(), lowercase: fc.boolean() },
  });
  fc.assert(
    fc.property(kinds, fc.string({ maxLength: 20 }), fc.string(), (asked, password, more) => {
      const policy = { ...lax, ...asked };
      fc.pre(violation(password, 'u', policy) === undefined);
      expect(violation(password + more, 'u', policy)).toBeUndefined();
    }),
  );
});
