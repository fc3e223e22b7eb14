import type { Command, Expression, SortKey } from './syntax.ts';

export type Step = Extract<Command, { kind: 'fields' | 'filter' | 'parse' | 'unnest' | 'display' }>;

/** Steps that take row by row, then what needs all rows: their order, their limit, or statistics of them. */
export interface Segment {
  steps: Step[];
  order?: SortKey[];
  dedup?: Expression[];
  limit?: number;
  stats?: Extract<Command, { kind: 'stats' }>;
}

/** Cuts a query where rows have to wait for each other. The last segment has no statistics. */
export function segmentsOf(commands: Command[]): Segment[] {
  let now: Segment = { steps: [] };
  const segments = [now];
  const next = () => {
    now = { steps: [] };
    segments.push(now);
  };
  for (const command of commands) {
    if (now.stats || isBehindCut(now, command)) next();
    switch (command.kind) {
      case 'sort':
        now.order = command.keys;
        break;
      case 'limit':
        now.limit = Math.min(now.limit ?? command.count, command.count);
        break;
      case 'dedup':
        now.dedup = command.fields;
        break;
      case 'stats':
        now.stats = command;
        break;
      default:
        now.steps.push(command);
    }
  }
  if (now.stats) next();
  return segments;
}

/** Whether a command sees only what a limit or dedup before it has left. */
function isBehindCut({ limit, dedup }: Segment, { kind }: Command): boolean {
  if (kind === 'display' || kind === 'limit') return false;
  // Statistics stand at the end of their segment.
  return kind === 'stats' ? false : limit !== undefined || dedup !== undefined;
}
