import type { ReactionValueFormats } from '@aws-sdk/client-codecommit';

/** The reactions that there are to comments (CC-COM-01). Pure. */

export interface Reaction {
  /** As it counts in `reactionCounts`: `THUMBSUP`. */
  name: string;
  emoji: string;
  /** Without its colons. */
  shortCode: string;
  unicode: string;
}

const SHORT_CODES: Record<string, number> = {
  thumbsup: 0x1f44d,
  thumbsdown: 0x1f44e,
  smile: 0x1f604,
  heart: 0x2764,
  angry: 0x1f620,
  confused: 0x1f615,
  scream: 0x1f631,
  sob: 0x1f62d,
  clap: 0x1f44f,
  confetti_ball: 0x1f38a,
  ship: 0x1f6a2,
  eyes: 0x1f440,
};

export const REACTIONS: readonly Reaction[] = Object.entries(SHORT_CODES).map(
  ([shortCode, point]) => ({
    ...{ name: shortCode.toUpperCase(), shortCode, emoji: String.fromCodePoint(point) },
    unicode: `U+${point.toString(16).toUpperCase()}`,
  }),
);

/** Asks for an emoji and not a letter; not everybody sends it. */
const EMOJI_STYLE = /\u{fe0f}/gu;

/**
 * What a caller means by an emoji, a short code with or without colons, or a code point: a reaction, `none` to take his own
 * away, or undefined where there is no such.
 */
export function parseReaction(value: string): Reaction | 'none' | undefined {
  const bare = value.replace(EMOJI_STYLE, '').replace(/^:(.+):$/, '$1');
  if (bare.trim() === '' || bare === 'none' || bare.toUpperCase() === 'U+0000') return 'none';
  return REACTIONS.find(
    ({ emoji, shortCode, unicode }) =>
      bare === emoji || bare === shortCode || bare.toUpperCase() === unicode,
  );
}

export const findReaction = (shortCode: string): Reaction | undefined =>
  REACTIONS.find((one) => one.shortCode === shortCode);

export const reactionView = ({ emoji, shortCode, unicode }: Reaction): ReactionValueFormats => ({
  ...{ emoji, shortCode, unicode },
});
