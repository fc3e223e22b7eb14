import type { Row } from './row.ts';

/** Takes rows one by one, and has some at the end. */
export interface Stage {
  /** @param timestamp of the row's event, in epoch milliseconds; 0 where it is made of several */
  add(row: Row, timestamp: number): void;
  end(): void;
}
