import type { GrantConstraints, GrantOperation } from '@aws-sdk/client-kms';
import type { EncryptionContext } from './ciphertext.ts';

export interface Grant {
  grantId: string;
  keyId: string;
  /** Of the key. */
  accountId: string;
  region: string;
  grantee: string;
  retiring?: string;
  name?: string;
  operations: GrantOperation[];
  constraints?: GrantConstraints;
  createdAt: Date;
}

/** What a grant can let do with a symmetric key. */
export const GRANTABLE: readonly GrantOperation[] = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
];

/** Of these operations a constraint does not speak: they have no encryption context. */
const WITHOUT_CONTEXT: readonly GrantOperation[] = ['DescribeKey', 'RetireGrant'];

/** What is asked for: an operation, and what it says beside the key. */
export interface GrantUse {
  /** `kms:Decrypt` */
  action: string;
  encryptionContext?: EncryptionContext | undefined;
  /** The grant that CreateGrant is to make. */
  granted?: Pick<Grant, 'operations' | 'constraints'> | undefined;
}

/** Does the grant let its grantee do this? https://docs.aws.amazon.com/kms/latest/developerguide/grants.html */
export function covers(grant: Grant, { action, encryptionContext, granted }: GrantUse): boolean {
  const operation = action.slice('kms:'.length) as GrantOperation;
  if (!grant.operations.includes(operation)) return false;
  if (operation === 'CreateGrant') return granted !== undefined && isPartOf(granted, grant);
  return WITHOUT_CONTEXT.includes(operation) || meets(encryptionContext, grant.constraints);
}

/** Whoever may grant on by a grant gives no more than he has. */
function isPartOf(
  granted: Pick<Grant, 'operations' | 'constraints'>,
  grant: Pick<Grant, 'operations' | 'constraints'>,
): boolean {
  if (!granted.operations.every((operation) => grant.operations.includes(operation))) return false;
  const { EncryptionContextSubset: subset, EncryptionContextEquals: equals } =
    granted.constraints ?? {};
  if (!isConstrained(grant.constraints)) return true;
  // A subset is no stricter than an equality.
  if (subset && grant.constraints?.EncryptionContextEquals) return false;
  return meets(equals ?? subset, grant.constraints);
}

const isConstrained = (constraints: GrantConstraints | undefined) =>
  constraints?.EncryptionContextEquals !== undefined ||
  constraints?.EncryptionContextSubset !== undefined;

function meets(
  context: EncryptionContext | undefined = {},
  constraints: GrantConstraints | undefined,
): boolean {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = constraints ?? {};
  const given = new Map(Object.entries(context));
  const has = (wanted: Record<string, string>) =>
    Object.entries(wanted).every(([name, value]) => given.get(name) === value);
  if (equals && (!has(equals) || Object.keys(equals).length !== given.size)) return false;
  return !subset || has(subset);
}

/** A policy with what grants add to it. */
export function withGrants(policy: string, grantees: readonly string[], action: string): string {
  const { Statement: statements, ...rest } = JSON.parse(policy) as { Statement: object | object[] };
  const granted = grantees.map((AWS) => ({
    ...{ Effect: 'Allow', Principal: { AWS }, Action: action, Resource: '*' },
  }));
  return JSON.stringify({ ...rest, Statement: [statements, granted].flat() });
}
