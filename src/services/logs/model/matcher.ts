/** Whether a message matches. */
export type Matcher = (message: string) => boolean;

/** A filter pattern that has been read. */
export interface Filter {
  matches: Matcher;
  /** How often it goes over a message at most: with the length of that, the work that one costs. */
  passes: number;
  /** What the pattern names of a message that matches: `$.field`s and `$word`s. */
  extract?(message: string): Map<string, string>;
  /** Reads one such name of a message; undefined where the pattern knows none of that name. */
  reader?(name: string): ((message: string) => string | undefined) | undefined;
}

/** A pattern that AWS would refuse. */
export class FilterPatternError extends Error {}
/** A pattern that AWS knows and Slipway does not. */
export class UnsupportedPatternError extends Error {}
