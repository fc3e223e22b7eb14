import type { VpcConfig } from '@aws-sdk/client-codebuild';

/** The fleet that a build is started on, as far as its build goes: a fleet that changes meanwhile changes builds to come. */
export interface BuildFleet {
  arn: string;
  name: string;
  environmentType: string;
  /** Of one machine of it. */
  compute: Compute;
  vpcConfig?: VpcConfig;
}

/** What a machine has: what is absent is not limited. */
export interface Compute {
  memoryGiB?: number;
  cpus?: number;
}
