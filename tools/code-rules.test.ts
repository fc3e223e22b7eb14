import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

/** A node of swc's tree, as far as these rules look at it. */
interface Node {
  type?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a tree of a hundred kinds of nodes
  [member: string]: any;
}

const root = join(import.meta.dirname, '../src');
const trees = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(\.test|\/testing|\/contract)\.ts$/.test(name))
    .map((name) => [name, parseTree(readFileSync(join(root, name), 'utf8'))]),
);

function parseTree(source: string): Node {
  return parseSync(source, { syntax: 'typescript', target: 'es2024' });
}

function* nodes(node: unknown): Generator<Node> {
  if (node === null || typeof node !== 'object') return;
  if ('type' in node) yield node as Node;
  for (const child of Object.values(node)) yield* nodes(child);
}

/** What a rule finds, by file. */
const findings = (rule: (tree: Node) => string[], among = trees) =>
  [...among].flatMap(([name, tree]) => rule(tree).map((found) => `${name}: ${found}`));

const inSource = (rule: (tree: Node) => string[], source: string) => rule(parseTree(source));

describe('names that others choose', () => {
  /** `'member' in value` tells members of a union apart; with a name in a variable it also finds what every object has. */
  const inOperators = (tree: Node) =>
    [...nodes(tree)]
      .filter((node) => node.type === 'BinaryExpression' && node.operator === 'in')
      .filter(({ left }) => left.type !== 'StringLiteral' && left.type !== 'PrivateName')
      .map(() => 'in');

  test('are never looked for with `in`', () => {
    expect(findings(inOperators)).toEqual([]);
    expect(inSource(inOperators, 'const f = (a: string, b: object) => a in b;')).toEqual(['in']);
    expect(inSource(inOperators, "const f = (b: object) => 'x' in b;")).toEqual([]);
  });

  const isRecord = (annotation: Node | undefined): boolean => {
    const type = annotation?.typeAnnotation ?? annotation;
    if (type?.type === 'TsUnionType') return type.types.some(isRecord);
    if (type?.type !== 'TsTypeReference') return false;
    const [key] = type.typeParams?.params ?? [];
    if (['Readonly', 'Partial'].includes(type.typeName.value)) return isRecord(key);
    return type.typeName.value === 'Record' && key?.kind === 'string';
  };

  /** Variables, parameters and members (with a dot) that the file says to be records of any names. */
  function recordsOf(tree: Node): Set<string> {
    const found = new Set<string>();
    for (const node of nodes(tree)) {
      if (node.type === 'Identifier' && isRecord(node.typeAnnotation)) found.add(node.value);
      if (node.type === 'TsPropertySignature' && isRecord(node.typeAnnotation))
        found.add(`.${node.key.value}`);
    }
    return found;
  }

  const nameOf = ({ object }: Node) =>
    object.type === 'Identifier' ? object.value : `.${object.property?.value}`;

  /** Names that we know: literals, and texts that begin with one of ours. */
  const isKnown = ({ type, quasis }: Node) =>
    type === 'StringLiteral' ||
    type === 'NumericLiteral' ||
    (type === 'TemplateLiteral' && /^[^_]/.test(quasis[0].raw));

  function indexes(tree: Node): string[] {
    const records = recordsOf(tree);
    return [...nodes(tree)]
      .filter((node) => node.type === 'MemberExpression' && node.property.type === 'Computed')
      .filter((node) => records.has(nameOf(node)) && !isKnown(node.property.expression))
      .map((node) => `${nameOf(node)}[…]`);
  }

  /** Records whose names are those of AWS's shapes, of our columns, or of our own parts. */
  const OURS = new Set([
    'agent/specification.ts: json[…]',
    'aws/auth/checksums.ts: headers[…]',
    'aws/auth/checksums.ts: trailers[…]',
    'aws/auth/signature-v2.ts: amz[…]',
    'aws/protocols/bindings.ts: headers[…]',
    'aws/protocols/bindings.ts: output[…]',
    'aws/protocols/event-stream.ts: value[…]',
    'aws/protocols/query.ts: out[…]',
    'aws/protocols/rest-router.ts: headers[…]',
    'aws/protocols/rest.ts: headers[…]',
    'aws/protocols/rest.ts: input[…]',
    'aws/protocols/rest.ts: output[…]',
    'aws/protocols/to-json.ts: shaped[…]',
    'db/migrate.ts: steps[…]',
    'db/sqlite.ts: row[…]',
    'lib/own.ts: record[…]',
    'kit/clients.ts: .upstream[…]',
    'services/codebuild/run/reports.ts: statusCounts[…]',
  ]);

  test('are read from records by ownValue and written by setOwn', () => {
    expect(findings(indexes).filter((found) => !OURS.has(found))).toEqual([]);
    const bad = 'const T: Record<string, number> = {}; const f = (n: string) => T[n];';
    expect(inSource(indexes, bad)).toEqual(['T[…]']);
    expect(inSource(indexes, bad.replace('T[n]', 'T[`x-$' + '{n}`]'))).toEqual([]);
  });
});

describe('regular expressions', () => {
  const LENGTH = 60_000;

  /** Texts that an expression is most likely to go to and fro over: what it is made of, over and over. */
  function pumps(pattern: string): string[] {
    const parts = pattern.replaceAll(/\\[bBdDsSwWpP]|\[\^?|[\](){}|*+?^$]/g, ' ').split(/\s+/);
    const plain = parts.map((part) => part.replaceAll(/\\(.)/g, '$1')).filter((part) => part);
    return [
      ...new Set([
        ...plain,
        'a',
        '1',
        ' ',
        '/',
        '.',
        '-',
        '-a',
        'a.',
        '<',
        '\n',
        ...plain.map((part) => `${part}a`),
      ]),
    ];
  }

  function slow(tree: Node): string[] {
    const found: string[] = [];
    for (const node of nodes(tree)) {
      if (node.type !== 'RegExpLiteral' || !/[*+]|\{\d+,\d*\}/.test(node.pattern)) continue;
      const compiled = new RegExp(node.pattern, node.flags);
      const words = pumps(node.pattern);
      for (const head of ['', ...words.slice(0, 2)]) {
        for (const word of words) {
          const text = `${head}${word.repeat(LENGTH / word.length)}\0`;
          const before = performance.now();
          compiled.lastIndex = 0;
          compiled.test(text);
          if (performance.now() - before > 1_000) {
            found.push(`/${node.pattern}/ on ${JSON.stringify(word)} over and over`);
            break;
          }
        }
      }
    }
    return [...new Set(found)];
  }

  // Twice the square of a text's length takes more than five seconds.
  test('take no time to speak of over any text', () => {
    expect(findings(slow)).toEqual([]);
    expect(inSource(slow, 'const r = /^(.*?)<([^>]*)>$/;')).toHaveLength(1);
  }, 240_000);
});
