import type { Tags } from '../../../kit/tags.ts';
import type { Owner } from '../store/tables.ts';

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
export const STATE_CODES = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
} as const;
export type InstanceState = keyof typeof STATE_CODES;

export interface MetadataOptions {
  tokens: 'optional' | 'required';
  endpoint: 'enabled' | 'disabled';
  hopLimit: number;
  tags: 'enabled' | 'disabled';
}

/** The profile whose role an instance has, and under which id it was given. */
export interface ProfileAssociation {
  associationId: string;
  arn: string;
  id: string;
  /** Epoch milliseconds. */
  since: number;
}

/** Why an instance is in its state. */
export interface StateReason {
  code: string;
  message: string;
}

/** What an instance is beyond its state: what it was made with and what calls change. */
export interface InstanceBody {
  reservationId: string;
  launchIndex: number;
  imageId: string;
  /** The container image that the AMI stands for. */
  image: string;
  type: string;
  zone: string;
  subnetId: string;
  groups: string[];
  /** Base64, as it came. */
  userData?: string;
  profile?: ProfileAssociation;
  /** The key pair by which its users are let in, as it was when the instance was made: a line of authorized_keys. */
  key?: { name: string; line: string };
  /** It is not started again when it is ended from outside: whose group replaces it. */
  staysDown?: true;
  metadata: MetadataOptions;
  /** Termination and stop protection. */
  keepsRunning: { termination: boolean; stop: boolean };
  onShutdown: 'stop' | 'terminate';
  monitored: boolean;
  ebsOptimized: boolean;
  sourceDestCheck: boolean;
  /** Names of what the executor makes for it: committed before they are made. */
  place: { work: string; network: string; tools: string };
  /** Parameters of the call with its client token, digested. */
  request?: string;
  /** Epoch milliseconds. */
  launchedAt: number;
  stateReason?: StateReason;
  /** `User initiated (2026-01-01 00:00:00 GMT)` */
  transition?: string;
}

/** All that there is of an instance. */
export interface Instance extends Owner {
  id: string;
  state: InstanceState;
  clientToken: string | undefined;
  /** Starts that were asked for, and those that have come about: the difference is a start or a reboot that is owed. */
  wantedBoots: number;
  boots: number;
  handle: string | undefined;
  address: string | undefined;
  /** Its metadata can be had: all that an instance needs to be well. */
  reachable: boolean;
  /** Epoch milliseconds. */
  terminatedAt: number | undefined;
  body: InstanceBody;
}

export type TaggedInstance = Instance & { tags: Tags };

/** Is it there for whoever lists what runs, rather than only to be looked at? */
export const isLive = ({ state }: Pick<Instance, 'state'>): boolean =>
  state !== 'terminated' && state !== 'shutting-down';

/** What a metadata service does where nothing is said: as AWS does for AMIs of today. */
export const METADATA_DEFAULTS: MetadataOptions = {
  tokens: 'required',
  endpoint: 'enabled',
  hopLimit: 2,
  tags: 'disabled',
};
