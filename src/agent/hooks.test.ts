import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CODES, failed, type ScriptError } from './diagnostics.ts';
import { isNoopHook, runHook } from './hooks.ts';
import { makeLayout, writePointer } from './layout.ts';
import { specification, temporaryDirectory, writeFiles } from './testing.ts';

/** A host with an unpacked revision. `hooks`: AppSpec lines below `hooks:`. */
function host(hooks: string, files: Record<string, string>) {
  const root = temporaryDirectory();
  const layout = makeLayout(root);
  const spec = specification();
  const { archive, scriptsLog } = layout.deployment(spec.groupId, spec.deploymentId);
  writeFiles(archive, { 'appspec.yml': `version: 0.0\nos: linux\nhooks:\n${hooks}`, ...files });
  const out = join(root, 'out');
  const env = { PATH: process.env.PATH, OUT: out };
  const options = { layout, env, prefix: '/the/prefix' };
  return {
    ...{ root, layout, spec, archive, scriptsLog, out, options },
    run: (event = 'AfterInstall', of = spec) => runHook(options, event, of),
    error: (event = 'AfterInstall') =>
      runHook(options, event, spec).then(
        () => undefined,
        (error: ScriptError) => error,
      ),
  };
}

const scripts = (event: string, ...locations: string[]) =>
  `  ${event}:\n${locations.map((location) => `    - location: ${location}\n`).join('')}`;

test('CD-SPC-06, 07: scripts run in their order with their environment; the log keeps all', async () => {
  const h = host(scripts('AfterInstall', 'a.sh', 'b.sh'), {
    'a.sh':
      '#!/bin/sh\necho "$LIFECYCLE_EVENT $DEPLOYMENT_ID $APPLICATION_NAME $DEPLOYMENT_GROUP_NAME $BUNDLE_KEY $INSTANCE_PREFIX" > "$OUT"\necho said',
    'b.sh': 'echo two >> "$OUT"; printf "no end" >&2; cat',
  });
  await h.run();
  expect(readFileSync(h.out, 'utf8')).toBe(
    'AfterInstall d-AAAAAAAAA web prod k.zip /the/prefix\ntwo\n',
  );
  const log = readFileSync(h.scriptsLog, 'utf8');
  for (const line of [
    'LifecycleEvent - AfterInstall',
    'Script - a.sh',
    '[stdout]said',
    '[stderr]no end',
  ]) {
    expect(log).toContain(` ${line}\n`);
  }
  expect(readFileSync(h.layout.deploymentsLog, 'utf8')).toContain('[d-AAAAAAAAA][stdout]said\n');
});

test('CD-SPC-06: the first failure ends the event; CD-AGT-04, 11: what is reported of it', async () => {
  const h = host(scripts('AfterInstall', 'bad.sh', 'b.sh'), {
    'bad.sh': 'echo out; exit 7',
    'b.sh': 'touch "$OUT"',
  });
  const error = await h.error();
  expect(JSON.parse(failed(error))).toEqual({
    error_code: CODES.scriptFailed,
    script_name: 'bad.sh',
    message: 'Script at specified location: bad.sh failed with exit code 7',
    log: 'LifecycleEvent - AfterInstall\nScript - bad.sh\n[stdout]out\n',
  });
  expect(existsSync(h.out)).toBe(false);
});

test('CD-AGT-04: the report has the last whole lines, below 2,048 characters', async () => {
  const h = host(scripts('AfterInstall', 'long.sh'), {
    'long.sh': 'for i in $(seq 1000); do echo "line $i"; done; exit 1',
  });
  const log = (await h.error())?.log ?? '';
  expect(log.length).toBeLessThan(2048);
  expect(log.length).toBeGreaterThan(2000);
  expect(log).toMatch(/^\[stdout\]line \d+\n/);
  expect(log.endsWith('[stdout]line 1000\n')).toBe(true);
});

test('CD-AGT-04: the report counts characters, whatever JavaScript counts', async () => {
  const h = host(scripts('AfterInstall', 'long.sh'), {
    'long.sh':
      'for i in $(seq 100); do echo "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀 $((i + 100))"; done; exit 1',
  });
  // Each line has 33 characters, with its break: 62 fit below 2,048.
  expect((await h.error())?.log.split('\n')).toHaveLength(62 + 1);
});

test('CD-AGT-04: the last line is not counted when it is short enough itself', async () => {
  const log = async (digits: number) => {
    const h = host(scripts('AfterInstall', 'a.sh'), {
      'a.sh': `#!/bin/sh\nprintf "%0${digits}d\\n" 1\nexit 1\n`,
    });
    return (await h.error())?.log.split('\n').map((line) => line.length);
  };
  // Recorded: 2,047 characters with its prefix and break, and one more.
  expect(await log(2038)).toEqual([29, 13, 2046, 0]);
  expect(await log(2039)).toEqual([0]);
});

test('CD-AGT-04: a last line without its break has none in the report, and stderr’s comes first', async () => {
  const h = host(scripts('AfterInstall', 'open.sh'), {
    'open.sh': '#!/bin/sh\nprintf "no end"\nprintf "nor here" >&2\nexit 1\n',
  });
  expect((await h.error())?.log).toBe(
    'LifecycleEvent - AfterInstall\nScript - open.sh\n[stderr]nor here[stdout]no end',
  );
  expect(readFileSync(h.scriptsLog, 'utf8')).toMatch(/\[stderr\]nor here\n.*\[stdout\]no end\n$/);
});

test('the log of all deployments has its lines without the blanks at their ends', async () => {
  const h = host(scripts('AfterInstall', 'a.sh'), { 'a.sh': 'echo "  said\t "' });
  await h.run();
  expect(readFileSync(h.scriptsLog, 'utf8')).toContain(' [stdout]  said\t \n');
  expect(readFileSync(h.layout.deploymentsLog, 'utf8')).toContain('[d-AAAAAAAAA][stdout]  said\n');
});

test.each([
  ['no/such', 'ENOENT', 'No such file or directory'],
  ['/tmp', 'EACCES', 'Permission denied'],
])('CD-AGT-11: a script whose interpreter is %s', async (interpreter, code, words) => {
  const h = host(scripts('AfterInstall', 'a.sh'), { 'a.sh': `#!${interpreter}\n` });
  const error = await h.error();
  expect(error?.code).toBe(CODES.scriptFailed);
  expect(error?.message).toBe(
    `Script at specified location: a.sh failed with error Errno::${code} with message ${words} - ${join(h.archive, 'a.sh')}`,
  );
});

test('CD-AGT-11: missing, outside the revision, not executable', async () => {
  const missing = await host(scripts('AfterInstall', 'none.sh'), {}).error();
  expect(missing?.code).toBe(CODES.scriptMissing);
  expect(missing?.message).toMatch(/^Script does not exist at specified location: \/.*none\.sh$/);
  const outside = await host(scripts('AfterInstall', '../../../bin/true'), {}).error();
  expect(outside?.code).toBe(CODES.scriptMissing);
  const h = host(scripts('AfterInstall', 'a.sh'), { 'a.sh': 'touch "$OUT"' });
  chmodSync(join(h.archive, 'a.sh'), 0o644);
  await h.run();
  expect(existsSync(h.out)).toBe(true);
});

test('CD-AGT-11: a script that takes too long is ended with its children', async () => {
  const h = host('  AfterInstall:\n    - {location: slow.sh, timeout: 1}\n', {
    'slow.sh':
      '#!/bin/sh\n(trap "echo ended >> $OUT; exit" TERM; while :; do sleep 0.1; done) &\nwait',
  });
  const error = await h.error();
  expect(error?.code).toBe(CODES.scriptTimedOut);
  expect(error?.message).toBe(
    'Script at specified location: slow.sh failed to complete in 1 seconds',
  );
  await expect.poll(() => existsSync(h.out)).toBe(true);
});

test('CD-SPC-08: a child that keeps the output open fails with code 6', async () => {
  const h = host('  AfterInstall:\n    - {location: open.sh, timeout: 1}\n', {
    'open.sh': '#!/bin/sh\nsleep 3 &\nexit 0',
  });
  const error = await h.error();
  expect(error?.code).toBe(CODES.outputsLeftOpen);
  expect(error?.message).toBe('Script at specified location: open.sh failed to close STDOUT');
});

test('CD-LCS-08: ApplicationStop runs from the last successful install; without one it is a no-op', async () => {
  const h = host(scripts('ApplicationStop', 'stop.sh'), {
    'stop.sh': 'echo "$DEPLOYMENT_ID" > "$OUT"',
  });
  const next = specification({ deploymentId: 'd-BBBBBBBBB' });
  expect(await isNoopHook(h.layout, 'ApplicationStop', next)).toBe(true);
  const { directory } = h.layout.deployment(h.spec.groupId, h.spec.deploymentId);
  await writePointer(h.layout, h.spec.groupId, 'last_successful_install', directory);
  expect(await isNoopHook(h.layout, 'ApplicationStop', next)).toBe(false);
  await h.run('ApplicationStop', next);
  // The script is the old revision's, everything else the new deployment's.
  expect(readFileSync(h.out, 'utf8')).toBe('d-BBBBBBBBB\n');
  expect(existsSync(h.layout.deployment(next.groupId, next.deploymentId).scriptsLog)).toBe(true);
});

test('CD-AGT-12: without its AppSpec a hook fails, in AWS’s words', async () => {
  const h = host('', {});
  const spec = specification({ appSpecPath: 'other.yml' });
  await expect(isNoopHook(h.layout, 'BeforeInstall', spec)).rejects.toThrow(
    'did not find an AppSpec file within the unpacked revision directory at revision-relative path "other.yml"',
  );
  expect(await isNoopHook(h.layout, 'BeforeInstall', h.spec)).toBe(true);
});

test.skipIf(process.getuid?.() !== 0)(
  'CD-SPC-06: runas another user (skipped: not root)',
  async () => {
    const h = host('  AfterInstall:\n    - {location: who am i.sh, runas: nobody}\n', {
      'who am i.sh': '#!/bin/sh\nid -un; exit 1',
    });
    for (const path of [h.root, h.archive]) chmodSync(path, 0o755);
    const error = await h.error();
    expect(error?.message).toContain('who am i.sh run as user nobody failed with exit code');
  },
);

test
  .skipIf(process.getuid?.() !== 0)
  .each(['--help', '--version', '-c', 'no;body', '$(id -un)', 'nobody -s /bin/sh', 'no such user'])(
  'a hook that runs as %j, who is nobody, has failed (skipped: not root)',
  async (runas) => {
    const hook = { location: 'a.sh', runas };
    const h = host(`  AfterInstall:\n    - ${JSON.stringify(hook)}\n`, {
      'a.sh': '#!/bin/sh\nid -un > ran',
    });
    for (const path of [h.root, h.archive]) chmodSync(path, 0o755);
    expect((await h.error())?.message).toContain(`run as user ${runas} failed with exit code 1`);
  },
);

test('a line without end is logged in parts, and many lines in no time', async () => {
  const h = host(scripts('AfterInstall', 'a.sh'), {
    'a.sh':
      '#!/bin/sh\nhead -c 30000000 /dev/zero | tr "\\0" x\necho\nyes | head -n 300000\necho last',
  });
  const began = Date.now();
  await h.run();
  // It was a quarter of an hour.
  expect(Date.now() - began).toBeLessThan(15_000);
  const log = readFileSync(h.scriptsLog, 'utf8');
  expect(log.match(/x/g)).toHaveLength(30_000_000);
  expect(log.split('\n').some((line) => line.length > 200_000)).toBe(false);
  expect(log.match(/\[stdout\]y\n/g)).toHaveLength(300_000);
  expect(log).toMatch(/\[stdout\]last\n$/);
}, 60_000);

test.each(['mkfifo', 'mknod'])(
  'an AppSpec that is no file (%s) is not waited for',
  async (program) => {
    if (program === 'mknod' && process.getuid?.() !== 0) return;
    const h = host(scripts('AfterInstall', 'a.sh'), {});
    const file = join(h.archive, 'appspec.yml');
    rmSync(file);
    execFileSync(program, program === 'mknod' ? [file, 'c', '1', '5'] : [file]);
    expect((await h.error())?.message).toContain('is no file');
  },
);
