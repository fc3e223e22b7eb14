import { expect, it } from 'vitest';
import { rootPrincipal } from './auth/root.ts';
import { authorizationOf } from './authorize.ts';
import type { RequestFacts } from './context.ts';
import type { AuthorizationQuery, PolicyType } from './principal.ts';
import { restXml } from './protocols/rest-xml.ts';

const ACTION = 's3:GetObject';
const RESOURCE = 'arn:aws:s3:::bucket/key';
const principal = rootPrincipal('111111111111');
const facts = {
  ...{ principal, region: 'eu-west-1', endpoint: 'https://x', via: [], touched: [] },
} as Partial<RequestFacts> as RequestFacts;
const protocol = restXml();

it.each<[PolicyType, boolean, string]>([
  ['identity', false, 'because no identity-based policy allows the s3:GetObject action'],
  ['resource', false, 'because no resource-based policy allows the s3:GetObject action'],
  ['boundary', false, 'because no permissions boundary allows the s3:GetObject action'],
  ['session', false, 'because no session policy allows the s3:GetObject action'],
  ['identity', true, 'with an explicit deny in an identity-based policy'],
  ['resource', true, 'with an explicit deny in a resource-based policy'],
  ['boundary', true, 'with an explicit deny in a permissions boundary'],
  ['session', true, 'with an explicit deny in a session policy'],
])('a refusal by %s (explicit: %s) says so in the words of AWS', async (by, explicit, because) => {
  const refusal = { allowed: false, explicit, by, resource: RESOURCE } as const;
  const ask = authorizationOf({ decide: async () => refusal, faultOf: () => undefined }, facts, {
    protocol,
  });
  await expect(ask(ACTION, RESOURCE)).rejects.toMatchObject({
    code: 'AccessDenied',
    message: `User: ${principal.arn} is not authorized to perform: ${ACTION} on resource: ${RESOURCE} ${because}`,
  });
});

it('S3 quotes the resource', async () => {
  const refusal = { allowed: false, explicit: false, by: 'identity', resource: RESOURCE } as const;
  const authorizer = { decide: async () => refusal, faultOf: () => undefined };
  const ask = authorizationOf(authorizer, facts, { protocol: { dialect: 's3' } });
  await expect(ask(ACTION, RESOURCE)).rejects.toThrow(`on resource: "${RESOURCE}" because`);
});

it("an API's own words of a refusal take the place of the protocol's", async () => {
  const refusal = { allowed: false, explicit: false, by: 'identity', resource: RESOURCE } as const;
  const authorizer = { decide: async () => refusal, faultOf: () => undefined };
  const api = { refusals: { code: 'AuthorizationError', prefix: 'SNS' } };
  const ask = authorizationOf(authorizer, facts, { protocol: { dialect: 'query' }, api });
  await expect(ask('sns:Publish', 'arn')).rejects.toMatchObject({
    code: 'AuthorizationError',
    status: 403,
    message: expect.stringMatching(
      /perform: SNS:Publish on resource: .* allows the SNS:Publish action$/,
    ),
  });
});

it('a question carries the owner, the policy of the resource and conditions; a refusal the name that the caller used', async () => {
  const asked: AuthorizationQuery[] = [];
  const ask = authorizationOf(
    {
      faultOf: () => undefined,
      async decide(query) {
        asked.push(query);
        return { allowed: false, explicit: false, by: 'resource', resource: RESOURCE };
      },
    },
    facts,
    { protocol },
  );
  const resourcePolicy = { document: '{}', kind: 'resource', required: false } as const;
  const about = { owner: '222222222222', resourcePolicy };
  const more = { ...about, conditions: { 's3:versionid': '1' }, named: 'the object' };
  await expect(ask(ACTION, RESOURCE, more)).rejects.toThrow('on resource: the object because');
  expect(asked).toMatchObject([
    { ...about, action: ACTION, resources: [RESOURCE], conditions: { 's3:versionid': '1' } },
  ]);
  expect(asked[0]?.conditions).toMatchObject({ 'aws:principalaccount': '111111111111' });
});
