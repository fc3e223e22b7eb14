import type { Api } from '../aws/api.ts';
import type { RequestFacts } from '../aws/context.ts';
import type { AnyOperations } from '../aws/operation.ts';
import type { Route as AnyRoute } from '../aws/routes.ts';
import type { Migration } from '../db/database.ts';
import type { Reconciler } from '../engine/engine.ts';
import type { Subscription } from '../engine/events.ts';
import type { Platform } from './platform.ts';
import type { Provides } from './provides.ts';
import type { QuotaCatalogue } from './quotas.ts';
import type { AnyResource } from './resource.ts';

export type { ActAs, ClientClass, Platform } from './platform.ts';

/** What an operation gets: the server and the call. */
export interface ServiceContext extends Platform, RequestFacts {}

/** A path that is no AWS API: git over HTTP, badges. */
export type Route<S = unknown> = AnyRoute<Platform, S>;

export interface ServiceDefinition {
  /** Folder name, which is also the contract file's: `codebuild`. */
  name: string;
  /** The APIs it speaks; usually one, from the client package by `apiOf(client)`. */
  apis: { api: Api; operations: AnyOperations }[];
  migrations: Migration[];
  /** The kinds of resources whose tags policies may ask for as `aws:ResourceTag/…`. */
  resources?: AnyResource[];
  reconcilers?: Reconciler<Platform>[];
  subscriptions?: Subscription<Platform>[];
  // biome-ignore lint/suspicious/noExplicitAny: each route has subjects of its own
  routes?: Route<any>[];
  /** The quotas that it enforces and that can be raised. */
  quotas?: QuotaCatalogue;
  /** What the house has from this service. */
  provides?: Partial<Provides>;
}

export function defineService(definition: ServiceDefinition): ServiceDefinition {
  const { name: contract } = definition;
  const apis = definition.apis.map(({ api, operations }) => ({
    api: { contract, ...api },
    operations,
  }));
  return { ...definition, apis };
}
