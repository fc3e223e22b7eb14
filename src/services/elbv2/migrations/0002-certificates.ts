import type { Migration } from '../../../db/database.ts';

/** Which certificates listeners have: one that is used is not deleted. */
export const certificates: Migration = {
  name: '0002-certificates',
  async up({ schema }) {
    await schema
      .createTable('elbv2_certificate')
      .addColumn('listener_arn', 'text', (c) =>
        c.notNull().references('elbv2_listener.arn').onDelete('cascade'),
      )
      .addColumn('certificate_arn', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('elbv2_certificate_pk', ['listener_arn', 'certificate_arn'])
      .execute();
    await schema
      .createIndex('elbv2_certificate_arn')
      .on('elbv2_certificate')
      .column('certificate_arn')
      .execute();
  },
};
