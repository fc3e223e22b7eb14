import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Platform } from '../../../kit/service.ts';
import type { Signer } from '../../../lib/signed-message.ts';
import { tables } from '../store/tables.ts';

const NAME = 'deployment-specification';
const CONTEXT = 'codedeploy/signer';

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault' | 'config'>;

/** One for each database: a process may serve several in tests. */
const known = new WeakMap<object, Promise<Signer>>();

/**
 * The key that signs deployment specifications, made once, kept sealed in the database and shared by all servers; and
 * a certificate for it of the server's CA, which host agents trust.
 */
export function deploymentSigner(ctx: Ctx): Promise<Signer> {
  const cached = known.get(ctx.vault);
  if (cached) return cached;
  const signer = makeSigner(ctx);
  known.set(ctx.vault, signer);
  signer.catch(() => known.delete(ctx.vault));
  return signer;
}

async function makeSigner(ctx: Ctx): Promise<Signer> {
  const key = await findOrMakeKey(ctx);
  const { signerCertificate } = await import('../../../lib/certificates.ts');
  return { key, certificate: signerCertificate(ctx.config.dataDir, key) };
}

async function findOrMakeKey(ctx: Ctx): Promise<string> {
  const found = await find(ctx);
  if (found) return found;
  const { privateKey: key } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await ctx.transaction(async (tx) => {
    await tables(tx)
      .insertInto('codedeploy_signer')
      .values({ name: NAME, sealed_key: ctx.vault.seal(key, CONTEXT) })
      .onConflict((c) => c.column('name').doNothing())
      .execute();
  });
  // Another server may have been first.
  const kept = await find(ctx);
  if (!kept) throw new Error('The signing key was not stored');
  return kept;
}

async function find(ctx: Ctx): Promise<string | undefined> {
  const row = await tables(ctx.db)
    .selectFrom('codedeploy_signer')
    .selectAll()
    .where('name', '=', NAME)
    .executeTakeFirst();
  return row && ctx.vault.open(row.sealed_key, CONTEXT).toString('utf8');
}
