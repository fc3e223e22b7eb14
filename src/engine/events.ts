import type { Tx } from '../db/database.ts';

/** An event as EventBridge delivers it. */
export interface AwsEvent {
  version: '0';
  id: string;
  'detail-type': string;
  source: string;
  account: string;
  /** ISO 8601, UTC, whole seconds. */
  time: string;
  region: string;
  resources: string[];
  detail: Record<string, unknown>;
}

export type NewEvent = Omit<AwsEvent, 'version' | 'id' | 'time'>;

export interface Events {
  /** Publishes an event with the transaction: subscribers get it after the commit, each at least once, also after a crash. */
  publish(tx: Tx, event: NewEvent): Promise<void>;
}

/** Something that wants to hear of events. */
export interface Subscription<C> {
  /** Unique and stable: `codepipeline/build-ended`. */
  name: string;
  /** Cheap first look; only events that pass are delivered. */
  matches(event: AwsEvent): boolean;
  /** Runs at least once for each event, so it must be idempotent by `event.id`. */
  deliver(ctx: C, event: AwsEvent): Promise<void>;
}
