import { DeliveryFailed } from '../../../kit/delivery/failure.ts';
import { isJson } from '../../../lib/is-json.ts';
import { ownValue } from '../../../lib/own.ts';
import { xmlJson } from '../../../lib/xml-text.ts';
import type { BusEvent } from './event.ts';
import { parsePath, valueAt } from './json-path.ts';
import type { RuleTarget } from './rule.ts';

/** What templates may name beside their own variables. */
interface Reserved {
  ruleArn: string;
  ruleName: string;
  ingestedAt: Date;
}

type Shape = Pick<RuleTarget, 'Input' | 'InputPath' | 'InputTransformer'>;

/** A template may name a large event a thousand times. */
const MOST_CHARACTERS = 1024 * 1024;

const PLACEHOLDER = /<([A-Za-z0-9_.-]+)>/g;
const RESERVED: ReadonlyMap<string, (event: BusEvent, of: Reserved) => unknown> = new Map<
  string,
  (event: BusEvent, of: Reserved) => unknown
>([
  ['aws.events.rule-arn', (_, { ruleArn }) => ruleArn],
  ['aws.events.rule-name', (_, { ruleName }) => ruleName],
  ['aws.events.event.ingestion-time', (_, { ingestedAt }) => ingestedAt.toISOString()],
  ['aws.events.event.json', (event) => event],
  // The same without its detail.
  ['aws.events.event', ({ detail: _, ...event }) => event],
]);

/** What a target gets of an event: the text that its rule says. */
export function inputFor(target: Shape, event: BusEvent, of: Reserved): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return xmlJson(valueAt(event, target.InputPath) ?? {});
  const { InputTemplate: template, InputPathsMap: paths = {} } = target.InputTransformer ?? {};
  if (template === undefined) return xmlJson(event);
  return fill(template, (name) => {
    const reserved = RESERVED.get(name);
    if (reserved) return reserved(event, of);
    const path = ownValue(paths, name);
    return path === undefined ? undefined : valueAt(event, path);
  });
}

/** Inside of quotation marks a value is text of that text, outside it is JSON. */
function fill(template: string, named: (name: string) => unknown): string {
  let filled = '';
  let end = 0;
  let quoted = false;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(end, match.index);
    quoted = isQuoted(before, quoted);
    const value = named(match[1] ?? '');
    filled += before + (quoted ? inside(value) : xmlJson(value ?? null));
    if (filled.length > MOST_CHARACTERS) throw tooLarge();
    end = match.index + match[0].length;
  }
  return filled + template.slice(end);
}

const tooLarge = () =>
  new DeliveryFailed({
    code: 'SDK_CLIENT_ERROR',
    message: `The input of the target has more than ${MOST_CHARACTERS} characters.`,
    again: false,
  });

/** Does a text that begins inside or outside of quotation marks end inside of them? */
function isQuoted(text: string, begins: boolean): boolean {
  let quoted = begins;
  for (let i = 0; i < text.length; i++) {
    if (quoted && text[i] === '\\') i++;
    else if (text[i] === '"') quoted = !quoted;
  }
  return quoted;
}

function inside(value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return xmlJson(text).slice(1, -1);
}

/** What is wrong with how a target wants its input, or undefined. */
export function faultOfInput(target: Shape & { Id?: string | undefined }): string | undefined {
  const { Id: id, Input: input, InputPath: path, InputTransformer: transformer } = target;
  if ([input, path, transformer].filter((each) => each !== undefined).length > 1)
    return `Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`;
  if (input !== undefined && !isJson(input)) return `JSON syntax error in input for target ${id}`;
  if (path !== undefined && !parsePath(path)) return `Invalid InputPath for target ${id}.`;
  if (!transformer) return undefined;
  const { InputTemplate: template = '', InputPathsMap: paths = {} } = transformer;
  for (const [name, each] of Object.entries(paths)) {
    if (/^aws/i.test(name))
      return `InputPathsMap for target ${id} contains the reserved name ${name}.`;
    if (!parsePath(each)) return `Invalid InputPathsMap value ${each} for target ${id}.`;
  }
  return faultOfTemplate(id, template, paths);
}

function faultOfTemplate(
  id: string | undefined,
  template: string,
  paths: Record<string, string>,
): string | undefined {
  for (const [, name = ''] of template.matchAll(PLACEHOLDER))
    if (!Object.hasOwn(paths, name) && !RESERVED.has(name))
      return `InputTemplate for target ${id} contains invalid placeholder ${name}.`;
  // Several texts may stand below each other.
  const sample = fill(template, () => 'x');
  if (isJson(sample) || sample.split(/\r?\n/).every((line) => line.trim() === '' || isJson(line)))
    return undefined;
  return `Invalid InputTemplate for target ${id} : it is no JSON.`;
}
