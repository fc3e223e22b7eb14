import type { MetricName } from '../metric.ts';
import { ExpressionError } from './parser.ts';

/** What a search asks of metrics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html */
export interface Search {
  /** Of the schema in braces; undefined where there is none. */
  namespace?: string;
  /** In order of name. */
  dimensions?: string[];
  matches(metric: MetricName): boolean;
}

type Test = (metric: MetricName) => boolean;

const SCHEMA = /^\s*\{([^{}]*)\}/;
const TOKEN = /\s*(?:([()])|((?:[^\s()"=]|"[^"]*")+(?:=(?:"[^"]*"|[^\s()"]+))?)|(.))/gs;

/** @throws ExpressionError */
export function parseSearch(text: string): Search {
  const schema = SCHEMA.exec(text);
  const rest = schema ? text.slice(schema[0].length) : text;
  const tokens = [...rest.trim().matchAll(TOKEN)].map(([, sign, word, strange]) => {
    if (strange !== undefined) throw new ExpressionError(`SEARCH: unexpected ${strange}`);
    return sign ?? word ?? '';
  });
  const reader = new SearchReader(tokens);
  const test = tokens.length > 0 ? reader.any() : () => true;
  reader.end();
  const [namespace = '', ...dimensions] = (schema?.[1] ?? '').split(',').map(unquoted);
  if (!schema) return { matches: test };
  dimensions.sort();
  return {
    ...{ namespace, dimensions },
    matches: (metric) =>
      metric.namespace === namespace &&
      metric.dimensions.map(({ Name }) => Name).join(',') === dimensions.join(',') &&
      test(metric),
  };
}

const unquoted = (text: string) => text.trim().replaceAll('"', '');

const DEEPEST = 50;

class SearchReader {
  readonly #tokens: string[];
  #at = 0;
  #depth = 0;

  constructor(tokens: string[]) {
    this.#tokens = tokens;
  }

  end(): void {
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw new ExpressionError(`SEARCH: unexpected ${left}`);
  }

  any(): Test {
    const tests = [this.#all()];
    while (this.#takes('OR')) tests.push(this.#all());
    return (metric) => tests.some((test) => test(metric));
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#at]?.toUpperCase() !== word) return false;
    this.#at += 1;
    return true;
  }

  #all(): Test {
    const tests: Test[] = [];
    for (;;) {
      this.#takes('AND');
      const next = this.#tokens[this.#at];
      if (next === undefined || next === ')' || next.toUpperCase() === 'OR') break;
      tests.push(this.#term());
    }
    return (metric) => tests.every((test) => test(metric));
  }

  #term(): Test {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new ExpressionError('SEARCH is nested too deeply');
    const test = this.#simple();
    this.#depth -= 1;
    return test;
  }

  #simple(): Test {
    if (this.#takes('NOT')) {
      const negated = this.#term();
      return (metric) => !negated(metric);
    }
    if (this.#takes('(')) {
      const inner = this.any();
      if (!this.#takes(')')) throw new ExpressionError('SEARCH: a parenthesis is not closed');
      return inner;
    }
    const word = this.#tokens[this.#at];
    if (word === undefined) throw new ExpressionError('SEARCH ends too early');
    this.#at += 1;
    return termOf(word);
  }
}

function termOf(word: string): Test {
  const [property = '', ...value] = word.split('=');
  if (value.length === 0) return matching(word, valuesOf);
  return matching(value.join('='), (metric) => propertyOf(metric, unquoted(property)));
}

/** In quotes it is the whole value, else a part of it in whatever case. */
function matching(word: string, values: (metric: MetricName) => string[]): Test {
  const wanted = unquoted(word);
  if (word.startsWith('"')) return (metric) => values(metric).includes(wanted);
  const lower = wanted.toLowerCase();
  return (metric) => values(metric).some((value) => value.toLowerCase().includes(lower));
}

const valuesOf = ({ namespace, name, dimensions }: MetricName) => [
  ...[namespace, name],
  ...dimensions.flatMap(({ Name, Value }) => [Name, Value]),
];

function propertyOf({ namespace, name, dimensions }: MetricName, property: string): string[] {
  if (property === 'Namespace') return [namespace];
  if (property === 'MetricName') return [name];
  return dimensions.filter(({ Name }) => Name === property).map(({ Value }) => Value);
}
