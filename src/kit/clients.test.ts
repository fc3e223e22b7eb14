import { text } from 'node:stream/consumers';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import type { Dispatcher } from '../aws/dispatcher.ts';
import type { InternalCaller } from '../aws/http.ts';
import type { Principal } from '../aws/principal.ts';
import type { Tx } from '../db/database.ts';
import { runScoped } from '../db/scope.ts';
import { ManualClock } from '../lib/clock.ts';
import { isRefusal } from '../lib/refusal.ts';
import { makeClientFactory } from './clients.ts';
import { makeIdentities } from './identities.ts';

const REGION = 'eu-west-1';
const PIPELINE = 'arn:aws:codepipeline:eu-west-1:111111111111:release';
const ROLE = 'arn:aws:iam::111111111111:role/pipeline';

/** Clients whose calls are noted; STS gives a new session to whoever asks. */
function noting() {
  const clock = new ManualClock();
  const calls: { action: string; caller: InternalCaller | undefined }[] = [];
  const gone = new Set<string>();
  let assumed = 0;
  const dispatch: Dispatcher = async ({ internal, body }) => {
    const action = new URLSearchParams(await text(body)).get('Action') ?? '';
    calls.push({ action, caller: internal });
    assumed += action === 'AssumeRole' ? 1 : 0;
    const credentials = `<Credentials><SessionToken>${assumed}</SessionToken></Credentials>`;
    const answer = `<r><${action}Result>${credentials}</${action}Result></r>`;
    return { status: 200, headers: { 'content-type': 'text/xml' }, body: answer };
  };
  const endpoint = () => 'http://test';
  const identityOf = makeIdentities({
    ...{ dispatch, clock, endpoint },
    openSession: (token) => ({
      ...{ accessKeyId: `ASIA${token}`, secretAccessKey: '', expires: new Date(0) },
      principal: { userId: `AROA${token}:s` } as Principal,
    }),
    isCurrent: async ({ userId }) => !gone.has(userId),
  });
  const client = makeClientFactory({
    ...{ dispatch, identityOf, endpoint, upstream: {} },
    isServed: (service) => service === 'sts',
    authorizeAs: async () => {},
  });
  return { client, clock, calls, gone };
}

const whoAmI = (sts: STSClient) => sts.send(new GetCallerIdentityCommand({}));

it('a service’s session is kept for minutes, but not beyond its role', async () => {
  const { client, clock, calls, gone } = noting();
  const role = { service: 'codepipeline.amazonaws.com', roleArn: ROLE, sourceArn: PIPELINE };
  const sts = client(STSClient, { ...role, sessionName: 'release', region: REGION });
  await whoAmI(sts);
  await whoAmI(sts);
  gone.add('AROA1:s');
  await whoAmI(sts);
  clock.advance(5 * 60_000);
  await whoAmI(sts);
  const own = calls.filter(({ action }) => action === 'GetCallerIdentity');
  expect(own.map(({ caller }) => caller?.principal.userId)).toEqual([
    ...['AROA1:s', 'AROA1:s', 'AROA2:s', 'AROA3:s'],
  ]);
  expect(own[0]?.caller).toMatchObject({
    ...{ accessKeyId: 'ASIA1', invokedBy: 'codepipeline.amazonaws.com', region: REGION },
  });
});

it('what a client can make no request of is the caller’s fault, what fails on the way is not', async () => {
  const { client, calls } = noting();
  const sts = client(STSClient, {
    service: 'codepipeline.amazonaws.com',
    sourceArn: PIPELINE,
    region: REGION,
  });
  const input = { RoleArn: ROLE, RoleSessionName: 's', PolicyArns: [{ arn: { toString: 5 } }] };
  await expect(sts.send(new AssumeRoleCommand(input as never))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
  expect(calls).toEqual([]);
  const broken = makeClientFactory({
    dispatch: async () => {
      throw new TypeError('ours');
    },
    identityOf: () => async () => ({ principal: {} as Principal, region: REGION }),
    ...{ endpoint: () => 'http://test', upstream: {}, authorizeAs: async () => {} },
    isServed: () => true,
  });
  const { $metadata } = await broken(STSClient, {
    service: 'a',
    sourceArn: PIPELINE,
    region: REGION,
  })
    .send(new GetCallerIdentityCommand({}))
    .catch((error) => error);
  expect($metadata?.httpStatusCode).toBeUndefined();
});

it('a service asks for its session as itself, for its resource', async () => {
  const { client, calls } = noting();
  const service = 'codepipeline.amazonaws.com';
  const roles = { roleArn: `${ROLE}-action`, byRoleArn: ROLE };
  const place = { sourceArn: PIPELINE, region: REGION };
  await whoAmI(client(STSClient, { service, ...roles, ...place, sessionName: 'release' }));
  const itself = { type: 'service', service, accountId: '111111111111', sourceArn: PIPELINE };
  expect(calls).toMatchObject([
    { action: 'AssumeRole', caller: { principal: itself, invokedBy: service } },
    { action: 'AssumeRole', caller: { principal: { userId: 'AROA1:s' }, invokedBy: service } },
    { action: 'GetCallerIdentity', caller: { principal: { userId: 'AROA2:s' } } },
  ]);
  await whoAmI(client(STSClient, { service, ...place, may: ['iam:GetRole'] }));
  expect(calls.at(-1)).toMatchObject({
    caller: { principal: { ...itself, may: ['iam:GetRole'] } },
  });
});

it('asks no service inside a transaction: it would wait for ever for what is under way', async () => {
  const { client, calls } = noting();
  const sts = client(STSClient, {
    ...{ service: 'codepipeline.amazonaws.com', sourceArn: PIPELINE, region: REGION },
  });
  const tx = { isTransaction: true } as Tx;
  const asked = runScoped(
    () => whoAmI(sts),
    (work) => work(tx),
  );
  const error = await asked.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ message: expect.stringContaining('inside a transaction') });
  // A bug of ours: nobody may take it for a service's refusal.
  expect(isRefusal(error)).toBe(false);
  expect(calls).toEqual([]);
});
