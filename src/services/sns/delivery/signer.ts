import { createHash, createPublicKey, createSign } from 'node:crypto';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import { oncePerDatabase, signingKey } from '../../../kit/signing-key.ts';
import { type Document, stringToSign } from '../model/notification.ts';

/** As AWS's certificates are called: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
const COMMON_NAME = 'sns.amazonaws.com';

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault' | 'config' | 'serverEndpoint'>;

interface Signer {
  /** PEM. */
  key: string;
  /** Of the certificate's file. */
  name: string;
}

const KEY = { table: 'sns_signer', name: 'messages', context: 'sns/signer' };

const signerOf = oncePerDatabase(async (ctx: Ctx): Promise<Signer> => {
  const key = await signingKey(ctx, KEY);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const hash = createHash('sha256').update(publicKey).digest('hex').slice(0, 32);
  return { key, name: `SimpleNotificationService-${hash}.pem` };
});

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
