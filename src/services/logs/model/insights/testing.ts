import type { ResultField } from './columns.ts';
import { Held } from './held.ts';
import { parseQuery } from './parser.ts';
import { makePipeline } from './pipeline.ts';
import type { QueryEvent } from './row.ts';

export const NOW = Date.UTC(2026, 10, 26, 12, 34, 56, 789);

/** Events of one stream, a second apart from NOW on, or at times of their own. */
export function eventsOf(
  messages: readonly (string | [time: number, message: string])[],
): QueryEvent[] {
  return messages.map((given, index) => {
    const [timestamp, message] = typeof given === 'string' ? [NOW + index * 1000, given] : given;
    const id = String(timestamp).padStart(15, '0') + String(index).padStart(41, '0');
    const log = '111111111111:g';
    return { timestamp, message, id, ingestedAt: NOW, logStream: 's', log, pointer: () => id };
  });
}

export const lineOf = (fields: ResultField[]): Record<string, string> =>
  Object.fromEntries(
    fields.filter(({ field }) => field !== '@ptr').map(({ field, value }) => [field, value]),
  );

/** The lines that a query makes of events. */
export function ask(
  query: string,
  messages: readonly (string | [time: number, message: string])[] = [''],
  limit = 10_000,
): Record<string, string>[] {
  const held = new Held(1_000_000);
  const pipeline = makePipeline(parseQuery(query), { now: NOW, limit, held });
  for (const event of eventsOf(messages)) pipeline.add(event);
  return pipeline.results().map(lineOf);
}

/** What an expression is for an event. */
export const value = (expression: string, message = ''): string | undefined =>
  ask(`fields ${expression} as found`, [message])[0]?.found;
