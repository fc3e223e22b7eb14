import { NormalizedSchema } from '@smithy/core/schema';
import { describe, expect, it } from 'vitest';
import type { Api } from '../aws/api.ts';
import { operationSchema } from '../aws/protocols/protocol.ts';
import { redactorOf } from '../aws/redact.ts';
import { SERVICES } from './registry.ts';

const SECRET = 'nobody may see this';
const FACT = 'everybody may see this';

/** What no record may show, whether its model says so or not. Said here once more, and not in the words of what is tested. */
const SECRETS_BY_NAME = new Set([
  ...['secretstring', 'secretbinary', 'plaintext', 'sessiontoken', 'secretaccesskey'],
  ...['password', 'servicepassword', 'newpassword', 'oldpassword', 'servicecredentialsecret'],
]);

interface Filled {
  value: unknown;
  secrets: number;
}

/** A value of the shape in which everything is there; what is secret bears SECRET, all other texts FACT. */
function fill(of: NormalizedSchema, isSecret: boolean, outer: readonly unknown[] = []): Filled {
  const secret = isSecret || Boolean(of.getMergedTraits().sensitive);
  const text = secret ? SECRET : FACT;
  const shape = of.getSchema();
  if (of.isListSchema() || of.isMapSchema() || of.isStructSchema()) {
    if (outer.filter((one) => one === shape).length > 1) return { value: undefined, secrets: 0 };
    const within = [...outer, shape];
    if (!of.isStructSchema()) {
      const { value, secrets } = fill(of.getValueSchema(), secret, within);
      return { value: of.isListSchema() ? [value] : { key: value }, secrets };
    }
    let secrets = 0;
    const members = Object.entries(of.getMemberSchemas()).map(([name, member]) => {
      const byName = SECRETS_BY_NAME.has(name.toLowerCase());
      const filled = fill(member, secret || byName, within);
      secrets += filled.secrets;
      return [name, filled.value];
    });
    return { value: Object.fromEntries(members), secrets };
  }
  const secrets = secret ? 1 : 0;
  if (of.isBlobSchema()) return { value: Buffer.from(text), secrets };
  if (of.isStringSchema() || of.isDocumentSchema()) return { value: text, secrets };
  if (of.isTimestampSchema()) return { value: new Date(0), secrets: 0 };
  return { value: of.isBooleanSchema() ? true : 1, secrets: 0 };
}

const services = Object.entries(SERVICES);

describe.each(services)('Records of %s', (_, registered) => {
  it('show no sensitive member of any operation', async () => {
    const { apis } = (await (await registered()).load()).default;
    let shown = 0;
    for (const { api, operations } of apis) {
      for (const name of Object.keys(operations)) {
        for (const [direction, text] of Object.entries(textsOf(api, name))) {
          expect(text, `${api.name}:${name} ${direction}`).not.toContain(SECRET);
          expect(text, `${api.name}:${name} ${direction}`).not.toContain(bytesOf(SECRET));
          if (text.includes(FACT)) shown += 1;
        }
      }
    }
    expect(shown, 'nothing at all is shown').toBeGreaterThan(0);
  });
});

/** What is left of a whole input and a whole output. */
function textsOf(api: Api, operation: string): Record<'input' | 'output', string> {
  const name = operation.charAt(0).toUpperCase() + operation.slice(1);
  const schema = operationSchema(api, name);
  const left = (of: unknown) => {
    const { value } = fill(NormalizedSchema.of(of as never), false);
    return JSON.stringify(redactorOf(of, api.record?.secrets)(value)) ?? '';
  };
  return { input: left(schema[4]), output: left(schema[5]) };
}

/** How JSON shows a Buffer that nobody took out. */
const bytesOf = (text: string) => [...Buffer.from(text)].join(',');

it('finds the secrets that it shall hide', async () => {
  const found: string[] = [];
  for (const [, registered] of services) {
    const { apis } = (await (await registered()).load()).default;
    for (const { api, operations } of apis) {
      for (const operation of Object.keys(operations)) {
        const name = operation.charAt(0).toUpperCase() + operation.slice(1);
        const schema = operationSchema(api, name);
        for (const shape of [schema[4], schema[5]])
          if (fill(NormalizedSchema.of(shape as never), false).secrets > 0)
            found.push(`${api.name}:${name}`);
      }
    }
  }
  expect(found).toEqual(
    expect.arrayContaining([
      ...['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'ssm:PutParameter'],
      ...['ssm:GetParameter', 'secretsmanager:CreateSecret', 'secretsmanager:GetSecretValue'],
      ...['sts:AssumeRole', 'iam:CreateAccessKey', 'iam:CreateServiceSpecificCredential'],
    ]),
  );
});

it('hides values by name in maps, further members, and keeps what tells nothing', () => {
  const entry = [3, 'toy', 'Entry', 0, ['name', 'value', 'at', 'next'], [0, 0, 4, () => entry]];
  const input = [3, 'toy', 'Input', 0, ['Entries', 'Labels'], [[1, 'toy', 'L', 0, entry], 128]];
  const redact = redactorOf(input, ['Entry.value']);
  const at = new Date(0);
  const value = {
    Entries: [{ name: 'a', value: 'x', at, next: { name: 'b', value: 'y' } }],
    Labels: { OAuthToken: 'z', colour: 'red', __proto__: 'no key' },
  };
  expect(redact(value)).toEqual({
    entries: [
      {
        ...{ name: 'a', value: 'HIDDEN_DUE_TO_SECURITY_REASONS', at: '1970-01-01T00:00:00.000Z' },
        next: { name: 'b', value: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
      },
    ],
    labels: { OAuthToken: 'HIDDEN_DUE_TO_SECURITY_REASONS', colour: 'red' },
  });
  expect(redact({})).toEqual({});
});

it('hides in some structures what it shows in others of their shape', () => {
  const entry = [3, 'toy', 'Entry', 0, ['kind', 'values'], [0, 128]];
  const input = [3, 'toy', 'Input', 0, ['Entries'], [[1, 'toy', 'L', 0, entry]]];
  const where = ({ kind }: Record<string, unknown>) => kind === 'secret';
  const redact = redactorOf(input, [{ member: 'Entry.values', where }]);
  const values = { colour: 'red' };
  const Entries = [
    { kind: 'plain', values },
    { kind: 'secret', values },
  ];
  expect(redact({ Entries })).toEqual({
    entries: [
      { kind: 'plain', values },
      { kind: 'secret', values: { colour: 'HIDDEN_DUE_TO_SECURITY_REASONS' } },
    ],
  });
});

it('shows no secret of an action type that somebody made, nor of a webhook', async () => {
  const { apis } = (await import('./codepipeline/index.ts')).default;
  const api = apis[0]?.api as Api;
  const shown = (operation: string, side: 4 | 5, value: object) =>
    JSON.stringify(redactorOf(operationSchema(api, operation)[side], api.record?.secrets)(value));
  const configuration = { Token: SECRET, Branch: FACT };
  const action = (owner: string) => ({ name: 'a', actionTypeId: { owner }, configuration });
  const pipeline = (owner: string) => ({ pipeline: { stages: [{ actions: [action(owner)] }] } });
  expect(shown('CreatePipeline', 4, pipeline('Custom'))).not.toContain(SECRET);
  expect(shown('UpdatePipeline', 4, pipeline('ThirdParty'))).not.toContain(SECRET);
  expect(shown('CreatePipeline', 4, pipeline('AWS'))).toContain(FACT);
  const jobs = [{ id: 'j', data: { actionConfiguration: { configuration } } }];
  expect(shown('PollForJobs', 5, { jobs })).not.toContain(SECRET);
  const webhook = { name: 'h', authenticationConfiguration: { SecretToken: SECRET } };
  expect(shown('PutWebhook', 4, { webhook })).not.toContain(SECRET);
  for (const operation of [
    ...['AcknowledgeThirdPartyJob', 'GetThirdPartyJobDetails'],
    ...['PutThirdPartyJobSuccessResult', 'PutThirdPartyJobFailureResult'],
  ])
    expect(shown(operation, 4, { jobId: 'j', clientToken: SECRET })).not.toContain(SECRET);
});
