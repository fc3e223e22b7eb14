import type { Logger } from 'pino';
import type { AuthorizeOptions } from '../aws/context.ts';
import type { Authorizer, CredentialStore, Principal } from '../aws/principal.ts';
import type { Blobs } from '../blobs/blobs.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/database.ts';
import type { Engine } from '../engine/engine.ts';
import type { Events } from '../engine/events.ts';
import type { Executors } from '../executors/several.ts';
import type { GitHost } from '../git/git-host.ts';
import type { Clock } from '../lib/clock.ts';
import type { DiskReserve } from '../lib/disk-reserve.ts';
import type { Vault } from '../lib/vault.ts';
import type { Balancers } from '../network/balancing/balancers.ts';
import type { Mailer } from '../network/mail.ts';
import type { Outbound } from '../network/outbound.ts';
import type { Certificates } from './certificates.ts';
import type { Quotas } from './quotas.ts';
import type { SessionTarget } from './session-target.ts';

/** For whom an in-process client acts. */
export type ActAs =
  /** As a principal. For the one who makes the current call, `forwarded` (kit/forwarded.ts) says it. */
  | {
      principal: Principal;
      region: string;
      /** The services through which the principal's call has come, as in ARNs: the calling one is the last. */
      via?: readonly string[];
      accessKeyId?: string | undefined;
    }
  /**
   * The service assumes `roleArn`, whose trust policy must name `service` (such as `codepipeline.amazonaws.com`).
   * `sourceArn`: the resource that it works for, whose account the role must be of: aws:SourceArn and aws:SourceAccount.
   * `byRoleArn`: a role to assume first, and `roleArn` from there (an action's own role, which may be another account's).
   */
  | {
      service: string;
      roleArn: string;
      sourceArn: string;
      byRoleArn?: string;
      sessionName: string;
      region: string;
    }
  /**
   * As the service itself, for `sourceArn`: where the policy of a resource names the service, or, for what no policy
   * speaks of, by `may` (actions such as `iam:GetRole`, in the account of `sourceArn` alone).
   */
  | {
      service: string;
      sourceArn: string;
      /** aws:SourceAccount, where the ARN names none, as a bucket's. */
      sourceAccount?: string;
      region: string;
      may?: readonly string[];
    };

/** A client class of an `@aws-sdk/client-*` package. */
// biome-ignore lint/suspicious/noExplicitAny: each client class has a configuration type of its own
export type ClientClass<T> = new (config: any) => T;

/** What the house gives to every service: the server without a request. */
export interface Platform extends Database {
  config: Config;
  clock: Clock;
  engine: Engine;
  events: Events;
  blobs: Blobs;
  git: GitHost;
  /** What builds run on, and other work. */
  executors: Executors;
  /** The disk that the data directory lies on. */
  disk: Pick<DiskReserve, 'isFull' | 'requireRoom' | 'fullSince' | 'bytes'>;
  vault: Vault;
  /** The one way by which requests that users configure (webhooks) leave the server. */
  outbound: Outbound;
  /** What listeners of load balancers show to clients that speak TLS. */
  certificates: Certificates;
  /** Load balancers' listeners, on ports of this machine. */
  balancers: Balancers;
  /** The way by which mail leaves. */
  mail: Mailer;
  /** What accounts may have of what, and whether they may have more. */
  quotas: Quotas;
  /** What a session can be opened on, by the name that Session Manager has for it; undefined where there is none. */
  sessionTarget(
    owner: { accountId: string; region: string },
    target: string,
  ): Promise<SessionTarget | undefined>;
  log: Logger;
  credentials: CredentialStore;
  authorizer: Authorizer;
  /** Base URL of this server for programs on this machine, such as builds: known once it listens. */
  serverEndpoint(): string;
  /** Where git over SSH is, and the fingerprint of its host key; undefined where it is off. */
  ssh(): { port: number; fingerprint: string } | undefined;
  /** Resolves when the observers of calls have written what this server has answered so far. */
  recorded(): Promise<void>;
  /**
   * A real SDK client of another service (or this one) whose requests go to the dispatcher without a socket.
   * @throws AccessDeniedException (on first use) when the role does not exist or does not trust the service.
   */
  client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T;
  /** Does anybody answer for a service, by its signing name: this server, or an upstream? `notServed` says who does not. */
  reaches(service: string): boolean;
  /**
   * Asks IAM whether one may do this for whom a service acts: where AWS asks for a permission and publishes no operation.
   * @throws AccessDeniedException in AWS's words, also when the role does not exist or does not trust the service
   */
  authorizeAs(
    actAs: ActAs,
    action: string,
    resource: string,
    options?: AuthorizeOptions,
  ): Promise<void>;
}
