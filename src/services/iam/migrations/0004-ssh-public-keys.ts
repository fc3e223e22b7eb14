import type { Migration } from '../../../db/database.ts';

/** By which users are known to git over SSH. Public, so nothing of it is sealed. */
export const sshPublicKeys: Migration = {
  name: '0004-ssh-public-keys',
  async up({ schema }) {
    await schema
      .createTable('iam_ssh_public_key')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('user_id', 'text', (c) => c.notNull().references('iam_identity.id'))
      .addColumn('public_key', 'text', (c) => c.notNull())
      .addColumn('fingerprint', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('uploaded_at', 'bigint', (c) => c.notNull())
      .addUniqueConstraint('iam_ssh_public_key_once', ['user_id', 'public_key'])
      .execute();
  },
};
