import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packedReferences, type SealedState } from './state.ts';

/**
 * A second way for git to look at a working copy: with its objects, and with references of its own, which are those that are
 * durable. In the copy itself they move before, in a turn; whoever looks here need not wait for that, and sees nothing of it.
 */
export class DurableView {
  readonly directory: string;

  /** @param copy the directory of the working copy */
  constructor(copy: string) {
    this.directory = join(copy, 'durable');
  }

  /** Whether all is there that says something of references: one without would seem to have none. */
  get exists(): boolean {
    return ['HEAD', 'packed-refs', 'objects'].every((name) =>
      existsSync(join(this.directory, name)),
    );
  }

  async make(config: string): Promise<void> {
    await mkdir(join(this.directory, 'refs'), { recursive: true, mode: 0o700 });
    await symlink('../objects', join(this.directory, 'objects'));
    await writeFile(join(this.directory, 'config'), config);
  }

  /** Says what a state says, of all references at once. @param before what it says now */
  async show({ references, head }: SealedState, before?: SealedState): Promise<void> {
    if (before?.references !== references)
      await this.#write('packed-refs', packedReferences(references));
    if (before?.head !== head) await this.#write('HEAD', Buffer.from(`ref: ${head}\n`, 'latin1'));
  }

  async #write(name: string, content: Buffer): Promise<void> {
    const draft = join(this.directory, `${name}.${randomUUID()}`);
    try {
      await writeFile(draft, content);
      await rename(draft, join(this.directory, name));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  }
}
