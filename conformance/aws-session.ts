import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { aws } from './aws.ts';
import type { Ready } from './server.ts';
import { type Typed, words } from './words.ts';

/** Runs one command after another in one process: most of what a command takes is its start. */
const DRIVER = `
import contextlib, io, json, sys
from awscli.clidriver import create_clidriver
driver = create_clidriver()
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = driver.main(json.loads(line))
        except SystemExit as ended:
            code = ended.code
    sys.stdout.write(json.dumps([code, out.getvalue(), err.getvalue()]) + '\\n')
    sys.stdout.flush()
`;

/** The interpreter that `aws` runs on, where it is a script of its own and no stand-in for one. */
function interpreter(): string | undefined {
  for (const directory of (process.env.PATH ?? '').split(':')) {
    const file = join(directory, 'aws');
    try {
      accessSync(file, constants.X_OK);
      const [, found] = /^#! ?(\/\S*python[\d.]*)\n/.exec(readFileSync(file, 'latin1')) ?? [];
      if (found !== undefined) return found;
    } catch {
      // The next one.
    }
  }
  return undefined;
}

export interface AwsSession {
  /** As `aws(server)` of aws.ts. */
  run(...typed: Typed): Promise<Record<string, unknown>>;
  end(): void;
}

/** The real aws command for many calls: typed, answered and refused as by `aws(server)`, one at a time. */
export function awsSession(
  server: Pick<Ready, 'endpoint'> & { env: NodeJS.ProcessEnv },
): AwsSession {
  const python = interpreter();
  if (python === undefined) return { run: aws(server), end: () => {} };
  const child: ChildProcess = spawn(python, ['-c', DRIVER], {
    env: { ...server.env, AWS_PAGER: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers: ((line: string) => void)[] = [];
  const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
  lines.on('line', (line) => answers.shift()?.(line));
  child.on('close', () => {
    for (const answer of answers) answer('[-1, "", "the process has ended"]');
  });
  return {
    async run(...typed) {
      const args = words(...typed);
      const all = ['--endpoint-url', server.endpoint, '--output', 'json', ...args];
      const line = await new Promise<string>((resolve) => {
        answers.push(resolve);
        child.stdin?.write(`${JSON.stringify(all)}\n`);
      });
      const [code, out, err] = JSON.parse(line) as [number | null, string, string];
      if (code) throw new Error(`aws ${args.join(' ')} ended with ${code}: ${err}`);
      return out.trim() === '' ? {} : JSON.parse(out);
    },
    end: () => child.stdin?.end(),
  };
}
