import type { AwsEvent } from '../../../engine/events.ts';

/** An event as it is on a bus. */
export interface BusEvent extends AwsEvent {
  /** Of a replay: by which it came once more. */
  'replay-name'?: string;
}
