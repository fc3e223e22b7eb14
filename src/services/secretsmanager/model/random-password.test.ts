import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomPassword } from './random-password.ts';

const KINDS = [/[a-z]/, /[A-Z]/, /[0-9]/, /[!-/:-@[-`{-~]/, / /];

it('a password has its length, one of each kind that is wanted and none of what is not', () => {
  fc.assert(
    fc.property(
      fc.record({
        PasswordLength: fc.integer({ min: 1, max: 60 }),
        ExcludeLowercase: fc.boolean(),
        ExcludeUppercase: fc.boolean(),
        ExcludeNumbers: fc.boolean(),
        ExcludePunctuation: fc.boolean(),
        IncludeSpace: fc.boolean(),
        ExcludeCharacters: fc.constantFrom('', '"@/\\', 'abc'),
      }),
      (options) => {
        const wanted = [
          !options.ExcludeLowercase,
          !options.ExcludeUppercase,
          !options.ExcludeNumbers,
          !options.ExcludePunctuation,
          options.IncludeSpace,
        ];
        const kinds = wanted.filter(Boolean).length;
        const password = randomPassword(options, (below) => randomInt(below));
        expect(password === undefined).toBe(kinds === 0 || kinds > options.PasswordLength);
        if (password === undefined) return;
        expect(password).toHaveLength(options.PasswordLength);
        expect(KINDS.map((kind) => kind.test(password))).toEqual(wanted);
        for (const character of options.ExcludeCharacters)
          expect(password).not.toContain(character);
      },
    ),
  );
});
