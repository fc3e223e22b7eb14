import type { Tx } from '../db/database.ts';
import { ownValue } from '../lib/own.ts';

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

export interface PublishOptions {
  /** Nobody but watchers hears of it: whom it happened to has not asked for it to be told. */
  toWatchersOnly?: boolean;
}

export interface Events {
  /** Publishes an event with the transaction: subscribers get it after the commit, each at least once, also after a crash. */
  publish(tx: Tx, event: NewEvent, options?: PublishOptions): Promise<void>;
  /** Might anybody want an event of this kind? Where nobody does, it need not be made. */
  mayWant(tx: Tx, kind: EventKind): Promise<boolean>;
}

/** Events that are alike but for their source and detail, or for that only of one resource. */
export type EventKind = Pick<AwsEvent, 'account' | 'region' | 'detail-type'> & {
  /** The one resource, where whoever makes them knows it: its ARN, and what of it behind a space. */
  about?: string;
};

/** EventBridge's event pattern, as far as it is lists of exact values: every member named must have one of its list. */
export interface EventPattern {
  source?: readonly string[];
  'detail-type'?: readonly string[];
  detail?: Readonly<Record<string, readonly string[]>>;
}

/** Is the event one of the pattern's? */
export function matches(
  { detail = {}, ...pattern }: EventPattern,
  event: Pick<AwsEvent, 'source' | 'detail-type' | 'detail'>,
): boolean {
  const has = (allowed: readonly string[] | undefined, value: unknown) =>
    allowed === undefined || allowed.includes(value as string);
  return (
    has(pattern.source, event.source) &&
    has(pattern['detail-type'], event['detail-type']) &&
    Object.entries(detail).every(([member, values]) => has(values, ownValue(event.detail, member)))
  );
}

/** Something that wants to hear of events. */
export interface Subscription<C> {
  /** Unique and stable: `codepipeline/build-ended`. */
  name: string;
  /** Only events that match are delivered. */
  pattern: EventPattern;
  /** Also hears what is told to watchers alone: a service inside, which AWS has poll for it. */
  watches?: true;
  /**
   * Asked in the transaction that publishes an event that matches: no means that nothing is delivered, and costs
   * nothing more. Without it all are delivered.
   */
  wants?(tx: Tx, event: AwsEvent): Promise<boolean>;
  /** Might it want one of this kind? Asked first where making the event is dear. Without it: where the pattern allows it. */
  mayWant?(tx: Tx, kind: EventKind): Promise<boolean>;
  /**
   * Events of one resource, which is the first that they name, are delivered one after another, in the order in which
   * they were published: one that fails holds up those behind it.
   */
  inOrder?: boolean;
  /** Runs at least once for each event, so it must be idempotent by `event.id`. */
  deliver(ctx: C, event: AwsEvent): Promise<void>;
}
