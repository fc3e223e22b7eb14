import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { WireResponse } from '../../../aws/http.ts';
import type { Ask } from '../../../aws/routes.ts';
import type { PushCommand, PushHead } from '../../../git/pkt-line.ts';
import { type RefusedCommand, refusalReport } from '../../../git/push-report.ts';

/** A push that may not be is told so in git's own words: of a status of HTTP git shows the number alone, and of SSH nothing. */

/** What IAM is asked about a push (CC-SEC-03). */
export const referencesOf = (commands: readonly PushCommand[]) => ({
  'codecommit:references': commands.map(({ name }) => name),
});

/** Of a larger push all get the one reason. */
const MOST_ASKED = 50;

/** Why each reference of a push stays as it is: those that may not be changed, and those that were pushed with them. */
export async function reasons(
  commands: readonly PushCommand[],
  why: string,
  ask: Ask,
): Promise<RefusedCommand[]> {
  const named = commands.map(({ name }) => ({ name, reason: why }));
  if (commands.length < 2 || commands.length > MOST_ASKED) return named;
  const found = new Map<string, string>();
  for (const command of commands) {
    const own = await ask(referencesOf([command]));
    if (own !== undefined) found.set(command.name, own);
  }
  if (found.size === 0) return named;
  const [first] = found.keys();
  return named.map(({ name }) => ({
    name,
    reason: found.get(name) ?? `not pushed, since ${first} was refused`,
  }));
}

/** @returns undefined where the client takes no report, or nothing is pushed */
export function refusedPush(
  { body, push: { commands, capabilities } }: { body: Readable; push: PushHead },
  refused: readonly RefusedCommand[],
): WireResponse | undefined {
  const report = commands.length > 0 ? refusalReport(refused, capabilities) : undefined;
  if (!report) return undefined;
  // A client that sends a pack listens when it has sent it; one that only deletes sends none, and ends after the answer.
  const sendsPack = commands.some(({ newId }) => newId !== undefined);
  return {
    status: 200,
    headers: {
      'content-type': 'application/x-git-receive-pack-result',
      'cache-control': 'no-cache',
    },
    body: Readable.from(reportAfter(body, sendsPack, report), { objectMode: false }),
  };
}

async function* reportAfter(body: Readable, sendsPack: boolean, report: Buffer) {
  body.resume();
  // Who has gone hears nothing.
  if (sendsPack) await finished(body, { writable: false }).catch(() => undefined);
  yield report;
}
