import type { Clock } from '../lib/clock.ts';
import type { Principal } from './principal.ts';
import { type Api, operationSchema } from './protocols/protocol.ts';
import type { RecordFacts, TouchedResource } from './record-facts.ts';
import { type Redact, redactorOf } from './redact.ts';

/** What is known of a call by its end; all of it may be missing of one that did not get far. */
export interface CallFacts {
  requestId: string;
  /** Signing name: `kms`. */
  api?: string | undefined;
  /** PascalCase. */
  operation?: string | undefined;
  principal?: Principal | undefined;
  /** The key that signed; empty or nothing where none did. */
  accessKeyId?: string | undefined;
  region?: string | undefined;
  /** The service that made the call inside the server, for the principal or as one of its own sessions. */
  invokedBy?: string | undefined;
  sourceIp: string;
  userAgent: string;
  /** What was asked about, in the order in which it was. */
  touched: TouchedResource[];
}

/** How a call ended. */
export interface CallEnd {
  at: Date;
  status: number;
  errorCode?: string | undefined;
  errorMessage?: string | undefined;
  milliseconds: number;
}

/** What one call says, made of its decoded values when somebody wants to know. */
interface Contents {
  readOnly: boolean;
  data: boolean;
  parameters(): unknown;
  answer(): unknown;
  additional?: Record<string, unknown> | undefined;
}

const NOTHING: Contents = {
  readOnly: false,
  data: false,
  parameters: () => undefined,
  answer: () => undefined,
};

/**
 * One call: an operation's, a route's, or one that a service made inside. Each leaves one, made at its end by
 * `makeRecorder` and shown to the observers, of whom there are few: the metrics, the log, the audit. What it holds of
 * input and output is only read redacted, and only if somebody asks.
 */
export interface CallRecord extends CallFacts, CallEnd {
  api: string;
  operation: string;
  /** Changes nothing. */
  readonly readOnly: boolean;
  /** On what a resource holds, not on the resource itself. */
  readonly data: boolean;
  /** The input without secrets. Asked for during `note`, or never: the call's own values may be gone afterwards. */
  parameters(): unknown;
  /** The output without secrets, of a call that changed something. */
  answer(): unknown;
  /** What else the route tells. */
  additional?: Record<string, unknown> | undefined;
}

/** Whom a call's record is shown to. Returns at once: no call waits for it. */
export type Note = (record: CallRecord) => void;

/** What a call is and said, for its record. */
export type Said =
  | { api: Api; operation: string; input?: unknown; output?: unknown }
  | {
      readOnly: boolean;
      parameters?: Record<string, unknown> | undefined;
      answer?: Record<string, unknown> | undefined;
      additional?: Record<string, unknown> | undefined;
    };

/** How the dispatcher and the routes leave the record of a call. */
export type Recorder = (
  facts: CallFacts,
  end: Omit<CallEnd, 'at' | 'milliseconds'>,
  started: number,
  said: Said | undefined,
) => void;

/** The one place in which records are made. */
export function makeRecorder(clock: Clock, observers: readonly Note[]): Recorder {
  return (facts, end, started, said) => {
    const { api = 'unknown', operation = 'unknown' } = facts;
    const call = { at: clock.now(), milliseconds: performance.now() - started, ...end };
    const record: CallRecord = { ...facts, ...contentsOf(said), ...call, api, operation };
    for (const note of observers) note(record);
  };
}

function contentsOf(said: Said | undefined): Contents {
  if (!said) return NOTHING;
  if ('readOnly' in said) {
    const { readOnly, parameters, answer, additional } = said;
    const told = { parameters: () => parameters, answer: () => answer };
    return { ...NOTHING, ...told, readOnly, additional };
  }
  const { api, operation, input, output } = said;
  const { readOnly, data, ...redact } = shapesOf(api, operation);
  return {
    ...{ readOnly, data },
    parameters: () => (input === undefined ? undefined : redact.input(input)),
    answer: () => (output === undefined || readOnly ? undefined : redact.output(output)),
  };
}

/** How names of operations begin that change nothing. */
const READING =
  /^(?:Get|List|Describe|Batch(?:Get|Describe)|Head|Lookup|Filter|Search|Select|Test|Validate|Simulate|GitPull)/;

/** Does an operation change nothing? */
export function isReadOnly(operation: string, { readOnly }: RecordFacts = {}): boolean {
  return READING.test(operation) || readOnly?.includes(operation) === true;
}

interface Shapes {
  readOnly: boolean;
  data: boolean;
  input: Redact;
  output: Redact;
}

const shapes = new WeakMap<Api, Map<string, Shapes>>();

function shapesOf(api: Api, operation: string): Shapes {
  const known = shapes.get(api) ?? new Map<string, Shapes>();
  const found = known.get(operation) ?? makeShapes(api, operation);
  shapes.set(api, known.set(operation, found));
  return found;
}

function makeShapes(api: Api, operation: string): Shapes {
  const { data = [], secrets } = api.record ?? {};
  const schema = operationSchema(api, operation);
  return {
    readOnly: isReadOnly(operation, api.record),
    data: data === 'all' || data.includes(operation),
    input: redactorOf(schema[4], secrets),
    output: redactorOf(schema[5], secrets),
  };
}
