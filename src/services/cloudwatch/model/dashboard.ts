import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';

type Json = Record<string, unknown>;
type Found = DashboardValidationMessage[];

const say = (found: Found, DataPath: string, Message: string) => {
  found.push({ DataPath, Message });
};

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What is wrong with a dashboard's body: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 * Nothing where the dashboard can be kept.
 */
export function dashboardErrors(text: string): DashboardValidationMessage[] {
  const found: Found = [];
  const body = parsed(text);
  if (!isObject(body)) {
    say(found, '', 'Should be a JSON object');
    return found;
  }
  const { widgets, variables, start, end, periodOverride } = body;
  if (widgets === undefined) say(found, '', "Should have required property 'widgets'");
  else if (!Array.isArray(widgets)) say(found, '/widgets', 'Should be array');
  else
    for (const [index, widget] of widgets.entries())
      checkWidget(found, `/widgets/${index}`, widget);
  if (variables !== undefined && !Array.isArray(variables))
    say(found, '/variables', 'Should be array');
  if (Array.isArray(widgets) && widgets.length > MOST_WIDGETS)
    say(found, '/widgets', `Should NOT have more than ${MOST_WIDGETS} items`);
  for (const [name, value] of Object.entries({ start, end }))
    if (value !== undefined && typeof value !== 'string')
      say(found, `/${name}`, 'Should be string');
  if (end !== undefined && start === undefined)
    say(found, '', "Should have required property 'start'");
  if (periodOverride !== undefined && periodOverride !== 'auto' && periodOverride !== 'inherit')
    say(found, '/periodOverride', ONE_OF);
  return found;
}

const MOST_WIDGETS = 500;
const ONE_OF = 'Should be equal to one of the allowed values';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Check = (found: Found, path: string, properties: Json) => void;

const TYPES = new Map<string, Check>([
  ['metric', checkMetric],
  ['text', (found, path, { markdown }) => checkText(found, path, 'markdown', markdown)],
  [
    'log',
    (found, path, { query, region }) => {
      checkText(found, path, 'query', query);
      checkText(found, path, 'region', region);
    },
  ],
  [
    'alarm',
    (found, path, { alarms }) => {
      if (alarms === undefined) say(found, path, "Should have required property 'alarms'");
      else if (!Array.isArray(alarms)) say(found, `${path}/alarms`, 'Should be array');
    },
  ],
  ['explorer', () => {}],
  ['custom', (found, path, { endpoint }) => checkText(found, path, 'endpoint', endpoint)],
]);

function checkWidget(found: Found, path: string, widget: unknown): void {
  if (!isObject(widget)) return void say(found, path, 'Should be object');
  const { type, properties, x, y, width, height } = widget;
  if (type === undefined) return void say(found, path, "Should have required property 'type'");
  const check = typeof type === 'string' ? TYPES.get(type) : undefined;
  if (!check) return void say(found, `${path}/type`, ONE_OF);
  checkNumber(found, `${path}/x`, x, 0, 23);
  checkNumber(found, `${path}/y`, y, 0, Number.MAX_SAFE_INTEGER);
  checkNumber(found, `${path}/width`, width, 1, 24);
  checkNumber(found, `${path}/height`, height, 1, 1000);
  if (x !== undefined && y === undefined) say(found, path, "Should have required property 'y'");
  if (y !== undefined && x === undefined) say(found, path, "Should have required property 'x'");
  if (properties === undefined)
    return void say(found, path, "Should have required property 'properties'");
  if (!isObject(properties)) return void say(found, `${path}/properties`, 'Should be object');
  check(found, `${path}/properties`, properties);
}

function checkNumber(
  found: Found,
  path: string,
  value: unknown,
  least: number,
  most: number,
): void {
  if (value === undefined) return;
  if (!Number.isInteger(value)) return void say(found, path, 'Should be integer');
  if ((value as number) < least) say(found, path, `Should be >= ${least}`);
  if ((value as number) > most) say(found, path, `Should be <= ${most}`);
}

function checkText(found: Found, path: string, name: string, value: unknown): void {
  if (value === undefined) say(found, path, `Should have required property '${name}'`);
  else if (typeof value !== 'string') say(found, `${path}/${name}`, 'Should be string');
}

const VIEWS = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'];

function checkMetric(found: Found, path: string, properties: Json): void {
  const { metrics, annotations, view, period } = properties;
  if (metrics === undefined && !isObject(annotations))
    say(found, path, "Should have required property 'metrics'");
  checkText(found, path, 'region', properties.region);
  if (view !== undefined && !VIEWS.includes(view as string)) say(found, `${path}/view`, ONE_OF);
  if (period !== undefined)
    checkNumber(found, `${path}/period`, period, 1, Number.MAX_SAFE_INTEGER);
  if (metrics === undefined) return;
  if (!Array.isArray(metrics)) return void say(found, `${path}/metrics`, 'Should be array');
  for (const [index, metric] of metrics.entries())
    checkMetricRow(found, `${path}/metrics/${index}`, metric);
}

/** Namespace, name, pairs of dimensions, and maybe an object of options; or that object alone, with an expression. */
function checkMetricRow(found: Found, path: string, row: unknown): void {
  if (!Array.isArray(row)) return void say(found, path, 'Should be array');
  const options = isObject(row.at(-1)) ? row.at(-1) : undefined;
  const words = options ? row.slice(0, -1) : row;
  if (words.some((word) => typeof word !== 'string'))
    return void say(found, path, 'Should match exactly one schema in oneOf');
  if (words.length === 0 && typeof options?.expression === 'string') return;
  if (words.length < 2) return void say(found, path, 'Should NOT have fewer than 2 items');
  if (words.length % 2 !== 0) say(found, path, 'Should have a value for each dimension');
}

/** A sentence of AWS's that tells of all that is wrong. */
export function dashboardMessage(found: readonly DashboardValidationMessage[]): string {
  const list = found.map(({ Message, DataPath }) => ({ message: Message, dataPath: DataPath }));
  return `The dashboard body is invalid, there are ${found.length} validation errors:\n${JSON.stringify(list, null, 2)}`;
}
