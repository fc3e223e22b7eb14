import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';

/** One version of a parameter. */
export interface ParameterVersion {
  name: string;
  version: number;
  labels: string[];
  type: ParameterType;
  /** SecureString: the ciphertext, base64. */
  value: string;
  /** SecureString: the key as the writer named it. */
  keyId?: string;
  description?: string;
  allowedPattern?: string;
  tier: ParameterTier;
  dataType: string;
  modifiedAt: Date;
  /** ARN of the principal that wrote it. */
  modifiedBy: string;
}

/** A parameter with its current version. */
export interface Parameter extends ParameterVersion {
  accountId: string;
  region: string;
  tags: Record<string, string>;
}
