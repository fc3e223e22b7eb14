import { Readable } from 'node:stream';
import { CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { rootPrincipal } from './aws/auth/root.ts';
import type { WireRequest } from './aws/http.ts';
import type { Principal } from './aws/principal.ts';
import { eachDialect } from './db/testing.ts';
import { defineReconciler } from './engine/engine.ts';
import { defineService, type Platform } from './kit/service.ts';
import type { EngineStatus } from './lib/engine-status.ts';
import { ACCOUNT, REGION, type World, world } from './testing.ts';

/** A service whose work never gets done. */
const toy = defineService({
  ...{ name: 'toy', apis: [], migrations: [] },
  reconcilers: [
    defineReconciler<Platform>({
      name: 'toy/thing',
      async reconcile(_platform, key) {
        throw new Error(`cannot read "hunter2" of /srv/hunter2/${key}`);
      },
    }),
  ],
});

async function get(server: World['server'], path: string, as?: Principal) {
  const request: WireRequest = {
    ...{ method: 'GET', path, query: '', headers: { host: 'localhost' } },
    ...{ body: Readable.from([]), endpoint: 'http://localhost', remoteAddress: '127.0.0.1' },
    ...(as && { internal: { principal: as, region: REGION } }),
  };
  const { status, body } = await server.handle(request);
  return { status, text: String(body) };
}

eachDialect('looking in', (makeDatabase) => {
  it('shows the account of the server what fails and why, without what only the log may say', async () => {
    const { server, platform, clock, runDue } = await world(makeDatabase, [toy]);
    await platform.transaction((tx) => platform.engine.wake(tx, 'toy/thing', 'a'));
    await runDue();
    const { status, text } = await get(server, '/_slipway/engine', rootPrincipal(ACCOUNT));
    expect(status).toBe(200);
    const now = clock.now();
    expect((JSON.parse(text) as EngineStatus).failing).toEqual({
      total: 1,
      first: [
        {
          ...{ reconciler: 'toy/thing', key: 'a', attempts: 1, since: now.toISOString() },
          lastError: 'Error: cannot read "…" of …',
          nextTry: new Date(now.getTime() + 1_000).toISOString(),
        },
      ],
    });
    expect(text).not.toContain('hunter2');
  });

  it('shows it to a user who may, and to nobody else', async () => {
    const { server, client } = await world(makeDatabase, []);
    const iam = client(IAMClient);
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'mary' }));
    const mary: Principal = {
      ...{ type: 'user', accountId: ACCOUNT, arn: User?.Arn ?? '' },
      ...{ userId: User?.UserId ?? '', userName: 'mary' },
    };
    const statusFor = async (as?: Principal) => (await get(server, '/_slipway/engine', as)).status;
    expect(await statusFor()).toBe(403);
    expect(await statusFor(mary)).toBe(403);
    // It is everybody's queue: another account's root has no say in it.
    expect(await statusFor(rootPrincipal('222222222222'))).toBe(403);
    const allowed = {
      ...{ Effect: 'Allow', Action: 'slipway:DescribeEngine' },
      Resource: `arn:aws:slipway:${REGION}:${ACCOUNT}:engine`,
    };
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: allowed });
    const policy = { UserName: 'mary', PolicyName: 'looks-in', PolicyDocument };
    await iam.send(new PutUserPolicyCommand(policy));
    expect(await statusFor(mary)).toBe(200);
  });

  it('counts what is due and what fails for whoever reads metrics, without a key', async () => {
    const { server, platform, runDue } = await world(makeDatabase, [toy]);
    await platform.transaction(async (tx) => {
      await platform.engine.wake(tx, 'toy/thing', 'a-key');
      await platform.engine.wake(tx, 'toy/thing', 'b-key');
    });
    const metrics = async () => (await get(server, '/_slipway/metrics')).text;
    expect(await metrics()).toContain('slipway_queue_due{reconciler="toy/thing"} 2\n');
    await runDue();
    const text = await metrics();
    expect(text).toContain('slipway_queue_due{reconciler="toy/thing"} 0\n');
    expect(text).toContain('slipway_queue_failing{reconciler="toy/thing"} 2\n');
    expect(text).not.toMatch(/[ab]-key/);
  });
});
