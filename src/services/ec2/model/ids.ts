import { createHash, randomBytes } from 'node:crypto';

const DIGITS = 17;

/** `i-0123456789abcdef0` */
export const newId = (prefix: string): string => `${prefix}-0${randomBytes(8).toString('hex')}`;

/** An id that follows from what it stands for: of the default VPC, which every account has. */
export function derivedId(prefix: string, ...of: string[]): string {
  const digest = createHash('sha256').update(of.join('\0')).digest('hex');
  return `${prefix}-${digest.slice(0, DIGITS)}`;
}

const ID = /^([a-z]+)-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

/** Which kind of resource an id is of; undefined for what is no id. */
export const prefixOf = (id: string): string | undefined => ID.exec(id)?.[1];
