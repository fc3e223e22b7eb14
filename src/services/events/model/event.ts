import type { AwsEvent } from '../../../engine/events.ts';
import { parseExact } from '../../../lib/exact-json.ts';
import { decodeJson } from '../../../lib/json.ts';

/** An event as it is on a bus. */
export interface BusEvent extends AwsEvent {
  /** Of a replay: by which it came once more. */
  'replay-name'?: string;
}

/** An event as it was kept; older ones with names that begin with `$` were kept as documents are. */
export const readEvent = (text: string): BusEvent =>
  text.startsWith('{"$') ? decodeJson<BusEvent>(text) : (parseExact(text) as BusEvent);
