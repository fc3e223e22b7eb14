import type { Readable } from 'node:stream';
import type { Principal } from './principal.ts';

/** Who makes a call inside the server. */
export interface InternalCaller {
  principal: Principal;
  region: string;
  /** The key that signed the call of which this one is a part, or that the session came with. */
  accessKeyId?: string | undefined;
  /** The service that calls, for the principal or as a session of its own: `codepipeline.amazonaws.com`. */
  invokedBy?: string | undefined;
  /** The resource that it calls for, such as a rule. */
  sourceArn?: string | undefined;
  /** Signing name of the service that a session's call from outside is for: no other one takes it. */
  service?: string | undefined;
  /** The services through which a principal's call has come, as in ARNs, the first one first: `s3`. */
  via?: readonly string[] | undefined;
}

/** A request as it came over the wire, or from an in-process client. Nothing in it has been decoded. */
export interface WireRequest {
  method: string;
  /** The path exactly as sent, percent-encoding kept, without the query. */
  path: string;
  /** The query string exactly as sent, without `?`. */
  query: string;
  /** Header names in lower case; several values joined by `,`. */
  headers: Record<string, string>;
  /** The body; read at most once. */
  body: Readable;
  /** The base URL under which the client reached the server, such as `http://127.0.0.1:4566`. */
  endpoint: string;
  remoteAddress: string;
  /** Aborts when nobody waits for the answer any more. */
  signal?: AbortSignal | undefined;
  /** Set by the in-process client only: the principal it acts for, already authenticated. */
  internal?: InternalCaller;
  /** Set by the SSH listener only: whose key opened the connection. Body and answer are the two ways of a channel. */
  ssh?: { principal: Principal; userName: string };
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string | Readable | undefined;
}
