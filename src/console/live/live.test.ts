import type { Readable } from 'node:stream';
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { AwsEvent } from '../../engine/events.ts';
import type { Clock } from '../../lib/clock.ts';
import { systemClock } from '../../lib/clock.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import { KEPT_EVENTS, watch } from '../store/live.ts';
import { browserOf } from '../testing.ts';

const PASSWORD = 'Correct-Horse-1';
const pipeline = (name: string) => `arn:aws:codepipeline:${REGION}:${ACCOUNT}:${name}`;

/** What a page hears: its stream, event by event. */
function heard(stream: Readable) {
  const chunks = stream[Symbol.asyncIterator]();
  return async function next(): Promise<{ id: string; type: string; data?: AwsEvent }> {
    for (;;) {
      const { done, value } = await chunks.next();
      if (done) return { id: '', type: 'closed' };
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(String(value))?.[1];
      const type = field('event');
      const data = field('data');
      if (type) return { id: field('id') ?? '', type, ...(data && { data: JSON.parse(data) }) };
    }
  };
}

function publish({ platform }: World<Clock>, name: string, more: Partial<AwsEvent> = {}) {
  return platform.transaction((tx) =>
    platform.events.publish(tx, {
      ...{ source: 'aws.codepipeline', account: ACCOUNT, region: REGION },
      'detail-type': 'CodePipeline Pipeline Execution State Change',
      ...{ resources: [pipeline(name)], detail: { pipeline: name, state: 'STARTED' } },
      ...more,
    }),
  );
}

const allowed = (name: string) =>
  new PutUserPolicyCommand({
    ...{ UserName: 'mary', PolicyName: 'p' },
    PolicyDocument: JSON.stringify({
      ...{ Version: '2012-10-17' },
      Statement: {
        Effect: 'Allow',
        Action: 'codepipeline:GetPipelineState',
        Resource: pipeline(name),
      },
    }),
  });

eachDialect('events of the console', (makeDatabase) => {
  it('shows what the signed-in may see, goes on where a page was, and ends with the session', async () => {
    const w = await world(makeDatabase, [], { clock: systemClock });
    await w.start();
    const iam = w.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: 'mary' }));
    await iam.send(new CreateLoginProfileCommand({ UserName: 'mary', Password: PASSWORD }));
    await iam.send(allowed('web'));
    const mary = browserOf(w);
    expect((await mary.ask('GET', '/events')).status).toBe(401);
    await mary.signIn({ userName: 'mary', password: PASSWORD });
    expect((await mary.ask('GET', '/events', { headers: { origin: 'null' } })).status).toBe(403);
    for (const none of ['a%0d%0ab', 'eu-west-99'])
      expect((await mary.ask('GET', '/events', { query: `region=${none}` })).status).toBe(400);
    const open = async (lastEventId?: string) => {
      const gone = new AbortController();
      const headers: Record<string, string> = lastEventId ? { 'last-event-id': lastEventId } : {};
      const { status, stream } = await mary.ask('GET', '/events', { headers, signal: gone.signal });
      expect(status).toBe(200);
      if (!stream) throw new Error('no stream');
      const close = () => {
        gone.abort();
        stream.destroy();
      };
      return { next: heard(stream), close };
    };
    const first = await open();
    await publish(w, 'secret');
    await publish(w, 'web', { region: 'us-west-2' });
    await publish(w, 'web', { account: '222222222222' });
    await publish(w, 'web', { 'detail-type': 'Of no page', source: 'aws.codepipeline' });
    await publish(w, 'web');
    const seen = await first.next();
    // The one that may not be read came before, and never arrives.
    expect(seen.data).toMatchObject({
      resources: [pipeline('web')],
      region: REGION,
      account: ACCOUNT,
    });
    first.close();
    // While nobody listens.
    for (const state of ['SUCCEEDED', 'FAILED'])
      await publish(w, 'web', { detail: { pipeline: 'web', state } });
    const second = await open(seen.id);
    const states = [
      (await second.next()).data?.detail.state,
      (await second.next()).data?.detail.state,
    ];
    expect(states.sort()).toEqual(['FAILED', 'SUCCEEDED']);
    // What is taken away is gone for streams that are open.
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'mary', PolicyName: 'p' }));
    await publish(w, 'web', { detail: { state: 'unseen' } });
    await iam.send(allowed('other'));
    await publish(w, 'other');
    // Both may be in the look that the first rang for.
    expect((await second.next()).data?.resources).toEqual([pipeline('other')]);
    // Who reads too slowly is told so.
    await w.platform.transaction((tx) =>
      tx
        .withTables<{ console_position: { last_position: number } }>()
        .updateTable('console_position')
        .set(({ eb }) => ({ last_position: eb('last_position', '+', 7) }))
        .execute(),
    );
    await publish(w, 'other');
    expect((await second.next()).type).toBe('gap');
    expect((await second.next()).data?.resources).toEqual([pipeline('other')]);
    const late = await open('00000000-7');
    expect((await late.next()).type).toBe('gap');
    late.close();
    await mary.ask('DELETE', '/session');
    await publish(w, 'other');
    expect((await second.next()).type).toBe('end');
    expect((await second.next()).type).toBe('closed');
    expect(w.failures).toEqual([]);
    expect(KEPT_EVENTS).toBe(1000);
  });

  it('is open so often, and costs nothing where nobody looks', async () => {
    const w = await world(makeDatabase, [], { clock: systemClock });
    const root = browserOf(w);
    await root.signIn({ accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' });
    const kind = {
      account: ACCOUNT,
      region: REGION,
      'detail-type': 'CodeBuild Build State Change',
    };
    const wanted = () => w.platform.transaction((tx) => w.platform.events.mayWant(tx, kind));
    expect(await wanted()).toBe(false);
    const openAll = async ({ ask }: typeof root) => {
      const streams: Readable[] = [];
      for (;;) {
        const { status, stream } = await ask('GET', '/events');
        if (!stream) {
          expect(status).toBe(429);
          return streams;
        }
        streams.push(stream);
      }
    };
    const streams = await openAll(root);
    expect(streams).toHaveLength(12);
    // He himself has a limit too, however often he signs in.
    for (const left of [12, 6, 0]) {
      const again = browserOf(w);
      await again.signIn({ accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' });
      const more = await openAll(again);
      expect(more).toHaveLength(left);
      streams.push(...more);
    }
    expect(await wanted()).toBe(true);
    const closed = new Promise((resolve) => streams[0]?.once('close', resolve));
    for (const stream of streams) stream.destroy();
    await closed;
    const again = await root.ask('GET', '/events');
    expect(again.status).toBe(200);
    again.stream?.destroy();
    // What nobody looks at any more is forgotten where somebody begins to look.
    const until = systemClock.now().getTime() + 3_600_000;
    const elsewhere = { accountId: ACCOUNT, region: 'us-west-2' };
    await w.platform.transaction((tx) => watch(tx, elsewhere, { now: until, until: until + 1 }));
    const watched = await w.platform.db
      .withTables<{ console_watch: { region: string } }>()
      .selectFrom('console_watch')
      .select('region')
      .execute();
    expect(watched).toEqual([{ region: 'us-west-2' }]);
  });
});
