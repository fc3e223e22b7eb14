import type { WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import type { Principal } from '../../../aws/principal.ts';
import type { AdmittedCall } from '../../../aws/routes.ts';
import type { Platform } from '../../../kit/platform.ts';
import { postedBody } from '../../../kit/posted-body.ts';
import { ownValue } from '../../../lib/own.ts';
import { printable } from '../../../lib/printable.ts';
import { HELD_MS } from '../limits.ts';
import { type Draft, type Report, workOf } from '../model/draft.ts';
import { type Command, type Environment, storageBucket } from '../model/environment.ts';
import { checkOf, portOf, propertiesOf } from '../model/settings.ts';
import { settle } from '../reconcilers/environment.ts';
import { environmentKey, FLEET, instanceTopic } from '../reconcilers/names.ts';
import { findEnvironment } from '../store/environments.ts';

const MOST_BYTES = 64 * 1024;
const WITHIN_MS = 20_000;
const MOST_WORDS = 1000;

/** What an instance brings: its report, and the commands that it knows. */
interface Brought extends Report {
  /** The last command that it has begun. */
  seen: number;
  /** Logs that it has put where it was told to. */
  tail?: { number: number; url?: string };
}

/** One report: what it says is written, and it is answered as soon as there is something to do, or after a while. */
export async function report(
  platform: Platform,
  { request, caller, labels }: AdmittedCall<unknown>,
): Promise<WireResponse> {
  const { environment: id = '', instance = '' } = labels;
  if (!caller) throw new HttpError(401, 'Unauthorized');
  const { principal, region = platform.config.region } = caller;
  const owner = { accountId: principal.accountId, region };
  requireInstance(principal, owner, instance);
  const body = await postedBody(request.body, { most: MOST_BYTES, withinMs: WITHIN_MS });
  const brought = read(body);
  const key = environmentKey({ ...owner, id });
  const known = await platform.transaction(async (tx) => {
    const changed = await settle(platform, tx, key, (draft) =>
      take(draft, instance, brought, platform.serverEndpoint()),
    );
    if (changed && !changed.result) await platform.engine.wake(tx, FLEET, key);
    return changed?.result;
  });
  if (known === undefined) throw new HttpError(404, 'There is no such environment.');
  // It may be a moment until its group is known to have it.
  if (!known) throw new HttpError(409, 'The instance is not one of the environment yet.');
  const until = new Date(platform.clock.now().getTime() + HELD_MS);
  const look = async () => {
    const found = await findEnvironment(platform.db, owner, id);
    // Nothing more comes of one that ends.
    if (!found || !workOf(found)) return {};
    const told = newFor(found, instance, brought);
    return told && { ...told, ...ways(platform, found, instance) };
  };
  const wait = { until, ...(request.signal && { signal: request.signal }) };
  return json((await platform.engine.heard(instanceTopic(key, instance), look, wait)) ?? {});
}

function take(
  draft: Draft,
  instance: string,
  { tail, seen: _, ...said }: Brought,
  endpoint: string,
): boolean {
  const known = draft.reported(instance, said);
  // People are led there: nowhere else than to where the instance was told to put its logs.
  const at = `/${storageBucket(draft.state)}/${tailPrefix(draft.state, instance)}`;
  const isThere = tail?.url?.startsWith(new URL(at, endpoint).href);
  if (known && tail?.url !== undefined && isThere) draft.tailed(instance, tail.number, tail.url);
  return known;
}

const tailPrefix = ({ id }: Environment, instance: string) =>
  `resources/environments/logs/tail/${id}/${instance}/`;

/** EC2 alone makes a session for an instance: whoever may assume its role cannot say that he is one. */
function requireInstance(
  principal: Principal,
  { accountId, region }: { accountId: string; region: string },
  instance: string,
): void {
  const arn = `arn:aws:ec2:${region}:${accountId}:instance/${instance}`;
  const isIt =
    principal.type === 'assumed-role' &&
    principal.issuedTo?.service === 'ec2.amazonaws.com' &&
    principal.issuedTo.sourceArn === arn;
  if (!isIt) throw new HttpError(403, 'These are not the credentials of the instance.');
}

interface Told {
  command?: Command;
  tail?: { number: number };
}

function newFor(
  { body }: Environment,
  instance: string,
  { seen, tail }: Brought,
): Told | undefined {
  const record = body.instances[instance];
  // It has gone: nothing is for it any more.
  if (!record) return undefined;
  const { command, phase } = record;
  const isNew = phase === 'told' && command.number !== seen;
  const wanted = body.tail;
  const logs = wanted && !wanted.urls[instance] && wanted.number !== tail?.number;
  if (!isNew && !logs) return undefined;
  return {
    ...(isNew && { command }),
    ...(logs && { tail: { number: wanted.number } }),
  };
}

/** How the application is run: environment properties come with each command. */
const ways = (platform: Platform, environment: Environment, instance: string) => ({
  ...{ properties: propertiesOf(environment), port: portOf(environment) },
  check: checkOf(environment),
  logs: {
    bucket: storageBucket(environment),
    prefix: tailPrefix(environment, instance),
    endpoint: platform.serverEndpoint(),
  },
});

/** @throws HttpError for what no agent says */
function read(body: Buffer): Brought {
  let said: Record<string, unknown>;
  try {
    said = JSON.parse(body.toString('utf8'));
  } catch {
    throw new HttpError(400, 'That is no report.');
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said))
    throw new HttpError(400, 'That is no report.');
  const part = (name: string): Record<string, unknown> | undefined => {
    const value = ownValue(said, name);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  };
  const words = (value: unknown) =>
    typeof value === 'string' && value !== '' ? printable(value.slice(0, MOST_WORDS)) : undefined;
  const [runs, system, tail] = [part('runs'), part('system'), part('tail')];
  const failure = words(said.failure);
  const unwell = words(said.unwell);
  const label = words(runs?.label);
  const url = addressOf(tail?.url);
  return {
    ...{ seen: count(said.seen), finished: count(said.finished) },
    ...(failure !== undefined && { failure }),
    ...(unwell !== undefined && { unwell }),
    ...(label !== undefined && { runs: { label, deployment: count(runs?.deployment) } }),
    ...(system !== undefined && { system: systemOf(system) }),
    // One without an address is still being put there, or could not be.
    ...(tail && { tail: { number: count(tail.number), ...(url !== undefined && { url }) } }),
  };
}

const LONGEST_ADDRESS = 4096;

const addressOf = (value: unknown): string | undefined =>
  typeof value === 'string' &&
  value.length <= LONGEST_ADDRESS &&
  /^https?:\/\//.test(value) &&
  URL.canParse(value)
    ? new URL(value).href
    : undefined;

const count = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;

function systemOf(said: Record<string, unknown>): NonNullable<Report['system']> {
  const number = (value: unknown) =>
    typeof value === 'number' && Number.isFinite(value) ? Math.round(value * 100) / 100 : 0;
  const load = Array.isArray(said.load) ? said.load.slice(0, 3).map(number) : [];
  const cpu = (said.cpu ?? {}) as Record<string, unknown>;
  return {
    load,
    cpu: { user: number(cpu.user), system: number(cpu.system), idle: number(cpu.idle) },
  };
}

const json = (answer: object): WireResponse => ({
  ...{ status: 200, headers: { 'content-type': 'application/json' } },
  body: JSON.stringify(answer),
});
