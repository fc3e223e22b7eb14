import { createHash } from 'node:crypto';

/** How a run ended, in OpenTelemetry's words: https://opentelemetry.io/docs/specs/semconv/cicd/cicd-spans/ */
export type Result = 'success' | 'failure' | 'error' | 'timeout' | 'cancellation' | 'skip';

/** Something that has ended. */
export interface Span {
  spanId: string;
  /** Absent at the root of a tree. */
  parentId?: string;
  name: string;
  kind: 'INTERNAL' | 'SERVER';
  start: Date;
  end: Date;
  result: Result;
  /** Of few different values: `error.type`. */
  errorType?: string;
  message?: string;
  attributes: Record<string, string | number | undefined>;
}

/** All spans of one execution, or of one more attempt at it. */
export interface Trace {
  traceId: string;
  /** What all spans have in common. */
  resource: Record<string, string>;
  spans: Span[];
}

/** The same parts make the same id, on every server and after every restart. */
const idOf = (digits: number, parts: readonly (string | number)[]) =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, digits);

export const traceIdOf = (...parts: (string | number)[]): string => idOf(32, ['trace', ...parts]);
export const spanIdOf = (...parts: (string | number)[]): string => idOf(16, ['span', ...parts]);
