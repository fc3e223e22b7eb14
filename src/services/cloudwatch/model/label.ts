import type { Query } from './queries.ts';
import type { Point } from './series.ts';

/** What the fields of a label are filled in from. */
export interface LabelFacts {
  accountId: string;
  region: string;
  query: Query;
  points: readonly Point[];
  /** Of times, as `+0200`. */
  zone?: string | undefined;
}

const FIELD = /\$\{([^{}]{1,100})\}/g;

/**
 * Fills in the fields of a dynamic label: `${MAX}`, `${PROP('MetricName')}`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
export function labelled(label: string, facts: LabelFacts): string {
  return label.replaceAll(FIELD, (whole, field: string) => fieldOf(field, facts) ?? whole);
}

function fieldOf(field: string, facts: LabelFacts): string | undefined {
  const [, property] = /^PROP\('([^']+)'\)$/.exec(field) ?? [];
  if (property !== undefined) return propertyOf(property, facts);
  if (field === 'LABEL') return facts.query.reading?.metric.name ?? facts.query.id;
  const { points, zone } = facts;
  const values = points.map(([, value]) => value);
  const found = pointOf(field.replace(/_TIME(_RELATIVE)?$/, ''), points);
  if (field.endsWith('_TIME')) return found && timeText(found[0], zone);
  if (field === 'SUM') return numberText(values.reduce((a, b) => a + b, 0));
  if (field === 'AVG')
    return values.length > 0 ? numberText(values.reduce((a, b) => a + b, 0) / values.length) : '--';
  if (field === 'DATAPOINT_COUNT') return String(values.length);
  if (!['MIN', 'MAX', 'FIRST', 'LAST'].includes(field)) return undefined;
  return found ? numberText(found[1]) : '--';
}

function pointOf(which: string, points: readonly Point[]): Point | undefined {
  if (which === 'FIRST') return points[0];
  if (which === 'LAST') return points.at(-1);
  if (which === 'MIN')
    return points.reduce<Point | undefined>((a, b) => (a && a[1] <= b[1] ? a : b), undefined);
  if (which === 'MAX')
    return points.reduce<Point | undefined>((a, b) => (a && a[1] >= b[1] ? a : b), undefined);
  return undefined;
}

const numberText = (value: number) => String(Math.round(value * 1000) / 1000);

function timeText(at: number, zone = '+0000'): string {
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return `${new Date(at + offset).toISOString().slice(0, 16)}${zone}`;
}

function propertyOf(
  property: string,
  { accountId, region, query }: LabelFacts,
): string | undefined {
  const { reading } = query;
  if (property === 'AccountId') return accountId;
  if (property === 'Region') return region;
  if (property === 'Expression') return query.expression;
  if (property === 'Period') return query.period === undefined ? undefined : String(query.period);
  if (property === 'MetricName') return reading?.metric.name;
  if (property === 'Namespace') return reading?.metric.namespace;
  if (property === 'Stat') return reading?.statistic.name;
  const [, dimension] = /^Dim\.(.+)$/s.exec(property) ?? [];
  return reading?.metric.dimensions.find(({ Name }) => Name === dimension)?.Value;
}
