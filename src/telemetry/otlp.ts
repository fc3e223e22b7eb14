import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OtlpSettings } from '../lib/otlp-settings.ts';
import { readSome } from '../lib/read-some.ts';
import type { Result, Span, Trace } from './span.ts';

/** OpenTelemetry's default for batches. */
const MOST_SPANS = 512;
const MAX_ANSWER_BYTES = 64 * 1024;
/** https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** The collector took none, or not all, of it, and would not at another try. */
export class TraceRefused extends Error {
  override name = 'TraceRefused';
}

/**
 * Sends a trace as OTLP/JSON over HTTP, some hundred spans a request.
 * @throws TraceRefused, and Error where another try may help
 */
export async function sendTrace(settings: OtlpSettings, trace: Trace): Promise<void> {
  for (let at = 0; at < trace.spans.length; at += MOST_SPANS)
    await post(settings, encodeSpans(trace, trace.spans.slice(at, at + MOST_SPANS)));
}

async function post(settings: OtlpSettings, message: object): Promise<void> {
  const json = Buffer.from(JSON.stringify(message));
  const answer = await fetch(settings.url, {
    method: 'POST',
    headers: {
      ...settings.headers,
      'content-type': 'application/json',
      ...(settings.gzip && { 'content-encoding': 'gzip' }),
    },
    body: settings.gzip ? await promisify(gzip)(json) : json,
    redirect: 'manual',
    signal: AbortSignal.timeout(settings.timeoutMs),
  }).catch((error: Error & { cause?: Error }) => {
    throw new Error(`The collector gives no answer: ${error.cause?.message ?? error.message}`);
  });
  const { status } = answer;
  const text = await textOf(answer);
  if (RETRYABLE.has(status)) throw new Error(`The collector answers ${status}`);
  if (status < 200 || status > 299) throw new TraceRefused(`The collector answers ${status}`);
  const refused = refusedBy(text);
  if (refused !== undefined) throw new TraceRefused(`The collector refuses spans: ${refused}`);
}

/** An answer is a few bytes long: more of it is not read. */
async function textOf({ body }: Response): Promise<string> {
  if (!body) return '';
  const read = await readSome(body, MAX_ANSWER_BYTES);
  if ('all' in read) return read.all.toString();
  await read.stream.return(undefined);
  return '';
}

/** https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
function refusedBy(text: string): string | undefined {
  try {
    const { partialSuccess } = JSON.parse(text);
    const { rejectedSpans = 0, errorMessage = '' } = partialSuccess ?? {};
    return Number(rejectedSpans) > 0 ? `${rejectedSpans}, ${errorMessage}` : undefined;
  } catch {
    return undefined;
  }
}

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
export function encodeSpans({ traceId, resource }: Trace, spans: readonly Span[]): object {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [
          { scope: { name: 'slipway' }, spans: spans.map((span) => encodeSpan(traceId, span)) },
        ],
      },
    ],
  };
}

const KINDS = { INTERNAL: 1, SERVER: 2 };
const ERROR = 2;
/** What was stopped or left out by somebody is no error. */
const isError = (result: Result) => ['failure', 'error', 'timeout'].includes(result);

function encodeSpan(traceId: string, span: Span): object {
  const { spanId, parentId, name, result, errorType = '_OTHER', message } = span;
  const failed = isError(result);
  return {
    ...{ traceId, spanId, ...(parentId !== undefined && { parentSpanId: parentId }), name },
    kind: KINDS[span.kind],
    startTimeUnixNano: nanoseconds(span.start),
    endTimeUnixNano: nanoseconds(span.end),
    attributes: attributesOf({ ...span.attributes, ...(failed && { 'error.type': errorType }) }),
    status: failed ? { code: ERROR, ...(message !== undefined && { message }) } : {},
  };
}

const nanoseconds = (time: Date) => `${BigInt(time.getTime()) * 1_000_000n}`;

function attributesOf(given: Span['attributes']): object[] {
  return Object.entries(given).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return {
      key,
      value: typeof value === 'number' ? { intValue: `${value}` } : { stringValue: value },
    };
  });
}
