/** Where something stands in a query, in characters. */
export interface Place {
  start: number;
  end: number;
}

/** A query that AWS would refuse to compile. */
export class QueryError extends Error {
  readonly at: Place;

  constructor(message: string, at: Place) {
    super(message);
    this.at = at;
  }
}

/** What AWS knows and Slipway does not. */
export class UnsupportedQueryError extends Error {}

/** `like`, `=~`: a text that is contained, or a regular expression. */
export interface Pattern {
  kind: 'text' | 'regex';
  source: string;
  at: Place;
}

export type Expression =
  | { kind: 'literal'; value: string | number | boolean }
  /** `5m` in bin(5m). */
  | { kind: 'duration'; count: number; unit: string; at: Place }
  | { kind: 'field'; name: string }
  | { kind: 'call'; name: string; arguments: Expression[]; at: Place }
  | { kind: 'binary'; operator: string; left: Expression; right: Expression }
  | { kind: 'minus' | 'not'; operand: Expression }
  | { kind: 'like'; operand: Expression; pattern: Pattern }
  | { kind: 'in'; operand: Expression; list: Expression[] };

/** An expression and what its column is called: the alias, or the expression as it was typed. */
export interface Selected {
  expression: Expression;
  name: string;
}

export interface SortKey {
  expression: Expression;
  descending: boolean;
}

export type Command =
  | { kind: 'fields'; selected: Selected[] }
  | { kind: 'display'; selected: Selected[] }
  | { kind: 'filter'; condition: Expression }
  | { kind: 'parse'; source: Expression; pattern: Pattern; names: string[]; at: Place }
  | { kind: 'stats'; aggregates: Selected[]; by: Selected[] }
  | { kind: 'sort'; keys: SortKey[] }
  | { kind: 'limit'; count: number }
  | { kind: 'dedup'; fields: Expression[] }
  | { kind: 'unnest'; source: Expression; name: string };
