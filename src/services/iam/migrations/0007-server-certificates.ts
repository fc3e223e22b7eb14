import type { Migration } from '../../../db/database.ts';

/** Certificates of listeners, with their private keys. */
export const serverCertificates: Migration = {
  name: '0007-server-certificates',
  async up({ schema }) {
    await schema
      .createTable('iam_server_certificate')
      .addColumn('account_id', 'text', (c) => c.notNull())
      .addColumn('name_key', 'text', (c) => c.notNull())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('path', 'text', (c) => c.notNull())
      .addColumn('uploaded_at', 'bigint', (c) => c.notNull())
      // By the vault, under the id.
      .addColumn('sealed_key', 'text', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('iam_server_certificate_pk', ['account_id', 'name_key'])
      .execute();
  },
};
