import { createHash, createPublicKey, createSign, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import { type Document, stringToSign } from '../model/notification.ts';
import { findSignerKey, insertSignerKey } from '../store/signer.ts';

const CONTEXT = 'sns/signer';
/** As AWS's certificates are called: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const COMMON_NAME = 'sns.amazonaws.com';

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault' | 'config' | 'serverEndpoint'>;

interface Signer {
  /** PEM. */
  key: string;
  /** Of the certificate's file. */
  name: string;
}

/** One for each database: a process may serve several in tests. */
const known = new WeakMap<object, Promise<Signer>>();

/** The key that signs messages, made once, kept sealed in the database and shared by all servers. */
function signerOf(ctx: Ctx): Promise<Signer> {
  const cached = known.get(ctx.vault);
  if (cached) return cached;
  const signer = makeSigner(ctx);
  known.set(ctx.vault, signer);
  signer.catch(() => known.delete(ctx.vault));
  return signer;
}

async function makeSigner(ctx: Ctx): Promise<Signer> {
  const key = await findOrMakeKey(ctx);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(publicKey).digest('hex').slice(0, 32);
  return { key, name: `SimpleNotificationService-${hash}.pem` };
}

async function findOrMakeKey(ctx: Ctx): Promise<string> {
  const found = await findSignerKey(ctx.db);
  if (found) return ctx.vault.open(found, CONTEXT).toString('utf8');
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const sealed = ctx.vault.seal(privateKey, CONTEXT);
  await ctx.transaction((tx) => insertSignerKey(tx, sealed));
  // Another server may have been first.
  return findOrMakeKey(ctx);
}

/** The certificate of that file, or undefined where it is another's. */
export async function certificateNamed(ctx: Ctx, name: string): Promise<string | undefined> {
  const signer = await signerOf(ctx);
  if (signer.name !== name) return undefined;
  const { messageCertificate } = await import('../../../lib/certificates.ts');
  return messageCertificate(ctx.config.dataDir, signer.key, COMMON_NAME);
}

/** Where the certificates are. */
export const CERTIFICATES = '/_slipway/sns/certificates';

/** Signs a document as SNS does. @param version of the signature: 1 is SHA-1, 2 is SHA-256 */
export async function sign(ctx: Ctx, document: Document, version = '1'): Promise<Document> {
  const { key, name } = await signerOf(ctx);
  const algorithm = version === '2' ? 'RSA-SHA256' : 'RSA-SHA1';
  return {
    ...document,
    SignatureVersion: version,
    Signature: createSign(algorithm).update(stringToSign(document)).sign(key, 'base64'),
    SigningCertURL: `${publicUrl(ctx)}${CERTIFICATES}/${name}`,
  };
}
