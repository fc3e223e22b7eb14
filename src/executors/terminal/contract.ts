import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Executor } from '../executor.ts';
import { isSleeping } from '../testing.ts';

/** How the suite gets at an executor, and the image of its work. */
export interface TerminalSubject {
  open(): Executor;
  image?: string;
  /** The same as an expression of another program, by a function of a module. */
  made: { by: string; from: URL; options: object };
}

const SAYS_MS = 30_000;
const AGAIN_MS = 2_000;

let count = 0;

/** What every executor passes that can give a command a terminal. */
export function terminalContract(name: string, { open, image, made }: TerminalSubject): void {
  describe(`terminals: ${name}`, () => {
    async function running() {
      const executor = open();
      const handle = await executor.prepare({
        id: `terminal-${process.pid}-${Date.now()}-${count++}`,
        command: () => ['/bin/sh', '-c', 'echo ready; exec sleep 60'],
        environment: {},
        labels: {},
        ...(image && { image }),
      });
      await executor.start(handle);
      for await (const chunk of executor.logs(handle)) if (String(chunk).includes('ready')) break;
      const shell = ['/bin/sh', '-c', 'PS1="now> "; export PS1; exec /bin/sh -i'];
      return { executor, handle, shell };
    }

    test('its size, another one, what is typed, Ctrl-C and its end', async () => {
      const { executor, handle, shell } = await running();
      const session = await executor.exec(handle, shell, { columns: 91, rows: 31 });
      const said = heard(session.output);
      await said.until(/now> /);
      session.stdin.write('test -t 0 && stty size\r');
      await said.until(/^(now> )?31 91\r$/m);
      await session.resize?.({ columns: 132, rows: 43 });
      // One job: Ctrl-C between two would be the shell's.
      session.stdin.write('sh -c "stty size; sleep 300"\r');
      await said.until(/^(now> )?43 132\r$/m);
      // Between its two commands a shell may take no notice: it is pressed again, as one does.
      const pressing = setInterval(() => session.stdin.write('\x03'), AGAIN_MS);
      session.stdin.write('\x03');
      // What is typed before a shell has heard of Ctrl-C may go with it.
      await said.until(/43 132[\s\S]*now> $/);
      clearInterval(pressing);
      session.stdin.write('echo $((40 + 2)); exit\r');
      await said.until(/^(now> )?42\r$/m);
      await session.status;
      const other = await executor.exec(handle, ['/bin/sh', '-c', 'exit 9'], {
        ...{ columns: 80, rows: 24 },
      });
      expect(await other.status).toBe(9);
      await session.end();
      await executor.remove(handle);
    });

    test('ends with all that runs in it, and the work goes on', async () => {
      const { executor, handle, shell } = await running();
      const session = await executor.exec(handle, shell, { columns: 80, rows: 24 });
      const said = heard(session.output);
      const [first, second] = [count++, count++].map((each) => `61${process.pid}.${each}`);
      session.stdin.write(`sleep ${first} & sleep ${second} & echo started $((40 + 2))\r`);
      await said.until(/started 42/);
      // A shell goes on before what it started has become that program.
      await expect.poll(() => isSleeping(`${first}`) && isSleeping(`${second}`)).toBe(true);
      await session.end();
      await session.status;
      await expect.poll(() => isSleeping(`${first}`) || isSleeping(`${second}`)).toBe(false);
      expect((await executor.attach(handle)).state).toBe('running');
      await executor.remove(handle);
    });

    test('ends with the server that has it, also when that is killed', async () => {
      const { executor, handle } = await running();
      const seconds = `61${process.pid}.${count++}`;
      const command = ['/bin/sh', '-c', `exec sleep ${seconds}`];
      const program = `
        import { ${made.by} } from ${JSON.stringify(made.from.href)};
        const executor = ${made.by}(${JSON.stringify(made.options)});
        const size = { columns: 80, rows: 24 };
        const session = await executor.exec('${handle}', ${JSON.stringify(command)}, size);
        session.output.resume();`;
      const server = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      await expect.poll(() => isSleeping(seconds), { timeout: 30_000 }).toBe(true);
      server.kill('SIGKILL');
      await expect.poll(() => isSleeping(seconds), { timeout: 10_000 }).toBe(false);
      expect((await executor.attach(handle)).state).toBe('running');
      await executor.remove(handle);
    });
  });
}

/** All that a terminal has said so far, and the wait for more. */
export function heard(output: Readable) {
  let said = '';
  let ended = false;
  let look = () => {};
  output.on('data', (chunk) => {
    said += chunk;
    look();
  });
  output.on('end', () => {
    ended = true;
    look();
  });
  return {
    text: () => said,
    /** @throws Error when it ends without, or says nothing like it for long */
    until: (wanted: RegExp) =>
      new Promise<void>((resolve, reject) => {
        const missed = (how: string) =>
          reject(new Error(`${how} without ${wanted}: ${JSON.stringify(said)}`));
        const timer = setTimeout(missed, SAYS_MS, 'it went on');
        look = () => {
          if (!wanted.test(said)) return ended ? missed('it ended') : undefined;
          clearTimeout(timer);
          resolve();
        };
        look();
      }),
  };
}
