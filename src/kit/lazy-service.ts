import type { ApiFacts } from '../aws/api.ts';
import { type Implementation, mergePrefixes, type Served } from '../aws/dispatcher.ts';
import type { Migration } from '../db/database.ts';
import type { Reconciler } from '../engine/engine.ts';
import type { Subscription } from '../engine/events.ts';
import { faceOf, type Manifest, type Registered } from './manifest.ts';
import type { Platform } from './platform.ts';
import type { Provides } from './provides.ts';
import type { QuotaCatalogue } from './quotas.ts';
import { findTags } from './resource.ts';
import type { TagFinder } from './resource-tags.ts';
import type { Route, ServiceDefinition } from './service.ts';

/** A service as the house works with it: whole to whoever asks, loaded by the first call, wake-up or event. */
export interface LazyService {
  name: string;
  served: Served[];
  migrations: Migration[];
  reconcilers: Reconciler<Platform>[];
  subscriptions: Subscription<Platform>[];
  // biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
  routes: Route<any>[];
  quotas: QuotaCatalogue | undefined;
  provides: Partial<Provides>;
  tagsOf: TagFinder;
}

/** Loads of a service what a start needs, which is no client package. */
export async function lazyService({ manifest, load }: Registered): Promise<LazyService> {
  const { name, parts, quotas } = manifest;
  let definition: Promise<ServiceDefinition> | undefined;
  const whole = () => {
    definition ??= load().then((loaded) => loaded.default);
    return definition;
  };
  return {
    ...{ name, quotas },
    served: servedOf(manifest, whole, await parts.facts?.()),
    migrations: manifest.migrations.map((migration) => lazyMigration(migration, manifest)),
    reconcilers: manifest.reconcilers.map((facts) => lazyReconciler(facts, manifest, whole)),
    subscriptions: manifest.subscriptions.map((facts) => ({
      ...facts,
      ...(parts.wants && {
        wants: async (tx, event) =>
          (await (await parts.wants?.())?.[facts.name]?.(tx, event)) ?? true,
        mayWant: async (tx, kind) =>
          (await (await parts.wants?.())?.[facts.name]?.may?.(tx, kind)) ?? true,
      }),
      async deliver(ctx, event) {
        const { subscriptions } = await whole();
        await named(subscriptions, facts.name).deliver(ctx, event);
      },
    })),
    routes: (await parts.routes?.()) ?? [],
    provides: (await parts.provides?.()) ?? {},
    tagsOf: async (db, arn) => findTags((await whole()).resources ?? [], db, arn),
  };
}

function servedOf(
  { apis }: Manifest,
  whole: () => Promise<ServiceDefinition>,
  facts: ApiFacts | undefined,
): Served[] {
  let merged: Promise<Implementation[]> | undefined;
  const implementations = () => {
    merged ??= whole().then((service) => mergePrefixes(service.apis));
    return merged;
  };
  return apis.map((api, index) => ({
    face: faceOf(api, index === 0 ? facts : undefined),
    async load() {
      const found = (await implementations())[index];
      if (!found) throw stale(api.name);
      return found;
    },
  }));
}

function lazyMigration(name: string, { parts }: Manifest): Migration {
  return {
    name,
    async up(tx) {
      await named(await parts.migrations?.(), name).up(tx);
    },
  };
}

function lazyReconciler(
  { name, concurrency, longestMs, stays, sweeps }: Manifest['reconcilers'][number],
  { parts }: Manifest,
  whole: () => Promise<ServiceDefinition>,
): Reconciler<Platform> {
  return {
    name,
    ...(concurrency !== undefined && { concurrency }),
    ...(longestMs !== undefined && { longestMs }),
    ...(stays && { stays }),
    async reconcile(...run) {
      return named((await whole()).reconcilers, name).reconcile(...run);
    },
    ...(sweeps && {
      async sweep(platform) {
        const sweep = (await parts.sweeps?.())?.[name];
        if (!sweep) throw stale(name);
        return sweep(platform);
      },
    }),
  };
}

function named<T extends { name: string }>(list: readonly T[] | undefined, name: string): T {
  const found = list?.find((one) => one.name === name);
  if (!found) throw stale(name);
  return found;
}

function stale(name: string): Error {
  return new Error(`The manifest names ${name}, which is not there: run \`npm run generate\`.`);
}
