import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Signer } from '../../../lib/signed-message.ts';
import type { Platform } from '../../service.ts';
import { tables } from '../store/tables.ts';

const NAME = 'deployment-specification';
const CONTEXT = 'codedeploy/signer';

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault' | 'clock'>;

/** One for each database: a process may serve several in tests. */
const known = new WeakMap<object, Promise<Signer>>();

/** The key that signs deployment specifications: made once, kept sealed in the database, shared by all servers. */
export function deploymentSigner(ctx: Ctx): Promise<Signer> {
  const cached = known.get(ctx.vault);
  if (cached) return cached;
  const signer = findOrMake(ctx);
  known.set(ctx.vault, signer);
  signer.catch(() => known.delete(ctx.vault));
  return signer;
}

async function findOrMake(ctx: Ctx): Promise<Signer> {
  const found = await find(ctx);
  if (found) return found;
  const { privateKey: key } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { selfSignedCertificate } = await import('../../../lib/signed-message.ts');
  const certificate = selfSignedCertificate(key, 'Slipway CodeDeploy', ctx.clock.now());
  await ctx.transaction(async (tx) => {
    await tables(tx)
      .insertInto('codedeploy_signer')
      .values({ name: NAME, sealed_key: ctx.vault.seal(key, CONTEXT), certificate })
      .onConflict((c) => c.column('name').doNothing())
      .execute();
  });
  // Another server may have been first.
  const kept = await find(ctx);
  if (!kept) throw new Error('The signing key was not stored');
  return kept;
}

async function find(ctx: Ctx): Promise<Signer | undefined> {
  const row = await tables(ctx.db)
    .selectFrom('codedeploy_signer')
    .selectAll()
    .where('name', '=', NAME)
    .executeTakeFirst();
  if (!row) return undefined;
  return {
    key: ctx.vault.open(row.sealed_key, CONTEXT).toString('utf8'),
    certificate: row.certificate,
  };
}
