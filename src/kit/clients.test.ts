import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import type { Principal } from '../aws/principal.ts';
import { ManualClock } from '../lib/clock.ts';
import { makeClientFactory } from './clients.ts';

it('a service’s session is kept for minutes, but not beyond its role', async () => {
  const clock = new ManualClock();
  const used: string[] = [];
  const gone = new Set<string>();
  let assumed = 0;
  const client = makeClientFactory({
    async dispatch({ internal }) {
      used.push(internal?.principal.userId ?? '');
      const body = '<r><GetCallerIdentityResult/></r>';
      return { status: 200, headers: { 'content-type': 'text/xml' }, body };
    },
    assumeRole: async () => ({ userId: `AROA${++assumed}:s` }) as Principal,
    isCurrent: async ({ userId }) => !gone.has(userId),
    clock,
    endpoint: () => 'http://test',
    upstream: {},
  });
  const role = { service: 'codepipeline.amazonaws.com', roleArn: 'role', sourceArn: 'pipeline' };
  const sts = client(STSClient, { ...role, sessionName: 's', region: 'eu-west-1' });
  const call = () => sts.send(new GetCallerIdentityCommand({}));
  await call();
  await call();
  gone.add('AROA1:s');
  await call();
  clock.advance(5 * 60_000);
  await call();
  expect(used).toEqual(['AROA1:s', 'AROA1:s', 'AROA2:s', 'AROA3:s']);
});
