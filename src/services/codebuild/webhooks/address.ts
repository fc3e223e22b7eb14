import { createHash, randomBytes } from 'node:crypto';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import type { Owner } from '../store/tables.ts';

/** Where forges tell of changes; the rest of the path is a webhook's own address. */
export const WEBHOOKS = '/_slipway/codebuild/webhooks';

/** Nobody guesses 256 bits. */
export const newAddress = () => randomBytes(32).toString('base64url');
export const newSecret = () => randomBytes(32).toString('base64url');

/** By which an address is found: the database's index has no secrets. */
export const hashOf = (address: string) => createHash('sha256').update(address).digest('hex');

export const urlOf = (ctx: Pick<Platform, 'config' | 'serverEndpoint'>, address: string) =>
  `${publicUrl(ctx)}${WEBHOOKS}/${address}`;

/** A secret is sealed for the webhook of its project. */
export const secretSealedFor = ({ accountId, region }: Owner, project: string) =>
  `codebuild webhook ${accountId}/${region}/${project}`;
