import type { Tx } from '../db/database.ts';
import { ownValue } from '../lib/own.ts';
import { UsageError } from '../lib/start-error.ts';

/** A quota of a service as Service Quotas shows it. */
export interface Quota {
  /** AWS's: `L-ACCF6C0D`. */
  code: string;
  name: string;
  /** AWS's default. */
  value: number;
  /** One value for all regions, kept in us-east-1. */
  global?: boolean;
}

/** What a service says of its quotas: those that can be raised and that AWS's code is known of. */
export interface QuotaCatalogue {
  /** `AWS CodeBuild` */
  serviceName: string;
  quotas: readonly Quota[];
}

/** Whose quota. */
export interface QuotaOwner {
  accountId: string;
  region: string;
}

/** What an account was raised to; undefined when it was not. Service Quotas provides it. */
export type RaisedQuota = (
  tx: Tx,
  owner: QuotaOwner,
  service: string,
  code: string,
) => Promise<number | undefined>;

/** The quotas of all services. */
export interface Quotas {
  /** By service: `codebuild`. */
  catalogues: ReadonlyMap<string, QuotaCatalogue>;
  /** AWS's default, or what this server is configured with. */
  applied(service: string, quota: Quota): number;
  /** What holds now, for the account in the region. */
  value(tx: Tx, owner: QuotaOwner, service: string, quota: Quota): Promise<number>;
}

interface Quoted {
  name: string;
  quotas?: QuotaCatalogue;
}

/**
 * Joins the quotas that services declare with what raises them.
 * @param raised what single accounts were raised to
 * @param configured values for every account, by `codebuild/L-ACCF6C0D`
 * @throws UsageError when `configured` names one that there is not
 */
export function makeQuotas(
  services: readonly Quoted[],
  configured: Record<string, number> = {},
  raised?: RaisedQuota,
): Quotas {
  const catalogues = new Map(
    services.flatMap(({ name, quotas }) => (quotas ? [[name, quotas] as const] : [])),
  );
  const known = new Set(
    [...catalogues].flatMap(([name, { quotas }]) => quotas.map(({ code }) => `${name}/${code}`)),
  );
  const unknown = Object.keys(configured).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw new UsageError(
      `--quotas names ${unknown}, which is no quota here. There are: ${[...known].join(', ')}.`,
    );
  }
  const applied = (service: string, quota: Quota) =>
    ownValue(configured, `${service}/${quota.code}`) ?? quota.value;
  return {
    catalogues,
    applied,
    async value(tx, owner, service, quota) {
      return (
        (await raised?.(tx, ownerOf(owner, quota), service, quota.code)) ?? applied(service, quota)
      );
    },
  };
}

/** Where a quota is kept: global ones in one region for all. */
export function ownerOf({ accountId, region }: QuotaOwner, quota: Quota): QuotaOwner {
  return { accountId, region: quota.global ? 'us-east-1' : region };
}
