import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { extract, type Header, pack } from 'tar-stream';
import { afterAll } from 'vitest';
import type { Executor, WorkSpec } from './executor.ts';

/** An entry of a test's archive; any name and any kind. */
export type TarEntry = Partial<Header> & { body?: string };

/** A tar stream of these entries, in their order. */
export function tarOfEntries(entries: TarEntry[]): Readable {
  const archive = pack();
  for (const { body, ...header } of entries) {
    archive.entry({ name: '', type: 'file', ...header }, body ?? '');
  }
  archive.finalize();
  return Readable.from(archive);
}

export const fileEntry = (name: string, body = 'x'): TarEntry => ({ name, body });

export const linkEntry = (name: string, linkname: string): TarEntry => ({
  name,
  type: 'symlink',
  linkname,
});

export const hardLinkEntry = (name: string, linkname: string): TarEntry => ({
  name,
  type: 'link',
  linkname,
});

/** Whether `sleep` runs so many seconds, anywhere: containers' processes are this machine's, too. */
export function isSleeping(seconds: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}

/** How the suite gets at an executor. */
export interface ContractSubject {
  /** Every call: an executor as a restarted server would make it, over the same state. */
  open(): Executor;
  image?: string;
}

/** Starts work, and removes it after the suite. */
export function works(subject: ContractSubject) {
  const handles: string[] = [];
  afterAll(async () => {
    await Promise.all(handles.map((handle) => subject.open().remove(handle)));
  });

  const prepare = async (script: string, options: Partial<WorkSpec> = {}) => {
    const executor = subject.open();
    const spec: WorkSpec = {
      id: `contract-${randomUUID()}`,
      command: (root) => ['/bin/sh', '-c', script, 'work', root],
      environment: {},
      labels: {},
      ...(subject.image ? { image: subject.image } : {}),
      ...options,
    };
    const handle = await executor.prepare(spec);
    handles.push(handle);
    return { executor, handle, spec };
  };
  const run = async (script: string, options?: Partial<WorkSpec>) => {
    const work = await prepare(script, options);
    await work.executor.start(work.handle);
    return work;
  };
  return { prepare, run };
}

type TarFile = string | { body: string; mode: number };

/** A tar stream of these files. */
export function tarOf(files: Record<string, TarFile>): Readable {
  const archive = pack();
  for (const [name, file] of Object.entries(files)) {
    const { body, mode } = typeof file === 'string' ? { body: file, mode: 0o644 } : file;
    archive.entry({ name, mode }, body);
  }
  archive.finalize();
  return archive as unknown as Readable;
}

/** What is in an archive, by name: type, mode and text, or where it links to. */
export async function entries(tar: Readable): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const parser = extract();
  tar.pipe(parser as unknown as NodeJS.WritableStream);
  for await (const entry of parser) {
    const { name, type, mode, linkname } = entry.header;
    const body = await text(entry);
    found[name] =
      type === 'symlink' ? `symlink -> ${linkname}` : `${type} ${(mode ?? 0).toString(8)} ${body}`;
  }
  return found;
}

/** Resolves once the stream has said it. */
export async function output(stream: Readable, wanted: string): Promise<void> {
  let seen = '';
  for await (const chunk of stream) {
    seen += String(chunk);
    if (seen.includes(wanted)) return;
  }
  throw new Error(`the work ended with the output ${JSON.stringify(seen)}`);
}
