import type { GetRandomPasswordRequest } from '@aws-sdk/client-secrets-manager';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const DEFAULT_LENGTH = 32;

/**
 * @param randomInt a random whole number from 0 to below its argument
 * @returns undefined when nothing is left to choose from, or the length does not hold one of each type
 */
export function randomPassword(
  options: GetRandomPasswordRequest,
  randomInt: (below: number) => number,
): string | undefined {
  const length = options.PasswordLength ?? DEFAULT_LENGTH;
  const types = typesOf(options);
  const all = types.join('');
  const each = options.RequireEachIncludedType ?? true;
  if (all === '' || (each && types.length > length)) return undefined;
  const pick = (characters: string) => characters.charAt(randomInt(characters.length));
  const chosen = each ? types.map(pick) : [];
  while (chosen.length < length) chosen.push(pick(all));
  return shuffle(chosen, randomInt).join('');
}

function typesOf(options: GetRandomPasswordRequest): string[] {
  const types = [
    options.ExcludeLowercase ? '' : LOWER,
    options.ExcludeUppercase ? '' : UPPER,
    options.ExcludeNumbers ? '' : DIGITS,
    options.ExcludePunctuation ? '' : PUNCTUATION,
    options.IncludeSpace ? ' ' : '',
  ];
  const excluded = new Set(options.ExcludeCharacters);
  return types
    .map((type) => [...type].filter((c) => !excluded.has(c)).join(''))
    .filter((type) => type !== '');
}

function shuffle(items: string[], randomInt: (below: number) => number): string[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as string, shuffled[i] as string];
  }
  return shuffled;
}
