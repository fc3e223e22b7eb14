import {
  CannotRun,
  type Executor,
  missingFor,
  type WorkHandle,
  type WorkInfo,
  type WorkSpec,
} from './executor.ts';

/** Several executors as one: work goes to the first that has what it needs, and its handle leads back there. */
export class Executors
  implements Omit<Executor, 'kind' | 'capabilities' | 'isolation' | 'unavailable' | 'fillVolume'>
{
  /** In the order in which they are asked; at least one. */
  readonly all: readonly Executor[];

  constructor(all: readonly Executor[]) {
    this.all = all;
  }

  /** The executor of this work. @throws CannotRun naming what each executor lacks */
  for(spec: WorkSpec): Executor {
    const lacks = this.all.map((executor) => ({ executor, missing: missingFor(executor, spec) }));
    const found = lacks.find(({ missing }) => missing.length === 0);
    if (found) return found.executor;
    const words = lacks.map(
      ({ executor, missing }) => `the ${executor.kind} executor lacks ${missing.join(', ')}`,
    );
    const missing = new Set(lacks.flatMap((each) => each.missing));
    throw new CannotRun([...missing], words.join('; '));
  }

  /** Where the image is there without being pulled; true where an executor uses none. */
  async hasImage(image: string): Promise<boolean> {
    const found = await Promise.all(
      // An engine that does not answer has none.
      this.all.map((one) => one.hasImage?.(image).catch(() => false) ?? true),
    );
    return found.includes(true);
  }

  async imageDigest(handle: WorkHandle): Promise<string | undefined> {
    return this.#of(handle).imageDigest?.(handle);
  }

  async endpointFor(handle: WorkHandle, endpoint: string): Promise<string> {
    return this.#of(handle).endpointFor(handle, endpoint);
  }

  async prepare(spec: WorkSpec): Promise<WorkHandle> {
    return this.for(spec).prepare(spec);
  }

  /** Work of an executor that this server does not have is `absent`. */
  async attach(handle: WorkHandle): Promise<WorkInfo> {
    return this.#find(handle)?.attach(handle) ?? { state: 'absent', root: '' };
  }

  async start(handle: WorkHandle): Promise<void> {
    return this.#of(handle).start(handle);
  }

  logs(...[handle, options]: Parameters<Executor['logs']>): ReturnType<Executor['logs']> {
    return this.#of(handle).logs(handle, options);
  }

  async wait(...[handle, signal]: Parameters<Executor['wait']>): ReturnType<Executor['wait']> {
    return this.#of(handle).wait(handle, signal);
  }

  async stop(handle: WorkHandle, graceMs: number): Promise<void> {
    await this.#find(handle)?.stop(handle, graceMs);
  }

  async exec(...[handle, ...rest]: Parameters<Executor['exec']>): ReturnType<Executor['exec']> {
    return this.#of(handle).exec(handle, ...rest);
  }

  async copyIn(
    ...[handle, path, tar]: Parameters<Executor['copyIn']>
  ): ReturnType<Executor['copyIn']> {
    return this.#of(handle).copyIn(handle, path, tar);
  }

  async copyOut(
    ...[handle, ...rest]: Parameters<Executor['copyOut']>
  ): ReturnType<Executor['copyOut']> {
    return this.#of(handle).copyOut(handle, ...rest);
  }

  async reclaim(handle: WorkHandle, options?: { output?: boolean }): Promise<void> {
    await this.#find(handle)?.reclaim?.(handle, options);
  }

  /** Of the executors that can tell. */
  async largest(since?: number): Promise<{ handle: WorkHandle; bytes: number } | undefined> {
    const found = await Promise.all(this.all.map((one) => one.largest?.(since)));
    return found.flatMap((each) => each ?? []).sort((a, b) => b.bytes - a.bytes)[0];
  }

  async remove(handle: WorkHandle): Promise<void> {
    await this.#find(handle)?.remove(handle);
  }

  /** As `remove`, for work of which the id alone is known: whoever has it, and all that answer have been asked. */
  async removeWork(id: string): Promise<void> {
    const asked = await Promise.allSettled(this.all.map((one) => one.remove(`${one.kind}:${id}`)));
    for (const each of asked) if (each.status === 'rejected') throw each.reason;
  }

  /** For the work that names it, on the executor that has that. */
  async fillFor(
    handle: WorkHandle,
    ...given: Parameters<NonNullable<Executor['fillVolume']>>
  ): Promise<void> {
    await this.#of(handle).fillVolume?.(...given);
  }

  /** As `stop`, for work of which the id alone is known. @returns the handle of what is there */
  async stopWork(id: string, graceMs: number): Promise<WorkHandle | undefined> {
    let found: WorkHandle | undefined;
    for (const one of this.all) {
      const handle = `${one.kind}:${id}`;
      if ((await one.attach(handle)).state === 'absent') continue;
      await one.stop(handle, graceMs);
      found = handle;
    }
    return found;
  }

  async removeVolume(volume: string): Promise<void> {
    await Promise.all(this.all.map((one) => one.removeVolume?.(volume)));
  }

  async removeNetwork(network: string): Promise<void> {
    await Promise.all(this.all.map((one) => one.removeNetwork?.(network)));
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((one) => one.close?.()));
  }

  #find(handle: WorkHandle): Executor | undefined {
    return this.all.find(({ kind }) => handle.startsWith(`${kind}:`));
  }

  #of(handle: WorkHandle): Executor {
    const found = this.#find(handle);
    if (!found) throw new Error(`no executor of this server has the work ${handle}`);
    return found;
  }
}
