import { type Alternative, parseExpression } from './expression-parser.ts';
import type { Matcher } from './matcher.ts';

/*
 * Without groups, which CloudWatch Logs does not take, an expression is a row of characters, some of which may be left out
 * or repeated. One bit says of each whether the text so far may go on with it, so that a character of the text moves 32 of
 * them at once (the extended Shift-And automaton). A text costs its length times the words of bits, whatever the
 * expression: 50 ms for the largest event, where an engine for all of RE2 can be made to take seconds.
 */
const WORD = 32;

/** A row of bits for each of these things that may be said of a position. */
interface Automaton {
  words: number;
  /** Takes a character, by its code; the last row is for all that is not ASCII. */
  takes: Int32Array[];
  /** May be left out. */
  optional: Int32Array;
  /** May be taken again. */
  repeatable: Int32Array;
  /** Where a match may begin: at the beginning of the text, and anywhere. */
  firstStart: Int32Array;
  start: Int32Array;
  /** Behind an alternative: a match, and a match if the text ends here. */
  accepted: Int32Array;
  acceptedAtEnd: Int32Array;
}

/** Whether an expression matches anywhere in a message. @throws FilterPatternError */
export function compileExpression(expression: string): Matcher {
  const automaton = build(parseExpression(expression));
  return automaton.words === 1 ? runWord(automaton) : (message) => run(automaton, message);
}

const OTHER = 128;

function build(alternatives: Alternative[]): Automaton {
  const size = alternatives.reduce((sum, { positions }) => sum + positions.length + 1, 0);
  const words = Math.max(1, Math.ceil(size / WORD));
  const row = () => new Int32Array(words);
  const automaton: Automaton = {
    words,
    takes: Array.from({ length: OTHER + 1 }, row),
    ...{ optional: row(), repeatable: row(), firstStart: row(), start: row() },
    ...{ accepted: row(), acceptedAtEnd: row() },
  };
  let bit = 0;
  for (const { positions, atStart, atEnd } of alternatives) {
    setBit(atStart ? automaton.firstStart : automaton.start, bit);
    for (const { takes, optional, repeatable } of positions) {
      for (let code = 0; code <= OTHER; code++)
        if (takes(code)) setBit(automaton.takes[code] as Int32Array, bit);
      if (optional) setBit(automaton.optional, bit);
      if (repeatable) setBit(automaton.repeatable, bit);
      bit++;
    }
    // Nothing takes a character here, so no alternative runs on into the next.
    setBit(atEnd ? automaton.acceptedAtEnd : automaton.accepted, bit++);
  }
  return automaton;
}

function setBit(bits: Int32Array, n: number): void {
  const word = Math.floor(n / WORD);
  bits[word] = (bits[word] as number) | (1 << (n % WORD));
}

/** The place in `takes` of the character at `i`, or -1 for the second half of one, which belongs to the first. */
function classAt(text: string, i: number): number {
  const code = text.charCodeAt(i);
  if (code < OTHER) return code;
  return code >= 0xdc00 && code <= 0xdfff && isHigh(text.charCodeAt(i - 1)) ? -1 : OTHER;
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;

/** Most expressions fit into one word, and are over three times as fast so. */
function runWord(automaton: Automaton): Matcher {
  const first = (bits: Int32Array) => bits[0] as number;
  const takes = Int32Array.from(automaton.takes, first);
  const optional = first(automaton.optional);
  const repeatable = first(automaton.repeatable);
  const start = first(automaton.start);
  const accepted = first(automaton.accepted);
  const beginning = first(automaton.firstStart) | start;
  const leaveOut = (open: number) => {
    const opened = open & optional;
    return open | ((opened + optional) ^ opened ^ optional);
  };
  return (text) => {
    // The positions that may take the next character.
    let open = leaveOut(beginning);
    for (let i = 0; i < text.length; i++) {
      if (open & accepted) return true;
      const at = classAt(text, i);
      if (at < 0) continue;
      const taken = open & (takes[at] as number);
      open = leaveOut((taken << 1) | (taken & repeatable) | start);
    }
    return (open & (accepted | first(automaton.acceptedAtEnd))) !== 0;
  };
}

function run(automaton: Automaton, text: string): boolean {
  const { takes, start, accepted, acceptedAtEnd } = automaton;
  const open = automaton.firstStart.map((bits, w) => bits | (start[w] as number));
  leaveOut(automaton, open);
  for (let i = 0; i < text.length; i++) {
    if (meet(open, accepted)) return true;
    const at = classAt(text, i);
    if (at >= 0) step(automaton, open, takes[at] as Int32Array);
  }
  return meet(open, accepted) || meet(open, acceptedAtEnd);
}

function meet(a: Int32Array, b: Int32Array): boolean {
  for (let w = 0; w < a.length; w++) if ((a[w] as number) & (b[w] as number)) return true;
  return false;
}

/** What took the character opens what stands behind it, and itself when it may be repeated. */
function step(automaton: Automaton, open: Int32Array, takes: Int32Array): void {
  const { repeatable, start, words } = automaton;
  let carry = 0;
  for (let w = 0; w < words; w++) {
    const taken = (open[w] as number) & (takes[w] as number);
    const again = taken & (repeatable[w] as number);
    open[w] = (taken << 1) | carry | again | (start[w] as number);
    carry = taken >>> (WORD - 1);
  }
  leaveOut(automaton, open);
}

/**
 * What may be left out opens what stands behind it, and so on. An addition does it for a whole row: added to its run of
 * optional bits, an open bit sends a carry through the rest of the run and one beyond.
 */
function leaveOut({ optional, words }: Automaton, open: Int32Array): void {
  let carry = 0;
  for (let w = 0; w < words; w++) {
    const run = optional[w] as number;
    const opened = (open[w] as number) & run;
    const sum = (opened >>> 0) + (run >>> 0) + carry;
    open[w] = (open[w] as number) | ((sum | 0) ^ opened ^ run);
    carry = sum > 0xffff_ffff ? 1 : 0;
  }
}
