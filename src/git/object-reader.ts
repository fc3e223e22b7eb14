import { READER } from './bounds.ts';
import type { GitRuntime } from './environment.ts';
import { isObjectId } from './names.ts';
import type { ObjectType } from './objects.ts';
import { type RunningGit, startGit } from './process.ts';

export interface ObjectInfo {
  id: string;
  type: ObjectType;
  /** Bytes. */
  size: number;
}

export interface ReadObject extends ObjectInfo {
  content: Buffer;
}

/** A command sent to git whose answer has not come yet. Answers come in the order of the commands. */
interface Pending {
  content: boolean;
  resolve(answer: ReadObject | undefined): void;
  reject(error: Error): void;
}

const NO_CONTENT = Buffer.alloc(0);

/**
 * Reads objects of one repository through one long-lived `git cat-file --batch-command`. It takes object ids
 * and nothing else: a name typed by a user could mean more to git than it says.
 */
export class ObjectReader {
  #git: RunningGit;
  #pending: Pending[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  /** The header that was read while its content has not all come. */
  #header: ObjectInfo | undefined;
  #ended = false;

  /** @param env where it looks for objects, if not in the repository alone */
  constructor(runtime: GitRuntime, directory: string, env: Record<string, string> = {}) {
    this.#git = startGit(runtime, directory, ['cat-file', '--batch-command'], {
      env: { GIT_DIR: directory, ...env },
      bounds: READER,
    });
    this.#git.process.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#git.closed.then(() => this.#fail());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Type and size, or undefined when there is no such object. */
  async info(id: string): Promise<ObjectInfo | undefined> {
    const answer = await this.#ask('info', id);
    return answer && { id: answer.id, type: answer.type, size: answer.size };
  }

  /** The whole object, or undefined when there is none. Ask for the size first where it may be large. */
  read(id: string): Promise<ReadObject | undefined> {
    return this.#ask('contents', id);
  }

  /** Takes no further questions; git ends once it has answered those that it has. */
  close(): void {
    this.#ended = true;
    this.#git.process.stdin.end();
  }

  #ask(command: 'info' | 'contents', id: string): Promise<ReadObject | undefined> {
    if (!isObjectId(id)) return Promise.reject(new Error('Not an object id'));
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(new Error('The repository was closed'));
      this.#pending.push({ content: command === 'contents', resolve, reject });
      this.#git.process.stdin.write(`${command} ${id}\n`);
    });
  }

  #fail(): void {
    this.#ended = true;
    const reason = this.#git.stderr().trim() || 'git cat-file ended';
    for (const pending of this.#pending.splice(0)) pending.reject(new Error(reason));
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#pending.length > 0 && this.#answerOne());
  }

  /** Answers the first pending command if enough has come. */
  #answerOne(): boolean {
    const pending = this.#pending[0];
    if (!pending) return false;
    this.#header ??= this.#takeHeader(pending);
    const header = this.#header;
    if (!header) return this.#pending[0] !== pending; // answered as missing, or more to come
    if (pending.content && this.#buffered < header.size + 1) return false;
    const content = pending.content ? this.#take(header.size + 1).subarray(0, -1) : NO_CONTENT;
    this.#header = undefined;
    this.#pending.shift();
    pending.resolve({ ...header, content });
    return true;
  }

  /** Reads `<id> <type> <size>`; `<id> missing` answers the command at once. */
  #takeHeader(pending: Pending): ObjectInfo | undefined {
    const buffer = this.#join();
    const end = buffer.indexOf(0x0a);
    if (end < 0) return undefined;
    const [id = '', type = '', size] = this.#take(end + 1)
      .toString('latin1', 0, end)
      .split(' ');
    if (size !== undefined) return { id, type: type as ObjectType, size: Number(size) };
    this.#pending.shift();
    pending.resolve(undefined);
    return undefined;
  }

  #join(): Buffer {
    if (this.#chunks.length !== 1) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }

  #take(length: number): Buffer {
    const buffer = this.#join();
    this.#chunks = length < buffer.length ? [buffer.subarray(length)] : [];
    this.#buffered -= length;
    return buffer.subarray(0, length);
  }
}
