import { entryOf, type Located } from '../../lib/located.ts';
import { intrinsicOf, resolved } from './template.ts';
import { isUnknown } from './unknown.ts';

/** Which of a template's conditions hold. */
export type Case = ReadonlyMap<string, boolean>;

/** Of more conditions, not all cases are looked at. */
const MOST_CONDITIONS = 5;

/**
 * The cases that a part of a template can be in: the first is the one that its parameters' defaults make, the others
 * are all combinations of the conditions that the part asks for.
 */
export function casesOf(document: Located, part: Located): [Case, ...Case[]] {
  const names = [...askedIn(part)];
  const usual: Case = new Map(names.map((name) => [name, byDefault(document, name) ?? true]));
  if (names.length > MOST_CONDITIONS)
    return [usual, ...[true, false].map((holds) => new Map(names.map((name) => [name, holds])))];
  const all = Array.from(
    { length: names.length === 0 ? 0 : 2 ** names.length },
    (_, bits) => new Map(names.map((name, index) => [name, (bits & (1 << index)) !== 0])),
  );
  return [usual, ...all];
}

/** The conditions that `Fn::If` asks for. */
function askedIn(node: Located, names = new Set<string>()): Set<string> {
  const intrinsic = intrinsicOf(node);
  if (intrinsic?.name === 'Fn::If' && intrinsic.argument.kind === 'list') {
    const [condition] = intrinsic.argument.items;
    if (condition?.kind === 'scalar') names.add(condition.text);
  }
  if (node.kind === 'list') for (const item of node.items) askedIn(item, names);
  if (node.kind === 'map') for (const { value } of node.entries) askedIn(value, names);
  return names;
}

/** Does a condition hold with the defaults of the parameters? undefined where these do not tell. */
function byDefault(document: Located, name: string, depth = 0): boolean | undefined {
  const condition = entryOf(entryOf(document, 'Conditions')?.value, name)?.value;
  return condition && depth < 20 ? holds(document, condition, depth + 1) : undefined;
}

function holds(document: Located, node: Located, depth: number): boolean | undefined {
  const intrinsic = intrinsicOf(node);
  if (!intrinsic) return undefined;
  const { name, argument } = intrinsic;
  if (name === 'Condition')
    return argument.kind === 'scalar' ? byDefault(document, argument.text, depth) : undefined;
  if (argument.kind !== 'list') return undefined;
  if (name === 'Fn::Equals') return equal(document, argument.items);
  const parts = argument.items.map((item) => holds(document, item, depth + 1));
  if (name === 'Fn::Not') return parts[0] === undefined ? undefined : !parts[0];
  const decisive = name === 'Fn::Or';
  if (name !== 'Fn::And' && !decisive) return undefined;
  if (parts.includes(decisive)) return decisive;
  return parts.includes(undefined) ? undefined : !decisive;
}

function equal(document: Located, items: readonly Located[]): boolean | undefined {
  const [left, right] = items.map((item) => defaultText(document, item));
  if (left === undefined || right === undefined) return undefined;
  return left === right;
}

/** A text with the defaults of parameters in it; undefined where it is not known. */
function defaultText(document: Located, node: Located): string | undefined {
  const intrinsic = intrinsicOf(node);
  if (intrinsic?.name === 'Ref' && intrinsic.argument.kind === 'scalar') {
    const parameter = entryOf(entryOf(document, 'Parameters')?.value, intrinsic.argument.text);
    const given = entryOf(parameter?.value, 'Default')?.value;
    return given?.kind === 'scalar' ? given.text : undefined;
  }
  const value = resolved(node, { region: '', holds: () => true });
  if (value?.kind !== 'scalar' || isUnknown(value.text)) return undefined;
  return value.text;
}
