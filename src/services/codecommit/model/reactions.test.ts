import { expect, test } from 'vitest';
import { parseReaction, REACTIONS } from './reactions.ts';

test('CC-COM-01: there are twelve, each in three spellings', () => {
  expect(REACTIONS).toHaveLength(12);
  for (const reaction of REACTIONS)
    for (const value of [reaction.emoji, `:${reaction.shortCode}:`, reaction.unicode])
      expect(parseReaction(value)).toBe(reaction);
});

test.each([
  ['👍', 'THUMBSUP'],
  ['❤️', 'HEART'],
  ['u+1f6a2', 'SHIP'],
  ['confetti_ball', 'CONFETTI_BALL'],
])('%s is %s', (value, name) => {
  expect(parseReaction(value)).toMatchObject({ name });
});

test.each(['none', ':none:', 'U+0000', '', ' '])('%j takes a reaction away', (value) => {
  expect(parseReaction(value)).toBe('none');
});

test.each([':tada:', '🎉', 'U+1F389', 'constructor', '::', 'THUMBSUP'])('%s is none', (value) => {
  expect(parseReaction(value)).toBeUndefined();
});
