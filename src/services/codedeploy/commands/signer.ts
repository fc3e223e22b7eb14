import type { Platform } from '../../../kit/service.ts';
import { oncePerDatabase, signingKey } from '../../../kit/signing-key.ts';
import type { Signer } from '../../../lib/signed-message.ts';

const KEY = {
  table: 'codedeploy_signer',
  name: 'deployment-specification',
  context: 'codedeploy/signer',
};

type Ctx = Pick<Platform, 'db' | 'transaction' | 'vault' | 'config'>;

/** The key that signs deployment specifications, and a certificate for it of the server's CA, which host agents trust. */
export const deploymentSigner = oncePerDatabase(async (ctx: Ctx): Promise<Signer> => {
  const key = await signingKey(ctx, KEY);
  const { signerCertificate } = await import('../../../lib/certificates.ts');
  return { key, certificate: signerCertificate(ctx.config.dataDir, key) };
});
