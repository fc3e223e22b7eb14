import type { Authorizer, Conditions, CredentialStore } from '../aws/principal.ts';
import type { Note } from '../aws/record.ts';
import type { Config } from '../config.ts';
import type { OpenDatabase } from '../db/database.ts';
import type { Events } from '../engine/events.ts';
import type { Clock } from '../lib/clock.ts';
import type { RootKeys } from '../lib/root-key.ts';
import type { Vault } from '../lib/vault.ts';
import type { FindCertificate, FindCertificateUsers } from './certificates.ts';
import type { Lint } from './lint/lint.ts';
import type { Platform } from './platform.ts';
import type { RaisedQuota } from './quotas.ts';
import type { SessionTarget } from './session-target.ts';
import type { SignIn } from './sign-in.ts';

/** What there is before any service: what those stand on who provide for the house. */
export interface Foundation {
  config: Pick<Config, 'auth'>;
  database: OpenDatabase;
  vault: Vault;
  clock: Clock;
  rootKeys: RootKeys;
  /** Condition keys of the tags of what an ARN names. */
  resourceTags(resource: string): Promise<Conditions>;
  /** What is published, once the server stands. */
  events(): Pick<Events, 'publish' | 'mayWant'>;
  /** Told of what failed and nobody waits for. */
  failed(error: unknown, what: string): void;
}

/** Is told of each call once it is answered. */
export interface CallObserver {
  note: Note;
  /** Resolves when what was noted is written. */
  settled(): Promise<void>;
}

/** Finds the target of an account and region by what stands behind its prefix. */
export type FindSessionTarget = (
  platform: Platform,
  owner: { accountId: string; region: string },
  id: string,
) => Promise<SessionTarget | undefined>;

/** What is known of the repositories on this server. */
interface RepositoryFacts {
  /** The key by which one lies sealed, 32 bytes: always the same one. */
  key(platform: Platform, repositoryId: string): Promise<Uint8Array>;
  /** Whether there is such a one, and has not been deleted. */
  exist(platform: Platform, repositoryId: string): Promise<boolean>;
}

/**
 * What the house needs of services, and has from no other place: it imports none of them. A service offers it by
 * `provides` in its definition.
 */
export interface Provides {
  /** Whose key is this? */
  credentials(foundation: Foundation): CredentialStore;
  /** May this principal do that? */
  authorizer(foundation: Foundation): Authorizer;
  /** Who signs in to the console by a password; without it, nobody does. */
  signIn(foundation: Foundation): SignIn;
  /** What an account was raised to; without it, nobody is. */
  raisedQuota: RaisedQuota;
  repositories: RepositoryFacts;
  /** Finds certificates of listeners by their ARNs. Several services may have some. */
  certificate: FindCertificate;
  /** Names what uses one. Several services may. */
  certificateUsers: FindCertificateUsers;
  /** Whom each call is told to. Several services may have one. */
  observer(foundation: Foundation): CallObserver;
  /** By kind of definition: says of one what the service would, without a server (src/lint.ts). Several services may have some. */
  lints: Readonly<Record<string, () => Promise<Lint>>>;
  /** By the prefix of their names: finds what Session Manager opens sessions on. Several services may have some. */
  sessionTargets: Readonly<Record<string, () => Promise<FindSessionTarget>>>;
}

/** Parts that several services may have: each is joined by who uses it. */
const SHARED = ['observer', 'lints', 'sessionTargets', 'certificate', 'certificateUsers'] as const;

type Single = Omit<Provides, (typeof SHARED)[number]>;

/** What all services provide together. */
export interface Provided extends Omit<Single, 'raisedQuota' | 'repositories' | 'signIn'> {
  raisedQuota: RaisedQuota | undefined;
  repositories: RepositoryFacts | undefined;
  signIn: Provides['signIn'] | undefined;
  observers: Provides['observer'][];
}

const isShared = (part: string) => SHARED.some((shared) => shared === part);

const REQUIRED = ['credentials', 'authorizer'] as const;

/** @throws Error when two services provide the same, or nobody what the house cannot be without */
export function joinProvides(
  services: readonly { name: string; provides?: Partial<Provides> }[],
): Provided {
  const found: Partial<Single> = {};
  const givers = new Map<string, string>();
  const observers: Provides['observer'][] = [];
  for (const { name, provides = {} } of services) {
    if (provides.observer) observers.push(provides.observer);
    const single = Object.entries(provides).filter(([part]) => !isShared(part));
    for (const [part] of single) {
      const other = givers.get(part);
      if (other !== undefined) throw new Error(`Both ${other} and ${name} provide ${part}.`);
      givers.set(part, name);
    }
    Object.assign(found, Object.fromEntries(single));
  }
  const missing = REQUIRED.filter((part) => !found[part]);
  if (missing.length > 0) throw new Error(`No service provides ${missing.join(', ')}.`);
  const { raisedQuota, repositories, signIn } = found;
  return { ...(found as Single), raisedQuota, repositories, signIn, observers };
}
