import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { evaluateNode } from './math/evaluate.ts';
import { REFUSED_FUNCTIONS, searchKey } from './math/functions.ts';
import { ExpressionError, type Node, namesIn, parseExpression, walk } from './math/parser.ts';
import { parseSearch, type Search } from './math/search.ts';
import type { Scope, Series, Value } from './math/value.ts';
import { type MetricName, metricOf } from './metric.ts';
import { parseStatistic, type Statistic } from './statistic.ts';

/** A metric's statistic that is read. */
export interface Reading {
  metric: MetricName;
  /** Seconds. */
  period: number;
  statistic: Statistic;
  unit?: string | undefined;
}

/** A SEARCH in an expression. */
export interface Searching {
  key: string;
  search: Search;
  statistic: Statistic;
  /** Seconds. */
  period: number;
}

/** A query as it is worked out. */
export interface Query {
  id: string;
  label?: string;
  returned: boolean;
  reading?: Reading;
  node?: Node;
  expression?: string;
  /** Seconds; of expressions it is what the caller said. */
  period?: number;
}

export interface Plan {
  queries: Query[];
  searches: Searching[];
}

/** A query that is wrong: what is said of it. `refused` is what AWS has and is not here. */
export class QueryError extends Error {
  readonly refused: boolean;

  constructor(message: string, refused = false) {
    super(message);
    this.refused = refused;
  }
}

const ID = /^[a-z][a-zA-Z0-9_]*$/;

/** Reads the queries of GetMetricData or of an alarm. @throws QueryError in AWS's words */
export function planOf(given: readonly MetricDataQuery[]): Plan {
  const ids = new Set<string>();
  const queries = given.map((query) => {
    const { Id: id = '' } = query;
    if (!ID.test(id))
      throw new QueryError(
        `The value ${id} for parameter MetricDataQueries Id is invalid: it must begin with a small letter, and have letters, digits and underscores.`,
      );
    if (ids.has(id))
      throw new QueryError('The values for parameter id in MetricDataQueries must be unique.');
    ids.add(id);
    return queryOf(id, query);
  });
  for (const { node, id } of queries) if (node) checkNames(id, node, ids);
  checkCycles(queries);
  const searches = queries.flatMap(({ node, id }) => (node ? searchesIn(id, node) : []));
  return { queries, searches };
}

function queryOf(id: string, query: MetricDataQuery): Query {
  const { MetricStat: stat, Expression: expression, ReturnData = true, Label, Period } = query;
  if ((stat === undefined) === (expression === undefined))
    throw new QueryError(
      'The parameter MetricDataQuery must have either MetricStat or Expression, and not both.',
    );
  const common = { id, returned: ReturnData, ...(Label !== undefined && { label: Label }) };
  if (expression !== undefined)
    return {
      ...common,
      expression,
      node: nodeOf(id, expression),
      ...(Period !== undefined && { period: checkedPeriod(Period) }),
    };
  const { Metric, Stat = '', Unit } = stat ?? {};
  if (!Metric?.Namespace || !Metric.MetricName)
    throw new QueryError('The parameters Namespace and MetricName of a metric are required.');
  const statistic = parseStatistic(Stat);
  if (!statistic) throw new QueryError(`The value ${Stat} for parameter Stat is invalid.`);
  const period = checkedPeriod(stat?.Period ?? 0);
  return {
    ...common,
    period,
    reading: { metric: metricOf(Metric), period, statistic, unit: Unit },
  };
}

/** @param period seconds @throws QueryError */
export function checkedPeriod(period: number): number {
  if ([1, 5, 10, 20, 30].includes(period) || (period > 0 && period % 60 === 0)) return period;
  throw new QueryError(
    `The value ${period} for parameter Period is invalid: it must be 1, 5, 10, 20, 30 or a multiple of 60.`,
  );
}

const inExpression = (id: string, what: string) => `Error in expression '${id}': ${what}`;

function nodeOf(id: string, expression: string): Node {
  if (/^\s*SELECT\b/i.test(expression)) throw new QueryError('Metrics Insights queries', true);
  try {
    const node = parseExpression(expression);
    for (const each of walk(node)) {
      if (each.type === 'call' && REFUSED_FUNCTIONS.has(each.name))
        throw new QueryError(`the function ${each.name} of metric math`, true);
    }
    return node;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new QueryError(inExpression(id, error.message));
  }
}

/** Words of functions, which are no ids since ids begin with a small letter. */
const isWord = (name: string) => /^[A-Z]/.test(name);

function checkNames(id: string, node: Node, ids: ReadonlySet<string>): void {
  const unknown = namesIn(node).find((name) => !ids.has(name) && !isWord(name));
  if (unknown !== undefined) throw new QueryError(inExpression(id, `Unknown id: ${unknown}`));
}

function checkCycles(queries: readonly Query[]): void {
  const uses = new Map(queries.map(({ id, node }) => [id, node ? namesIn(node) : []]));
  const done = new Set<string>();
  const visit = (id: string, above: ReadonlySet<string>): void => {
    if (above.has(id)) throw new QueryError(inExpression(id, 'it refers to itself'));
    if (done.has(id)) return;
    for (const name of uses.get(id) ?? []) visit(name, new Set([...above, id]));
    done.add(id);
  };
  for (const { id } of queries) visit(id, new Set());
}

function searchesIn(id: string, node: Node): Searching[] {
  return [...walk(node)].flatMap((each) => {
    if (each.type !== 'call' || each.name !== 'SEARCH') return [];
    const [what, stat, period] = each.args;
    const statistic = stat?.type === 'text' ? parseStatistic(stat.value) : undefined;
    if (what?.type !== 'text' || !statistic || (period && period.type !== 'number'))
      throw new QueryError(inExpression(id, 'SEARCH takes texts, a statistic and a period'));
    try {
      const search = parseSearch(what.value);
      const seconds = checkedPeriod(period?.type === 'number' ? period.value : 300);
      return [{ key: searchKey(each.args), search, statistic, period: seconds }];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new QueryError(inExpression(id, error.message));
    }
  });
}

/** What queries are worked out with. */
export interface Sources {
  /** Epoch milliseconds. */
  from: number;
  to: number;
  /** The series of a query's metric. */
  read(query: Query, reading: Reading): Series;
  searched(key: string): Series[];
}

/** So that one request neither takes all memory nor keeps the server from others for seconds. */
const MOST_POINTS = 4_000_000;

/** The value of each query that returns data: one series, or several of an expression. @throws QueryError */
export function workOut({ queries }: Plan, sources: Sources): { query: Query; series: Series[] }[] {
  const { from, to, searched } = sources;
  const byId = new Map(queries.map((query) => [query.id, query]));
  const values = new Map<string, Value>();
  const metrics = queries.flatMap((query) =>
    query.reading ? [sources.read(query, query.reading)] : [],
  );
  for (const series of metrics) values.set(series.id ?? '', series);
  const period = queries.reduce((longest, query) => Math.max(longest, query.period ?? 0), 0) || 60;
  let left = MOST_POINTS;
  const spend = (points: number) => {
    left -= points;
    if (left < 0)
      throw new ExpressionError(`The request works out more than ${MOST_POINTS} data points`);
  };
  const lookUp = (id: string): Value => {
    const known = values.get(id);
    if (known !== undefined) return known;
    const query = byId.get(id);
    if (!query?.node) throw new ExpressionError(`Unknown id: ${id}`);
    const scope: Scope = {
      ...{ from, to, lookUp, metrics, searched, spend },
      period: (query.period ?? period) * 1000,
    };
    const value = evaluateNode(query.node, scope);
    values.set(id, value);
    return value;
  };
  return queries
    .filter(({ returned }) => returned)
    .map((query) => ({ query, series: shown(query, () => lookUp(query.id)) }));
}

function shown(query: Query, value: () => Value): Series[] {
  try {
    const found = value();
    if (typeof found === 'number')
      throw new ExpressionError('The result is a number and no time series');
    if (Array.isArray(found)) return found;
    return [{ ...found, label: query.label ?? (query.node ? query.id : found.label) }];
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new QueryError(inExpression(query.id, error.message));
  }
}
