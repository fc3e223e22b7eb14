import { setTimeout as later } from 'node:timers/promises';
import type { Platform } from '../../../kit/service.ts';
import { workOf } from '../model/advance.ts';
import { METADATA_ADDRESS, READY, SERVER_PORT, SHUT_DOWN, TOOLS } from '../model/boot.ts';
import type { Instance, TaggedInstance } from '../model/instance.ts';
import { settle } from '../reconcilers/instance.ts';
import { instanceKey, instanceTopic } from '../reconcilers/names.ts';
import { findInstance } from '../store/instances.ts';
import { tagsOfOne } from '../store/tags.ts';
import { openTunnel } from './tunnel.ts';

/** A tunnel that breaks while its instance runs is made anew after this. */
const AGAIN_MS = 1000;
const FAR_OFF_MS = 365 * 24 * 60 * 60_000;

/**
 * Stays with an instance that runs: its metadata is answered, and its end is told. Returns when there is something else to do, which
 * another server may have written.
 */
export async function serve(
  platform: Platform,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  const { handle, boots } = instance;
  const key = instanceKey(instance, instance.id);
  if (handle === undefined) throw new Error(`${instance.id} runs nowhere`);
  const enough = new AbortController();
  const over = AbortSignal.any([signal, enough.signal]);
  const until = new Date(platform.clock.now().getTime() + FAR_OFF_MS);
  const other = platform.engine.heard(
    instanceTopic(key),
    async () => {
      const now = await findInstance(platform.db, instance, instance.id);
      return now && workOf(now) === 'serve' && now.boots === boots ? undefined : true;
    },
    { until, signal: over },
  );
  const tunnels = keepTunnel(platform, instance, over);
  // It waits for the end of them below.
  tunnels.catch(() => {});
  try {
    const ended = platform.executors
      .wait(handle, over)
      .catch((error) => (over.aborted ? undefined : Promise.reject(error)));
    const exit = await Promise.race([ended, other.then(() => undefined)]);
    if (!exit || signal.aborted) return;
    const byItself = exit.kind === 'exited' && exit.status === SHUT_DOWN;
    await platform.transaction((tx) =>
      settle(platform, tx, key, (draft) => draft.ended(boots, byItself)),
    );
  } finally {
    enough.abort();
    await Promise.allSettled([tunnels, other]);
  }
}

/** One tunnel after another, while the instance runs. */
async function keepTunnel(
  platform: Platform,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await oneTunnel(platform, instance, signal);
    } catch (error) {
      if (!signal.aborted)
        platform.log.warn(
          { err: error, instance: instance.id },
          'The metadata of an instance cannot be served',
        );
    }
    await later(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

async function oneTunnel(
  platform: Platform,
  instance: Instance,
  signal: AbortSignal,
): Promise<void> {
  const { handle = '', boots } = instance;
  const places = [`metadata=${METADATA_ADDRESS}:80`, `server=127.0.0.1:${SERVER_PORT}`];
  const exec = await platform.executors.exec(handle, [
    // What Node has to say beside would come between: both streams are one here.
    ...['/bin/sh', '-c', 'exec "$@" 2>/dev/null', 'tunnel'],
    ...[`${TOOLS}/bin/node`, '--disable-warning=ExperimentalWarning', '--max-semi-space-size=1'],
    ...[`${TOOLS}/src/agent/instance/tunnel.ts`, READY, ...places],
  ]);
  const tunnel = await openTunnel(platform, exec, () => loadTagged(platform, instance));
  const close = () => void tunnel.close();
  signal.addEventListener('abort', close);
  if (signal.aborted) close();
  try {
    const ready = tunnel.ready.then(() => 'ready' as const);
    const failed = await Promise.race([tunnel.closed, ready]);
    if (failed !== 'ready')
      throw new Error(failed ?? 'the program that serves it in the instance has ended');
    const key = instanceKey(instance, instance.id);
    await platform.transaction((tx) => settle(platform, tx, key, (draft) => draft.answers(boots)));
    await tunnel.closed;
  } finally {
    signal.removeEventListener('abort', close);
    await tunnel.close();
  }
}

export async function loadTagged(
  { db }: Pick<Platform, 'db'>,
  { accountId, region, id }: Pick<Instance, 'accountId' | 'region' | 'id'>,
): Promise<TaggedInstance | undefined> {
  const found = await findInstance(db, { accountId, region }, id);
  if (!found) return undefined;
  const tags = await tagsOfOne(db, found, id);
  return { ...found, tags };
}
