import type { Readable } from 'node:stream';
import { Gathered } from '../lib/gathered.ts';
import { moreOf } from '../lib/more-of.ts';
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

export const LENGTH_DIGITS = 4;
const LARGEST_HEAD = 8 * 1024 * 1024;

/** The head of a push, or fetch, was not what gitprotocol-pack(5) says, or was too long. */
export class MalformedPushError extends Error {}

/** What the four digits at a place say, which are there; undefined where they are none. */
export function packetLength(bytes: Buffer, at: number): number | undefined {
  const digits = bytes.toString('latin1', at, at + LENGTH_DIGITS);
  return /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

/** Between the parts of a request of version 2. */
const isDelimiter = (length: number | undefined) => length === 1 || length === 2;

/** Reads lines up to the first flush, going on where it stopped for want of bytes. */
class HeadReader {
  readonly #gathered = new Gathered();
  readonly #of: 'push' | 'fetch';
  /** Of a delimiter: an empty one. */
  readonly lines: string[] = [];
  #at = 0;

  constructor(of: 'push' | 'fetch') {
    this.#of = of;
  }

  get bytes(): Buffer {
    return this.#gathered.bytes;
  }

  /** @returns whether there is no more to be read @throws MalformedPushError of a push alone */
  add(piece: Uint8Array): boolean {
    this.#gathered.add(piece);
    const { bytes } = this;
    while (this.#at + LENGTH_DIGITS <= bytes.length) {
      const length = packetLength(bytes, this.#at);
      if (length === 0) return true;
      const isPart = this.#of === 'fetch' && isDelimiter(length);
      if (length === undefined || (length < LENGTH_DIGITS && !isPart)) {
        if (this.#of === 'fetch') return true;
        throw new MalformedPushError('Malformed packet length');
      }
      const end = this.#at + Math.max(length, LENGTH_DIGITS);
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
  const head = new HeadReader('push');
  for (let whole = false; !whole; ) {
    const chunk = await nextChunk(body);
    if (!chunk) throw new MalformedPushError('The push ended early');
    if (head.bytes.length + chunk.length > LARGEST_HEAD)
      throw new MalformedPushError('Too many commands');
    whole = head.add(chunk);
  }
  body.unshift(head.bytes);
  const lines = head.lines.filter((line) => !line.startsWith('shallow '));
  const [, words = ''] = lines[0]?.split('\0', 2) ?? [];
  const shallow = lines.length < head.lines.length;
  const capabilities = words.trim().split(' ').filter(Boolean);
  return { commands: lines.map(parseCommand), capabilities, shallow };
}

const MOST_PEEKED = 64 * 1024;

/**
 * Reads the head of a fetch, of protocol version 0 to 2 (gitprotocol-v2(5)), and leaves the stream as it was. What is malformed
 * is for git to refuse. @throws MalformedPushError for one that breaks off
 */
export async function peekFetch(body: Readable): Promise<FetchHead> {
  const head = new HeadReader('fetch');
  for (let whole = false; !whole && head.bytes.length < MOST_PEEKED; ) {
    const chunk = await nextChunk(body);
    if (!chunk) throw new MalformedPushError('The request ended early');
    whole = head.add(chunk);
  }
  body.unshift(head.bytes);
  return fetchHeadOf(head.lines.map((line) => line.trimEnd()));
}

function fetchHeadOf(lines: readonly string[]): FetchHead {
  const wants = lines.filter((line) => line.startsWith('want '));
  const command = lines[0]?.startsWith('command=') ?? false;
  const parts = lines.indexOf('');
  const capabilities = command
    ? lines.slice(1, parts < 0 ? undefined : parts)
    : (wants[0]?.split(' ').slice(2) ?? []);
  return {
    capabilities: capabilities.filter(Boolean),
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
    await moreOf(body);
  }
}
