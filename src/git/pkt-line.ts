import type { Readable } from 'node:stream';
import { Gathered } from '../lib/gathered.ts';
import { isObjectId, zeroObjectId } from './names.ts';

/** gitprotocol-common(5): lines with their length in front. */

export const flushPacket = Buffer.from('0000');

/** One line, which may hold at most 65516 bytes. */
export function packet(content: string | Uint8Array): Buffer {
  const body = Buffer.from(content as string);
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, '0')), body]);
}

/** One reference that a push wants to change. */
export interface PushCommand {
  name: string;
  /** Undefined when the reference is to be created. */
  oldId: string | undefined;
  /** Undefined when it is to be deleted. */
  newId: string | undefined;
}

/** How a push begins. */
export interface PushHead {
  commands: PushCommand[];
  /** What the client can: `report-status`, `side-band-64k`, … */
  capabilities: string[];
  /** It comes from a history that is cut off. */
  shallow: boolean;
}

/** How a fetch begins, as far as it could be read. */
export interface FetchHead {
  capabilities: string[];
  /** It asks for a part of the history. */
  shallow: boolean;
  /** It asks for objects, and not for references only. */
  wants: boolean;
}

const LENGTH_DIGITS = 4;
const LARGEST_HEAD = 8 * 1024 * 1024;

/** The head of a push, or fetch, was not what gitprotocol-pack(5) says, or was too long. */
export class MalformedPushError extends Error {}

/** Reads lines up to the first flush, going on where it stopped for want of bytes. */
class HeadReader {
  readonly #gathered = new Gathered();
  readonly lines: string[] = [];
  #at = 0;

  get bytes(): Buffer {
    return this.#gathered.bytes;
  }

  /** @returns whether the flush has come @throws MalformedPushError */
  add(piece: Uint8Array): boolean {
    this.#gathered.add(piece);
    const { bytes } = this;
    if (bytes.length > LARGEST_HEAD) throw new MalformedPushError('Too many commands');
    while (this.#at + LENGTH_DIGITS <= bytes.length) {
      const digits = bytes.toString('latin1', this.#at, this.#at + LENGTH_DIGITS);
      if (!/^[0-9a-f]{4}$/i.test(digits)) throw new MalformedPushError('Malformed packet length');
      const length = Number.parseInt(digits, 16);
      if (length === 0) return true;
      if (length < LENGTH_DIGITS) throw new MalformedPushError('Malformed packet length');
      const end = this.#at + length;
      if (end > bytes.length) return false;
      this.lines.push(bytes.toString('utf8', this.#at + LENGTH_DIGITS, end));
      this.#at = end;
    }
    return false;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Reads `old new name` lines; capabilities follow a NUL in the first. */
function parseCommand(line: string): PushCommand {
  const text = (line.split('\0')[0] ?? '').replace(/\n$/, '');
  const oldId = text.slice(0, 40);
  const newId = text.slice(41, 81);
  if (!isObjectId(oldId) || !isObjectId(newId)) throw new MalformedPushError('Malformed command');
  const name = text.slice(82);
  // None has any, and what a hook is told of names is in lines.
  if (CONTROL.test(name)) throw new MalformedPushError('Malformed name of a reference');
  return {
    name,
    oldId: oldId === zeroObjectId ? undefined : oldId,
    newId: newId === zeroObjectId ? undefined : newId,
  };
}

/**
 * Reads the head of a push. The stream is left as it was, so that git can read all of it.
 * No commands: the probe that git sends before a large push, or a push over a connection that has nothing to push.
 * @throws MalformedPushError
 */
export async function peekPush(body: Readable): Promise<PushHead> {
  const head = new HeadReader();
  for (let whole = false; !whole; ) {
    const chunk = await nextChunk(body);
    if (!chunk) throw new MalformedPushError('The push ended early');
    whole = head.add(chunk);
  }
  body.unshift(head.bytes);
  const lines = head.lines.filter((line) => !line.startsWith('shallow '));
  const [, words = ''] = lines[0]?.split('\0', 2) ?? [];
  const shallow = lines.length < head.lines.length;
  return { commands: lines.map(parseCommand), capabilities: words.trim().split(' '), shallow };
}

const MOST_PEEKED = 64 * 1024;

/**
 * Reads the head of a fetch, of protocol version 0 to 2 (gitprotocol-v2(5)), and leaves the stream as it was. What is malformed
 * is for git to refuse. @throws MalformedPushError for one that breaks off
 */
export async function peekFetch(body: Readable): Promise<FetchHead> {
  const gathered = new Gathered();
  const lines: string[] = [];
  for (let whole = false; !whole && gathered.bytes.length < MOST_PEEKED; ) {
    const chunk = await nextChunk(body);
    if (!chunk) throw new MalformedPushError('The request ended early');
    gathered.add(chunk);
    whole = readLines(gathered.bytes, lines);
  }
  body.unshift(gathered.bytes);
  return fetchHeadOf(lines);
}

/** @returns whether there is no more to be read */
function readLines(bytes: Buffer, lines: string[]): boolean {
  lines.length = 0;
  for (let at = 0; at + LENGTH_DIGITS <= bytes.length; ) {
    const digits = bytes.toString('latin1', at, at + LENGTH_DIGITS);
    const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : 0;
    if (length === 0 || length === 3) return true;
    // Another part of the same request follows (version 2).
    const end = at + (length < LENGTH_DIGITS ? LENGTH_DIGITS : length);
    if (end > bytes.length) return false;
    lines.push(bytes.toString('utf8', at + LENGTH_DIGITS, end).trimEnd());
    at = end;
  }
  return false;
}

function fetchHeadOf(lines: readonly string[]): FetchHead {
  const wants = lines.filter((line) => line.startsWith('want '));
  const command = lines[0]?.startsWith('command=') ?? false;
  const parts = lines.indexOf('');
  const capabilities = command
    ? lines.slice(1, parts < 0 ? undefined : parts)
    : (wants[0]?.split(' ').slice(2) ?? []);
  return {
    capabilities: capabilities.filter((each) => each !== ''),
    shallow: lines.some((line) => /^(shallow|deepen)\b/.test(line)),
    wants: wants.length > 0,
  };
}

/** What comes next in a paused stream, or undefined at its end. */
async function nextChunk(body: Readable): Promise<Buffer | undefined> {
  for (;;) {
    const chunk: Buffer | null = body.read();
    if (chunk) return chunk;
    if (body.readableEnded || body.destroyed) return undefined;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        body.off('readable', settle).off('end', settle).off('close', settle).off('error', settle);
        error ? reject(error) : resolve();
      };
      body.once('readable', settle).once('end', settle).once('close', settle).once('error', settle);
    });
  }
}
