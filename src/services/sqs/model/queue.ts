import { formatArn } from '../../../aws/arn.ts';
import type { RedrivePolicy } from './redrive.ts';

/** Whose queues: every query names both. */
export interface Owner {
  accountId: string;
  region: string;
}

/** A queue as the store has it. */
export interface Queue extends Owner {
  name: string;
  /** Of this queue alone: one of the same name that is made later has another. */
  id: string;
  createdAt: number;
  modifiedAt: number;
  /** As they were set; what is not there has its default. */
  attributes: Readonly<Record<string, string>>;
  tags: Readonly<Record<string, string>>;
  /** What the attributes say, read once. */
  settings: QueueSettings;
}

/** Times in milliseconds, but where the name says otherwise. */
export interface QueueSettings {
  fifo: boolean;
  delayMs: number;
  maximumBytes: number;
  retentionMs: number;
  waitSeconds: number;
  visibilityMs: number;
  contentBasedDeduplication: boolean;
  /** Are messages with one id in two groups two? */
  deduplicatesByGroup: boolean;
  redrive?: RedrivePolicy;
  kms?: { keyId: string; reuseMs: number };
}

export const isFifoName = (name: string): boolean => name.endsWith('.fifo');

export function queueArn({ accountId, region }: Owner, name: string): string {
  return formatArn({ service: 'sqs', region, accountId, resource: name });
}

export const arnOf = (queue: Owner & { name: string }): string => queueArn(queue, queue.name);

/** @param endpoint under which the caller reached the server */
export function queueUrl(endpoint: string, { accountId, name }: Owner & { name: string }): string {
  return `${endpoint}/${accountId}/${name}`;
}
