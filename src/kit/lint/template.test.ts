// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are CloudFormation's
import { expect, it } from 'vitest';
import { entryOf, readLocated } from '../../lib/located.ts';
import { casesOf } from './conditions.ts';
import { resolved } from './template.ts';
import { isUnknown, legible } from './unknown.ts';

const known = { region: 'eu-west-1', holds: (name: string) => name === 'Yes' };

/** What a text comes to, as the file would have it. */
function value(text: string): string | undefined {
  const node = resolved(readLocated(text, 'x.yaml'), known);
  return node?.kind === 'scalar' ? legible(node.text) : node?.kind;
}

it.each([
  ['plain', 'plain'],
  ['!Ref AWS::Region', 'eu-west-1'],
  ['{"Ref": "AWS::Partition"}', 'aws'],
  ['!Ref Bucket', '${Bucket}'],
  ['!GetAtt Role.Arn', '${Role.Arn}'],
  ['!GetAtt [Role, Arn]', '${Role.Arn}'],
  ['!Sub "a-${AWS::Region}-${Role.Arn}-${!Kept}"', 'a-eu-west-1-${Role.Arn}-${Kept}'],
  ['!Sub ["${A}-${B}", {A: !Ref "AWS::Region", B: x}]', 'eu-west-1-x'],
  ['!Join [".", [a, !Ref B, c]]', 'a.${B}.c'],
  ['Fn::Join: ["-", !Ref List]', '${Fn::Join [-, !Ref List]}'],
  ['!If [Yes, a, b]', 'a'],
  ['!If [No, a, !Ref B]', '${B}'],
  ['!If [No, a, !Ref "AWS::NoValue"]', undefined],
  ['!FindInMap [A, !Ref B, c]', '${Fn::FindInMap [A, !Ref B, c]}'],
  ['[a, !Ref "AWS::NoValue"]', 'list'],
])('%s', (text, expected) => {
  expect(value(text)).toBe(expected);
});

it('what has no value is no item and no entry', () => {
  const node = resolved(readLocated('a: !Ref AWS::NoValue\nb: [!Ref "AWS::NoValue"]'), known);
  expect(node).toMatchObject({ entries: [{ key: 'b', value: { items: [] } }] });
});

it('a text of a file is none that is unknown', () => {
  expect(isUnknown('${Name}')).toBe(false);
});

const TEMPLATE = `
Parameters: {Env: {Default: prod}, Free: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  NotProd: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Equals [!Ref Env, test]]
  Either: !Or [!Condition Both, !Condition Prod]
  Free: !Equals [!Ref Free, x]
  Loop: !Condition Loop
Part: [PARTS]
`;

it('the usual case is that of the defaults; the others are all that there can be', () => {
  const names = ['Prod', 'NotProd', 'Both', 'Either', 'Free'];
  const parts = names.map((name) => `!If [${name}, a, b]`).join(', ');
  const document = readLocated(TEMPLATE.replace('PARTS', parts));
  const [usual, ...others] = casesOf(document, entryOf(document, 'Part')?.value ?? document);
  expect([...usual]).toEqual([
    ...[
      ['Prod', true],
      ['NotProd', false],
      ['Both', false],
      ['Either', true],
      ['Free', true],
    ],
  ]);
  expect(others).toHaveLength(32);
});

it('a condition of itself has an end, and many conditions few cases', () => {
  const parts = [...'abcdef'].map((name) => `!If [${name}, 1, 2]`).join(', ');
  const document = readLocated(TEMPLATE.replace('PARTS', `!If [Loop, a, b], ${parts}`));
  expect(casesOf(document, document)).toHaveLength(3);
});
