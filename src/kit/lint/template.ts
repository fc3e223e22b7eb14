import { entryOf, type Located, type LocatedScalar } from '../../lib/located.ts';
import { unknown } from './unknown.ts';

// CloudFormation templates, as far as a definition in one can be read before it is deployed.

/** A resource of a template. */
export interface TemplateResource {
  logicalId: string;
  properties: Located | undefined;
  at: Located['at'];
}

/** What is taken for known. */
export interface Circumstances {
  region: string;
  /** Of each condition, whether it holds. */
  holds(condition: string): boolean;
}

export const isTemplate = (document: Located): boolean =>
  entryOf(document, 'Resources')?.value.kind === 'map';

export function resourcesOf(document: Located, type: string): TemplateResource[] {
  const resources = entryOf(document, 'Resources')?.value;
  if (resources?.kind !== 'map') return [];
  return resources.entries.flatMap(({ key, at, value }) => {
    const given = entryOf(value, 'Type')?.value;
    if (given?.kind !== 'scalar' || given.text !== type) return [];
    return [{ logicalId: key, at, properties: entryOf(value, 'Properties')?.value }];
  });
}

interface Intrinsic {
  /** `Ref`, `Fn::Sub` and so on. */
  name: string;
  argument: Located;
}

/** `!Sub x`, `{"Fn::Sub": "x"}`; undefined where it is none. */
export function intrinsicOf(node: Located): Intrinsic | undefined {
  if (node.tag?.startsWith('!') && node.tag !== '!') {
    const name = node.tag.slice(1);
    const plain = name === 'Ref' || name === 'Condition';
    return { name: plain ? name : `Fn::${name}`, argument: { ...node, tag: undefined } };
  }
  if (node.kind !== 'map' || node.entries.length !== 1) return undefined;
  const [entry] = node.entries;
  if (!entry || !/^(?:Ref|Condition|Fn::.+)$/.test(entry.key)) return undefined;
  return { name: entry.key, argument: entry.value };
}

/** A part with its intrinsic functions resolved, or with texts that stand for them; undefined for `AWS::NoValue`. */
export function resolved(node: Located, known: Circumstances): Located | undefined {
  const intrinsic = intrinsicOf(node);
  if (intrinsic) return called(intrinsic, node, known);
  if (node.kind === 'list') {
    return { ...node, items: node.items.flatMap((item) => resolved(item, known) ?? []) };
  }
  if (node.kind !== 'map') return node;
  const entries = node.entries.flatMap((entry) => {
    const value = resolved(entry.value, known);
    return value ? [{ ...entry, value }] : [];
  });
  return { ...node, entries };
}

function called(
  { name, argument }: Intrinsic,
  { at }: Located,
  known: Circumstances,
): Located | undefined {
  const text = (value: string): LocatedScalar => ({
    kind: 'scalar',
    at,
    text: value,
    plain: false,
  });
  switch (name) {
    case 'Ref':
      if (scalarOf(argument) === 'AWS::NoValue') return undefined;
      return text(referred(scalarOf(argument) ?? '', known));
    case 'Fn::GetAtt':
      return text(unknown(attribute(argument)));
    case 'Fn::Sub':
      return text(substituted(argument, known) ?? open(name, argument));
    case 'Fn::Join':
      return text(joined(argument, known) ?? open(name, argument));
    case 'Fn::If': {
      const [condition, yes, no] = argument.kind === 'list' ? argument.items : [];
      const branch = condition && (known.holds(scalarOf(condition) ?? '') ? yes : no);
      return branch ? resolved(branch, known) : text(open(name, argument));
    }
    default:
      return text(open(name, argument));
  }
}

const scalarOf = (node: Located): string | undefined =>
  node.kind === 'scalar' ? node.text : undefined;

const open = (name: string, argument: Located) => unknown(`${name} ${written(argument)}`);

/** What a part says, without its places: the same for the same. */
function written(node: Located): string {
  const tag = node.tag ? `${node.tag} ` : '';
  if (node.kind === 'scalar') return tag + node.text;
  if (node.kind === 'list') return `${tag}[${node.items.map(written).join(', ')}]`;
  return `${tag}{${node.entries.map(({ key, value }) => `${key}: ${written(value)}`).join(', ')}}`;
}

function referred(name: string, { region }: Circumstances): string {
  if (name === 'AWS::Region') return region;
  if (name === 'AWS::Partition') return 'aws';
  if (name === 'AWS::URLSuffix') return 'amazonaws.com';
  return unknown(name);
}

/** `Bucket.Arn`, however it is written. */
const attribute = (argument: Located): string =>
  argument.kind === 'list'
    ? argument.items.map((item) => scalarOf(item) ?? written(item)).join('.')
    : (scalarOf(argument) ?? written(argument));

function substituted(argument: Located, known: Circumstances): string | undefined {
  const [template, given] = argument.kind === 'list' ? argument.items : [argument];
  if (template?.kind !== 'scalar') return undefined;
  return template.text.replaceAll(
    /\$\{(!?)([^{}]*)\}/g,
    (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      const own = entryOf(given, name.trim())?.value;
      if (!own) return referred(name.trim(), known);
      const value = resolved(own, known);
      return value?.kind === 'scalar' ? value.text : unknown(written(own));
    },
  );
}

function joined(argument: Located, known: Circumstances): string | undefined {
  const [delimiter, list] = argument.kind === 'list' ? argument.items : [];
  const items = list && resolved(list, known);
  if (delimiter?.kind !== 'scalar' || items?.kind !== 'list') return undefined;
  const texts = items.items.map(scalarOf);
  return texts.includes(undefined) ? undefined : texts.join(delimiter.text);
}
