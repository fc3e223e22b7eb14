import type { Migration } from '../../../db/database.ts';

/** When a role was last used, apart from the role: it is written often, and changes nothing of what the role may. */
export const roleUse: Migration = {
  name: '0002-role-use',
  async up({ schema }) {
    await schema
      .createTable('iam_role_use')
      .addColumn('role_id', 'text', (c) => c.primaryKey().references('iam_identity.id'))
      .addColumn('used_at', 'bigint', (c) => c.notNull())
      .addColumn('region', 'text', (c) => c.notNull())
      .execute();
  },
};
