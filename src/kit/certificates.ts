import type { Db, Tx } from '../db/database.ts';
import type { Vault } from '../lib/vault.ts';

/** A certificate of a listener, with its private key: never shown, and handed out within the server alone. */
export interface ServerCertificate {
  arn: string;
  /** PEM: its own, and those above it. */
  chain: string;
  /** PEM. */
  key: string;
}

/** Who keeps certificates, and finds one by its ARN. */
export type FindCertificate = (
  given: { db: Db | Tx; vault: Vault },
  arn: string,
) => Promise<ServerCertificate | undefined>;

/** Names what uses the certificate of this ARN, by ARNs. */
export type FindCertificateUsers = (db: Db | Tx, arn: string) => Promise<string[]>;

/** The certificates that listeners may have. */
export interface Certificates {
  find(db: Db | Tx, arn: string): Promise<ServerCertificate | undefined>;
  users(db: Db | Tx, arn: string): Promise<string[]>;
}

/** Makes `platform.certificates` of what services provide. */
export function makeCertificates(
  services: readonly {
    provides: {
      certificate?: FindCertificate | undefined;
      certificateUsers?: FindCertificateUsers | undefined;
    };
  }[],
  vault: Vault,
): Certificates {
  const finders = services.flatMap(({ provides }) => provides.certificate ?? []);
  const users = services.flatMap(({ provides }) => provides.certificateUsers ?? []);
  return {
    async find(db, arn) {
      for (const finder of finders) {
        const found = await finder({ db, vault }, arn);
        if (found) return found;
      }
      return undefined;
    },
    async users(db, arn) {
      const all = await Promise.all(users.map((user) => user(db, arn)));
      return all.flat();
    },
  };
}
