import { createHash } from 'node:crypto';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import { invalidInput } from '../errors.ts';
import { LONGEST_TOKEN, PAGE_SIZE } from '../limits.ts';
import { RuleError } from '../model/rule-error.ts';

/** Runs pure rules; what they refuse is the caller's mistake. */
export function ruled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RuleError) throw invalidInput(error.message);
    throw error;
  }
}

/** What the caller of a list asked for. @throws InvalidInputException for a token that is none */
export function asked(input: { nextToken?: string | undefined; maxResults?: number | undefined }) {
  return {
    token: input.nextToken,
    limit: input.maxResults ?? PAGE_SIZE,
    refuse: () => invalidInput('Invalid nextToken provided'),
  };
}

/** What tells a call from another one with the same idempotency token. */
export function digestOf(input: object): string {
  const sorted = Object.fromEntries(Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(encodeJson(sorted)).digest('hex');
}

/** CB-J12 */
export function checkToken({ idempotencyToken = '' }: { idempotencyToken?: string | undefined }) {
  if (idempotencyToken.length > LONGEST_TOKEN)
    throw invalidInput(`An idempotency token has ${LONGEST_TOKEN} characters at most`);
}

/** User name; `role/session`; the account for root. */
export function initiator({ principal }: ServiceContext): string {
  if (principal.type === 'user') return principal.userName;
  if (principal.type === 'assumed-role') return `${principal.roleName}/${principal.sessionName}`;
  return principal.type === 'service' ? principal.service : 'root';
}

interface AskedIds {
  order: 'asc' | 'desc';
  /** Behind this item: what the list is in order of, and its id. */
  after: readonly [number, string] | undefined;
  limit: number;
}

/** A page of the ids of builds or batches, the newest first where the caller does not say. @param placeOf what the list is in order of */
export async function pageOfIds<T extends { id: string }>(
  ctx: ServiceContext,
  input: Parameters<typeof asked>[0] & { sortOrder?: string | undefined },
  load: (asked: AskedIds) => Promise<T[]>,
  placeOf: (item: T) => number,
) {
  const order = input.sortOrder === 'ASCENDING' ? 'asc' : 'desc';
  const { items, nextToken } = await page<T, readonly [number, string]>(
    ctx,
    asked(input),
    (after, limit) => load({ order, after, limit }),
    (item) => [placeOf(item), item.id],
  );
  return { ids: items.map(({ id }) => id), ...(nextToken && { nextToken }) };
}
