import { Readable } from 'node:stream';
import { failureOf, type RunningGit } from './process.ts';

export interface ProcessStreamOptions {
  /** Sent before what git says, and with it: of a git that refuses at once nothing is sent. */
  prefix?: Uint8Array;
  /** Runs once git has ended in any way; the stream ends after it. */
  finished?: () => Promise<void>;
  /** An exit code other than 0 with which git has said all that it had to say, if it has said anything. */
  refusal?: number;
  /** From when on what git says waits until `finished` has run, which may fail: it is not true before. */
  held?: () => boolean;
  /** What is said in place of what was held back, of a failure of `finished` that the client's protocol has words for. */
  instead?: (failure: unknown) => Buffer | undefined;
}

/**
 * What a git process writes, as a stream that takes no more than its reader asks for. It fails when git fails,
 * so that a cut answer is never taken for a whole one; destroying it ends git.
 */
export class ProcessStream extends Readable {
  #git: RunningGit;
  #spoke = false;
  #heldBack: Buffer[] = [];

  constructor(git: RunningGit, options: ProcessStreamOptions = {}) {
    super();
    this.#git = git;
    git.process.stdout.pause();
    git.process.stdout.on('data', (chunk: Buffer) => {
      const said = options.prefix && !this.#spoke ? Buffer.concat([options.prefix, chunk]) : chunk;
      this.#spoke = true;
      // Once destroyed nobody reads, but git must be able to come to its end.
      if (options.held?.()) this.#heldBack.push(said);
      else if (!this.destroyed && !this.push(said)) git.process.stdout.pause();
    });
    git.closed.then((code) => this.#ended(code, options));
  }

  override _read(): void {
    this.#git.process.stdout.resume();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#git.kill();
    this.#git.process.stdout.resume();
    done(error);
  }

  async #ended(code: number, options: ProcessStreamOptions): Promise<void> {
    const { finished, refusal, instead } = options;
    const whole = code === 0 || (code === refusal && this.#spoke);
    let failure = whole ? undefined : failureOf(this.#git, code);
    try {
      await finished?.();
    } catch (error) {
      const said = instead?.(error);
      if (said) this.#heldBack = [said];
      failure = said ? undefined : (error as Error);
    }
    if (this.destroyed) return;
    if (failure) {
      this.destroy(failure);
      return;
    }
    for (const chunk of this.#heldBack) this.push(chunk);
    this.push(null);
  }
}
