import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Db } from '../db/database.ts';
import type { Platform } from './platform.ts';

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault'>;

type Tables = Record<string, { name: string; sealed_key: string }>;

/** One for each database: a process may serve several in tests. */
export function oncePerDatabase<C extends Pick<Ctx, 'vault'>, T>(
  make: (ctx: C) => Promise<T>,
): (ctx: C) => Promise<T> {
  const known = new WeakMap<object, Promise<T>>();
  return (ctx) => {
    const cached = known.get(ctx.vault);
    if (cached) return cached;
    const made = make(ctx);
    known.set(ctx.vault, made);
    made.catch(() => known.delete(ctx.vault));
    return made;
  };
}

/**
 * A key with which a service signs: made once, kept sealed in the database and shared by all servers.
 * @param table of the service's: `name` (its key), `sealed_key`
 * @param context that it is sealed for
 * @returns PEM (PKCS #8) of an RSA key of 2,048 bits
 */
export async function signingKey(
  ctx: Ctx,
  { table, name, context }: { table: string; name: string; context: string },
): Promise<string> {
  const found = await find(ctx.db, table, name);
  if (found !== undefined) return ctx.vault.open(found, context).toString('utf8');
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const sealed_key = ctx.vault.seal(privateKey, context);
  await ctx.transaction((tx) =>
    tx
      .withTables<Tables>()
      .insertInto(table)
      .values({ name, sealed_key })
      .onConflict((c) => c.column('name').doNothing())
      .execute(),
  );
  // Another server may have been first.
  const kept = await find(ctx.db, table, name);
  if (kept === undefined) throw new Error(`The signing key of ${table} was not stored`);
  return ctx.vault.open(kept, context).toString('utf8');
}

async function find(db: Db, table: string, name: string): Promise<string | undefined> {
  const all = db.withTables<Tables>().selectFrom(table).select('sealed_key');
  return (await all.where('name', '=', name).executeTakeFirst())?.sealed_key;
}
