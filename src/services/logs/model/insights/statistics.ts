import { AGGREGATES, type Aggregate, type Gathered, rounded } from './aggregates.ts';
import { type Circumstances, compileExpression, type Evaluate } from './evaluate.ts';
import type { Held } from './held.ts';
import { Row } from './row.ts';
import { type Command, type Expression, QueryError } from './syntax.ts';
import { Instant, toNumber, toText, type Value } from './values.ts';

type Stats = Extract<Command, { kind: 'stats' }>;

/** One call of an aggregate function, wherever it stands: `max(a) - min(a)` has two. */
interface Part {
  name: string;
  aggregate: Aggregate;
  constants: number[];
  value: Evaluate;
}

interface Group {
  key: Value[];
  gathered: Gathered[];
  timestamp: number;
}

/** Groups rows, and what is gathered of each group. */
export class Statistics {
  readonly #parts: Part[] = [];
  readonly #by: { name: string; value: Evaluate }[];
  readonly #columns: { name: string; value: Evaluate }[];
  readonly #groups = new Map<string, Group>();
  readonly #held: Held;

  /** @throws QueryError */
  constructor({ aggregates, by }: Stats, given: Circumstances, held: Held) {
    this.#held = held;
    this.#by = by.map(({ name, expression }) => ({
      name,
      value: compileExpression(expression, given),
    }));
    this.#columns = aggregates.map(({ name, expression }) => ({
      name,
      value: compileExpression(this.#withoutCalls(expression, given), given),
    }));
  }

  /** @param timestamp of the row's event */
  add(row: Row, timestamp: number): void {
    const key = this.#by.map(({ value }) => value(row));
    const group = this.#groupOf(key, timestamp);
    for (const [index, { value }] of this.#parts.entries())
      group.gathered[index]?.add(value(row), timestamp);
  }

  rows(): Row[] {
    // Without `by` there is a line even of nothing.
    if (this.#by.length === 0) this.#groupOf([], 0);
    return [...this.#groups.values()].map((group) => this.#rowOf(group));
  }

  #groupOf(key: Value[], timestamp: number): Group {
    const id = idOf(key);
    let group = this.#groups.get(id);
    if (!group) {
      this.#held.add(2 * id.length + 128 * this.#parts.length);
      const gathered = this.#parts.map(({ aggregate, constants }) =>
        aggregate.start(constants, this.#held),
      );
      group = { key, gathered, timestamp };
      this.#groups.set(id, group);
    }
    return group;
  }

  #rowOf({ key, gathered }: Group): Row {
    const parts = new Row(
      undefined,
      new Map(this.#parts.map(({ name }, index) => [name, gathered[index]?.result()])),
    );
    const fields = new Map<string, Value>(
      this.#by.map(({ name }, index) => [name, key[index]] as const),
    );
    for (const { name, value } of this.#columns) {
      const found = value(parts);
      fields.set(name, typeof found === 'number' ? rounded(found) : found);
    }
    return new Row(undefined, fields);
  }

  /** The expression with a field in the place of each aggregate call. */
  #withoutCalls(expression: Expression, given: Circumstances): Expression {
    const inner = (each: Expression) => this.#withoutCalls(each, given);
    switch (expression.kind) {
      case 'call': {
        const aggregate = AGGREGATES.get(expression.name);
        if (aggregate) return this.#part(expression, aggregate, given);
        return { ...expression, arguments: expression.arguments.map(inner) };
      }
      case 'binary':
        return { ...expression, left: inner(expression.left), right: inner(expression.right) };
      case 'minus':
      case 'not':
      case 'like':
      case 'in':
        return { ...expression, operand: inner(expression.operand) };
      default:
        return expression;
    }
  }

  #part(
    call: Extract<Expression, { kind: 'call' }>,
    aggregate: Aggregate,
    given: Circumstances,
  ): Expression {
    const [first, ...rest] = call.arguments;
    const constants = rest.map(constantOf);
    if (
      (!first && !aggregate.alone) ||
      constants.length !== aggregate.constants ||
      constants.includes(undefined)
    )
      throw new QueryError(`these are not the arguments of ${call.name}`, call.at);
    const name = ` ${this.#parts.length}`;
    const value: Evaluate = first ? compileExpression(first, given) : () => 1;
    this.#parts.push({ name, aggregate, constants: constants as number[], value });
    return { kind: 'field', name };
  }
}

/** Text that keys have in common that are the same. To write a time out for each row would take longer than all else. */
function idOf(key: Value[]): string {
  if (key.length === 0) return '';
  const parts = key.map((value) => (value instanceof Instant ? value.ms : (toText(value) ?? null)));
  return parts.length === 1 ? `${typeof parts[0]} ${parts[0]}` : JSON.stringify(parts);
}

function constantOf(expression: Expression): number | undefined {
  return expression.kind === 'literal' ? toNumber(expression.value) : undefined;
}
