import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { textAtMost } from '../lib/at-most.ts';

/** How long is waited for an answer, in milliseconds. */
export interface Patience {
  /** While nothing comes. */
  idleMs: number;
  /** In all, however much comes: a server that sends a byte now and then is not waited for for ever. */
  longestMs: number;
}

export interface Question {
  method?: 'GET' | 'POST' | 'PUT';
  headers?: Record<string, string>;
  body?: string;
  /** PEM of certificates to trust besides the system's. */
  ca?: string | undefined;
  /** Ends waiting. */
  signal?: AbortSignal | undefined;
  patience: Patience;
  /** No more than this of the answer is read. */
  mostBytes: number;
}

export interface Answer {
  status: number;
  body: string;
}

/**
 * Sends a request and reads the answer, which may come from anybody: it is bounded in bytes and in time.
 * @throws TooLong, and Error when no answer comes, or not in time
 */
export async function ask(url: URL, question: Question): Promise<Answer> {
  const { signal, patience, mostBytes } = question;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), patience.longestMs);
  const told = AbortSignal.any([late.signal, ...(signal ? [signal] : [])]);
  try {
    const response = await send(url, question, told, () => late.abort());
    const body = await textAtMost(response, mostBytes, "The server's answer");
    return { status: response.statusCode ?? 0, body };
  } catch (error) {
    throw late.signal.aborted ? new Error('The server did not answer in time') : error;
  } finally {
    clearTimeout(timer);
  }
}

function send(
  url: URL,
  { method = 'GET', headers = {}, body, ca, patience }: Question,
  signal: AbortSignal,
  onIdle: () => void,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const options: RequestOptions = { method, headers, timeout: patience.idleMs, signal };
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, ...(ca && { ca }) }, resolve);
    sent.once('timeout', onIdle);
    sent.once('error', reject);
    sent.end(body);
  });
}
