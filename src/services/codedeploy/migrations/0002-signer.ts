import type { Migration } from '../../../db/database.ts';

/** The signer's certificate is one of the server's CA, made anew at each start. */
export const signerWithoutCertificate: Migration = {
  name: '0002-signer',
  async up(tx) {
    await tx.schema.alterTable('codedeploy_signer').dropColumn('certificate').execute();
  },
};
