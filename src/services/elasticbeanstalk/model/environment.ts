import type { Owner } from '../store/tables.ts';

export type Status = 'Launching' | 'Updating' | 'Aborting' | 'Ready' | 'Terminating' | 'Terminated';

/** https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/health-enhanced-status.html */
export const COLORS = {
  NoData: 'Grey',
  Unknown: 'Grey',
  Pending: 'Grey',
  Ok: 'Green',
  Info: 'Green',
  Warning: 'Yellow',
  Degraded: 'Red',
  Severe: 'Red',
  Suspended: 'Grey',
} as const;
export type HealthStatus = keyof typeof COLORS;

export interface Health {
  status: HealthStatus;
  causes: string[];
}

/** An option's value. */
export interface Setting {
  namespace: string;
  name: string;
  value: string;
}

/** A version as an environment runs it: its own copy of the bundle, and which of its deployments brought it. */
export interface Release {
  label: string;
  deployment: number;
  bucket: string;
  key: string;
  /** SHA-256 in Base64. */
  checksum: string;
  bytes: number;
}

export type CommandKind = 'deploy' | 'restart' | 'configure';

/** What an instance was told last. Numbers go up with each of an environment. */
export interface Command {
  number: number;
  kind: CommandKind;
  release: Release;
}

/**
 * Where an instance of the group is: it waits for nothing (`idle`: its command was carried out, or failed), is taken out of the
 * balancer (`leaving`), carries out its command (`told`), or is put into the balancer (`joining`).
 */
export type Phase = 'leaving' | 'told' | 'joining' | 'idle';

export interface InstanceRecord {
  id: string;
  /** Epoch milliseconds: when it was seen first. */
  since: number;
  phase: Phase;
  command: Command;
  /** Why its last command failed. */
  failure?: string;
  /** Taken out of the balancer, and not in it again yet. */
  out?: true;
  /** What it says that it runs. */
  runs?: { label: string; deployment: number };
  /** What keeps it from being well, by its own report. */
  unwell?: string;
  /** Of its last report, in epoch milliseconds. */
  reportedAt?: number;
  system?: { load: number[]; cpu: { user: number; system: number; idle: number } };
}

export type OperationKind = 'create' | 'deploy' | 'configure' | 'restart' | 'rebuild' | 'terminate';

/** What is being done with an environment: one thing at a time. */
export interface Operation {
  kind: OperationKind;
  /** Of the call. */
  requestId: string;
  step: 'remove' | 'provision' | 'resize' | 'instances' | 'batches';
  startedAt: number;
  /** When the instances of the step have to be done, in epoch milliseconds. */
  deadline?: number;
  command: Command;
  rolling: boolean;
  batches?: string[][];
  /** The one that is under way; -1 before the first. */
  batch: number;
  aborted?: true;
}

/** What was made for an environment. */
export interface Resources {
  group: string;
  template: string;
  targetGroup?: string;
  balancer?: { arn: string; name: string; dnsName: string };
}

export interface EnvironmentBody {
  description?: string;
  stack: string;
  template?: string;
  operationsRole?: string;
  tags: Record<string, string>;
  /** Those that were given; what is not here has its default. */
  settings: Setting[];
  /** Epoch milliseconds. */
  createdAt: number;
  updatedAt: number;
  /** The last number that a command or deployment got. */
  numbers: number;
  /** How many events there were of it. */
  said: number;
  /** What its instances are to run. */
  release: Release;
  health: Health;
  resources?: Resources;
  /** Where its address leads. */
  endpoint?: { address: string; port: number };
  instances: Record<string, InstanceRecord>;
  operation?: Operation;
  /** The last request for logs. */
  tail?: { number: number; at: number; urls: Record<string, { url: string; at: number }> };
  terminatedAt?: number;
}

export interface Environment extends Owner {
  id: string;
  application: string;
  name: string;
  /** Undefined once it is gone: somebody else may have it. */
  cname: string | undefined;
  status: Status;
  body: EnvironmentBody;
}

export const environmentArn = (
  { accountId, region }: Owner,
  { application, name }: Pick<Environment, 'application' | 'name'>,
): string => `arn:aws:elasticbeanstalk:${region}:${accountId}:environment/${application}/${name}`;

/** The bucket of an account and region. */
export const storageBucket = ({ accountId, region }: Owner): string =>
  `elasticbeanstalk-${region}-${accountId}`;

/** Names of what is made for an environment follow from its id, so that making it twice makes it once. */
export const names = (id: string) => ({
  group: `awseb-${id}-stack-AWSEBAutoScalingGroup`,
  template: `awseb-${id}-stack-AWSEBEC2LaunchTemplate`,
  targetGroup: `awseb-${id}-tg`,
  balancer: `awseb-${id}-lb`,
});
