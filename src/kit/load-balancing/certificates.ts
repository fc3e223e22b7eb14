import type { Db, Tx } from '../../db/database.ts';
import type { Certificates, ServerCertificate } from '../certificates.ts';
import type { ServiceContext } from '../service.ts';

/** Those that there are, by their ARNs. */
export async function certificatesOf(
  { db, certificates }: { db: Db; certificates: Certificates },
  arns: readonly string[],
): Promise<Map<string, ServerCertificate>> {
  const found = new Map<string, ServerCertificate>();
  for (const arn of new Set(arns)) {
    const one = await certificates.find(db, arn);
    if (one) found.set(arn, one);
  }
  return found;
}

/** Certificates are of the caller's account, and there in this transaction. @throws what `notFound` makes */
export async function needCertificates(
  ctx: ServiceContext,
  tx: Tx,
  arns: readonly string[],
  notFound: (arn: string) => Error,
): Promise<void> {
  for (const arn of new Set(arns)) {
    const own = arn.split(':')[4] === ctx.accountId;
    if (!own || !(await ctx.certificates.find(tx, arn))) throw notFound(arn);
  }
}
