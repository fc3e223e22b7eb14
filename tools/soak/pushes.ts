import { setTimeout as sleep } from 'node:timers/promises';
import { type Pushers, pushersOf, toOneBranch, toOwnBranches } from '../../conformance/pushers.ts';
import { append } from '../../src/lib/append.ts';
import type { Values } from './main.ts';
import { onServers, underKills } from './servers.ts';

const OWN = 50;
const ONE = 20;
const ROUNDS = 10;
/** Clients that push while servers are killed, and how long one tries. */
const UNDER_KILLS = 10;
const TRIES = 200;

/**
 * Git's clients, many at once: 50 to 50 branches and 20 to one, over HTTP and SSH; then ten, each with a branch of its own, while the
 * server is killed. Nothing that was acknowledged is lost, and one wins each time.
 */
export const soakPushes = (values: Values): Promise<string[]> =>
  onServers(values, async ({ servers, front }) => {
    // Where two servers share an address, that is HTTP's alone.
    const pushers = await pushersOf(front, { overSsh: servers.length === 1 });
    const breaches: string[] = [];
    try {
      append(breaches, await toOwnBranches(pushers, OWN));
      process.stdout.write(`${OWN} branches\n`);
      append(breaches, await toOneBranch(pushers, ONE, ROUNDS));
      process.stdout.write(`${ROUNDS} times one branch\n`);
      const acknowledged = await underKills(servers, values, () =>
        Promise.all(
          Array.from({ length: UNDER_KILLS }, (_, client) =>
            pushOn(pushers, client, Number(values.pushes)),
          ),
        ),
      );
      const tips = await pushers.tips();
      for (const [client, last] of acknowledged.entries()) {
        const tip = tips.get(`killed-${client}`) ?? '';
        if (!(await pushers.leadsTo(last, tip)))
          breaches.push(`killed-${client} is at ${tip}, and ${last} was acknowledged`);
      }
      const flaws = await pushers.check();
      if (flaws !== '') breaches.push(flaws);
    } finally {
      pushers.end();
    }
    return breaches;
  });

/** Pushes one commit after the other, each until the server says that it has it; over HTTP. @returns the last */
async function pushOn(pushers: Pushers, client: number, pushes: number): Promise<string> {
  let last: string | undefined;
  for (let number = 0; number < pushes; number++) {
    const next = await pushers.commit(`${number} of ${client}`, last);
    let said: string | undefined = '';
    for (let tries = 0; said !== undefined; tries++) {
      if (tries === TRIES) throw new Error(`Client ${client} was never heard: ${said}`);
      said = await pushers.push(client * 2, next, `killed-${client}`);
      if (said !== undefined) await sleep(200);
    }
    last = next;
  }
  return last ?? '';
}
