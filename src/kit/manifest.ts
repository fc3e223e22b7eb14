import type { ApiFace, ApiFacts } from '../aws/api.ts';
import { mergePrefixes } from '../aws/dispatcher.ts';
import { protocolNamed } from '../aws/protocols/by-shape.ts';
import type { Migration, Tx } from '../db/database.ts';
import type { AwsEvent, EventKind, EventPattern } from '../engine/events.ts';
import type { Platform } from './platform.ts';
import type { Provides } from './provides.ts';
import type { QuotaCatalogue } from './quotas.ts';
import type { Route, ServiceDefinition } from './service.ts';

/** By reconciler: keys whose wake-up may have been missed. */
export type Sweeps = Record<string, (platform: Platform) => Promise<string[]>>;

/** By subscription that does not want all events of its pattern: does it want this one? Asked where the event is published. */
export type Wants = Record<string, Want>;

interface Want {
  (tx: Tx, event: AwsEvent): Promise<boolean>;
  /** Might it want an event of this kind? */
  may?(tx: Tx, kind: EventKind): Promise<boolean>;
}

/** Parts of a service that are used without the rest. None imports a client package: they are there from the start. */
export interface Parts {
  /** `migrations/index.ts`, where the database lacks one. */
  migrations: Migration[];
  /** `provides.ts` */
  provides: Partial<Provides>;
  /** `sweeps.ts` */
  sweeps: Sweeps;
  /** `wants.ts` */
  wants: Wants;
  /** `routes/index.ts` */
  // biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
  routes: Route<any>[];
  /** `facts.ts`: what its client package does not tell of its first API, and a request may be recognised by. */
  facts: ApiFacts;
}

/** What an API's requests are told by. */
interface ApiManifest {
  name: string;
  hosts?: string[];
  protocols: string[];
  targetPrefix?: string;
  version?: string;
  /** Of Query APIs alone, whose requests may say nothing else. */
  operations?: string[];
}

/** What the house knows of a service that is not loaded. Generated from its definition by `npm run generate`. */
export interface ManifestFacts {
  /** Folder name. */
  name: string;
  apis: ApiManifest[];
  migrations: string[];
  reconcilers: {
    name: string;
    concurrency?: number;
    longestMs?: number;
    stays?: true;
    sweeps?: boolean;
  }[];
  subscriptions: { name: string; pattern: EventPattern; inOrder?: boolean; watches?: true }[];
  quotas?: QuotaCatalogue;
}

export interface Manifest extends ManifestFacts {
  parts: { [P in keyof Parts]?: () => Promise<Parts[P]> };
}

/** A service as the registry has it: what its `manifest.ts` exports. */
export interface Registered {
  manifest: Manifest;
  load(): Promise<{ default: ServiceDefinition }>;
}

/** Reads the manifest's facts out of a definition. */
export function manifestOf(service: ServiceDefinition): ManifestFacts {
  const { name, migrations, reconcilers = [], subscriptions = [], quotas } = service;
  return {
    name,
    apis: mergePrefixes(service.apis).map(({ api }) => ({
      name: api.name,
      ...(api.hosts !== undefined && { hosts: api.hosts }),
      protocols: api.protocols.map((protocol) => protocol.name),
      ...(api.targetPrefix !== undefined && { targetPrefix: api.targetPrefix }),
      ...(api.version !== undefined && { version: api.version }),
      ...(api.protocols.some((protocol) => protocol.name === 'query') && {
        operations: Object.keys(api.operations),
      }),
    })),
    migrations: migrations.map((migration) => migration.name),
    reconcilers: reconcilers.map((reconciler) => ({
      name: reconciler.name,
      ...(reconciler.concurrency !== undefined && { concurrency: reconciler.concurrency }),
      ...(reconciler.longestMs !== undefined && { longestMs: reconciler.longestMs }),
      ...(reconciler.stays && { stays: reconciler.stays }),
      ...(reconciler.sweep && { sweeps: true }),
    })),
    subscriptions: subscriptions.map((subscription) => ({
      name: subscription.name,
      pattern: subscription.pattern,
      ...(subscription.watches && { watches: subscription.watches }),
      ...(subscription.inOrder && { inOrder: true }),
    })),
    ...(quotas && { quotas }),
  };
}

/** How requests are told to be an API's, before it is loaded. @param facts those of `facts.ts`, where the service has them */
export function faceOf(
  { protocols, operations = [], ...api }: ApiManifest,
  facts: ApiFacts = {},
): ApiFace {
  const [first = '', ...more] = protocols;
  const named = () => [protocolNamed(first), ...more.map(protocolNamed)] as const;
  const { anonymous, signing, forms } = facts;
  return {
    ...api,
    protocols: facts.protocols ?? named(),
    operations: Object.fromEntries(operations.map((operation) => [operation, true])),
    ...{ anonymous, signing, forms },
  };
}

/** A definition that is there already, as the registry would have it. */
export function registered(service: ServiceDefinition): Registered {
  const { migrations, provides, routes, reconcilers = [], apis } = service;
  const wants: Wants = Object.fromEntries(
    (service.subscriptions ?? []).flatMap(({ name, wants }) => (wants ? [[name, wants]] : [])),
  );
  const sweeps: Sweeps = Object.fromEntries(
    reconcilers.flatMap(({ name, sweep }) => (sweep ? [[name, sweep]] : [])),
  );
  const given = { migrations, provides, routes, sweeps, wants, facts: apis[0]?.api };
  const parts = Object.entries(given).filter(([, part]) => part !== undefined);
  return {
    manifest: {
      ...manifestOf(service),
      parts: Object.fromEntries(parts.map(([name, part]) => [name, async () => part])),
    },
    load: async () => ({ default: service }),
  };
}
