import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const HELD = 200;
const directory = mkdtempSync(join(tmpdir(), 'slipway-inherited-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a module with a file of ours as its descriptor 200: Node itself keeps low ones back. @returns what it said, and what the file has then */
function withDescriptor(module: string) {
  const file = join(directory, 'held');
  const descriptor = openSync(file, 'w');
  const stdio = ['ignore', 'pipe', 'pipe', ...Array(HELD - 3).fill('ignore'), descriptor];
  const args = ['--input-type=module', '--disable-warning=ExperimentalWarning', '-e', module];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
    stdio,
  });
  return { said: stdout + stderr, written: readFileSync(file, 'utf8') };
}

const SCRIPT = `(echo BY-WORK > /proc/self/fd/${HELD}) 2>/dev/null; echo end`;

test.skipIf(process.platform !== 'linux')(
  'work has none of the descriptors that the server was started with',
  () => {
    const { said, written } = withDescriptor(`
      import { text } from 'node:stream/consumers';
      import { makeProcessExecutor } from './executors/process/process-executor.ts';
      const executor = makeProcessExecutor({ stateDir: ${JSON.stringify(directory)}, path: process.env.PATH, sandbox: 'off', hidden: [] });
      const command = () => ['/bin/sh', '-c', ${JSON.stringify(`${SCRIPT}; exec sleep 60`)}];
      const handle = await executor.prepare({ id: 'work', command, environment: {}, labels: {} });
      await executor.start(handle);
      for await (const chunk of executor.logs(handle)) if (String(chunk).includes('end')) break;
      const session = await executor.exec(handle, ['/bin/sh', '-c', ${JSON.stringify(SCRIPT)}]);
      session.stdin.end();
      process.stdout.write(await text(session.output));
      await executor.remove(handle);`);
    expect(said).toBe('end\n');
    expect(written).toBe('');
  },
);

test.skipIf(process.platform !== 'linux')(
  'hook scripts have none of the descriptors that the agent was started with',
  () => {
    const { said, written } = withDescriptor(`
      import { runScript } from './agent/run-script.ts';
      import { writeFileSync } from 'node:fs';
      const path = ${JSON.stringify(join(directory, 'hook'))};
      writeFileSync(path, ${JSON.stringify(`#!/bin/sh\n${SCRIPT}\n`)}, { mode: 0o755 });
      const line = (text) => console.log(text);
      const log = { line, lines: (texts) => texts.forEach(line), rest() {}, tail: () => '' };
      await runScript({ location: 'hook', timeout: 60 }, path, process.env, log);`);
    expect(said).toContain('[stdout]end\n');
    expect(written).toBe('');
  },
);
