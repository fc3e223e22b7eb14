import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitClient } from '../src/git/testing.ts';
import { eventually, randomMoments } from './eventually.ts';
import { gitRemote } from './git-remote.ts';
import { type Journey, startJourney } from './journey.ts';
import { expectOutcome, finished } from './outcome.ts';
import { startTwoServers, type TwoServers } from './two-servers.ts';

/** Each execution loses one server, then the other. */
const EXECUTIONS = 2;
/** An execution takes a few seconds; the kill falls anywhere in it. */
const WITHIN_MS = 3_000;
const seed = Number(process.env.SLIPWAY_TEST_SEED ?? Date.now() % 1_000_000);
const postgres = process.env.SLIPWAY_TEST_POSTGRES;

if (!postgres && process.env.SLIPWAY_TEST_ALL)
  throw new Error('There is no PostgreSQL, and SLIPWAY_TEST_ALL asks for every test');

describe.skipIf(!postgres)(
  `two servers on one PostgreSQL${postgres ? '' : ' (skipped: no PostgreSQL here)'}`,
  () => {
    let two: TwoServers;
    let journey: Journey;

    beforeAll(async () => {
      two = await startTwoServers(postgres ?? '');
      journey = await startJourney(two.front, two.directory);
    });

    afterAll(async () => {
      await journey?.stop();
      await two?.stop();
    });

    test(`killing either in the middle changes nothing in the outcome (seed ${seed})`, {
      timeout: 300_000,
    }, async () => {
      const atRandomMoment = randomMoments(seed);
      for (let execution = 0; execution < EXECUTIONS; execution += 1) {
        if (execution > 0)
          await eventually('the push', () => journey.push(`Push ${execution}`).then(() => true));
        await atRandomMoment(WITHIN_MS);
        const victim = two.servers[execution % two.servers.length];
        await victim?.kill();
        // The other one has to end it alone.
        await finished(journey, execution + 1);
        await victim?.restart();
      }
      await expectOutcome(journey, two.front.client, EXECUTIONS);
    });

    test('pushes by way of both at once: none is lost, and one wins a branch', async () => {
      const codecommit = new CodeCommitClient(two.front.client);
      await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'both' }));
      codecommit.destroy();
      const urls = two.servers.map((server) => gitRemote(server, 'both'));
      const git = async (...args: string[]) => (await gitClient(two.directory, args)).stdout.trim();
      const pushed = async (server: number) => {
        const work = `push-${server}`;
        const url = urls[server] ?? '';
        await git('init', '-q', '-b', 'shared', work);
        const ends: boolean[] = [];
        for (let n = 0; n < 4; n += 1) {
          await git('-C', work, 'commit', '-q', '--allow-empty', '-m', `${server} ${n}`);
          const push = (name: string) => git('-C', work, 'push', '-q', url, `HEAD:${name}`);
          await push(`refs/heads/${server}-${n}`);
          ends.push(
            await push('refs/heads/shared').then(
              () => true,
              () => false,
            ),
          );
        }
        return ends;
      };
      const [one = [], other = []] = await Promise.all([pushed(0), pushed(1)]);
      // Whose first push came first goes on, and the other one's history is another.
      expect([one.every(Boolean), other.every(Boolean)].toSorted()).toEqual([false, true]);
      expect([one.some(Boolean), other.some(Boolean)].toSorted()).toEqual([false, true]);
      const listed = await Promise.all(urls.map((url) => git('ls-remote', url, 'refs/heads/*')));
      expect(listed[0]).toBe(listed[1]);
      expect(listed[0]?.split('\n')).toHaveLength(9);
    });
  },
);
