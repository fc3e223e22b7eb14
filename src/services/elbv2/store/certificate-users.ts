import type { Db, Tx } from '../../../db/database.ts';
import { tables } from './tables.ts';

// By itself: each start loads it (provides.ts), and what the other stores stand on loads the client package.

/** The load balancers whose listeners have this certificate. */
export async function usersOfCertificate(db: Db | Tx, certificateArn: string): Promise<string[]> {
  const rows = await tables(db)
    .selectFrom('elbv2_certificate as c')
    .innerJoin('elbv2_listener as l', 'l.arn', 'c.listener_arn')
    .select('l.balancer_arn')
    .distinct()
    .where('c.certificate_arn', '=', certificateArn)
    .execute();
  return rows.map((row) => row.balancer_arn);
}
