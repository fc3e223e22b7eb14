export interface Secret {
  accountId: string;
  region: string;
  name: string;
  arn: string;
  description?: string;
  /** As the caller named it; undefined: the default key. */
  kmsKeyId?: string;
  tags: Record<string, string>;
  /** JSON. */
  policy?: string;
  createdAt: Date;
  changedAt: Date;
  /** The day, at 0:00 UTC, on which a value was last read. */
  accessedAt?: Date;
  /** When DeleteSecret was called. */
  deletedAt?: Date;
  /** When the recovery window ends. */
  deletesAt?: Date;
}

/** A value, encrypted. */
export interface SealedValue {
  kind: 'string' | 'binary';
  /** Encrypted by KMS, base64. */
  dataKey: string;
  /** The value under the data key, base64. */
  sealed: string;
  /** Of the KMS key. */
  keyArn: string;
}

export interface SecretVersion extends SealedValue {
  versionId: string;
  createdAt: Date;
  /** The day, at 0:00 UTC, on which it was last read. */
  accessedAt?: Date;
  stages: string[];
}

export const isValidName = (name: string) => /^[a-zA-Z0-9/_+=.@!-]+$/.test(name);

/** `arn:…:secret:NAME-Ab12Cd`. */
export function secretArn(
  owner: { accountId: string; region: string; partition: string },
  name: string,
  suffix: string,
): string {
  return `arn:${owner.partition}:secretsmanager:${owner.region}:${owner.accountId}:secret:${name}-${suffix}`;
}
