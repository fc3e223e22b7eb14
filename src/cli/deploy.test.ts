import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryDirectory, writeFiles } from '../agent/testing.ts';
import { deployCommand } from './deploy.ts';

const SCRIPT =
  '#!/bin/sh\necho "$LIFECYCLE_EVENT $APPLICATION_NAME $DEPLOYMENT_GROUP_NAME" >> "$OUT"\ntest "$FAIL" != "$LIFECYCLE_EVENT"\n';
const hook = (event: string) => `  ${event}:\n    - location: run.sh\n`;
const APPSPEC = `version: 0.0\nos: linux\nfiles:\n  - source: page\n    destination: /www\nhooks:\n${hook('ApplicationStop')}${hook('AfterInstall')}`;

function machine(appSpec = APPSPEC) {
  const root = temporaryDirectory();
  writeFiles(join(root, 'app'), { 'appspec.yml': appSpec, page: 'hello', 'run.sh': SCRIPT });
  const out = join(root, 'out');
  let said = '';
  const heard = (chunk: unknown) => {
    said += String(chunk);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(heard);
  vi.spyOn(process.stderr, 'write').mockImplementation(heard);
  const places = ['--root-dir', join(root, 'revisions'), '--prefix', join(root, 'host')];
  return {
    app: join(root, 'app'),
    page: join(root, 'host/www/page'),
    root,
    ran: () => (existsSync(out) ? readFileSync(out, 'utf8').trim().split('\n') : []),
    said: () => said,
    deploy: (argv: string[], env = {}) =>
      deployCommand(['--local', ...argv, ...places], { PATH: process.env.PATH, OUT: out, ...env }),
  };
}
afterEach(() => void vi.restoreAllMocks());

test('a directory is deployed, and the next one of its group stops it', async () => {
  const { app, page, ran, said, deploy } = machine();
  expect([await deploy([app, '-a', 'shop', '-d', 'prod']), said()]).toEqual([
    0,
    expect.stringContaining('Local deployment successful'),
  ]);
  expect(readFileSync(page, 'utf8')).toBe('hello');
  expect(ran()).toEqual(['AfterInstall shop prod']);
  expect(await deploy([app, '-b', 'DISALLOW'])).toBe(0);
  expect(ran().slice(1)).toEqual([
    `ApplicationStop ${app} LocalFleet`,
    `AfterInstall ${app} LocalFleet`,
  ]);
});

test('an archive is deployed, with events of its own', async () => {
  const { root, app, ran, said, deploy } = machine(`${APPSPEC}${hook('Mine')}`);
  const bundle = join(root, 'b.tgz');
  execFileSync('tar', ['czf', bundle, '-C', app, '.']);
  const argv = ['--bundle-location', bundle, '--type', 'tgz', '-e', 'Mine'];
  expect([await deploy(argv), said()]).toEqual([0, expect.anything()]);
  expect(ran()).toEqual([`Mine ${bundle} LocalFleet`]);
  expect(await deploy(argv.slice(0, -2))).toBe(1);
  expect(said()).toContain('contains unknown lifecycle events: ["Mine"]');
  expect(await deploy([...argv.slice(0, -1), 'Mine,Other'])).toBe(1);
  expect(said()).toContain("doesn't exist in your appspec.yml file: Other");
});

test('a script that fails is named, with what it said and where the log is', async () => {
  const { app, said, deploy } = machine();
  expect(await deploy([app], { FAIL: 'AfterInstall' })).toBe(1);
  for (const words of ['failed with exit code 1', '/deployment-archive/run.sh', 'logs/scripts.log'])
    expect(said()).toContain(words);
});

test('appspec.yaml is one, too', async () => {
  const { app, ran, deploy } = machine();
  execFileSync('mv', [join(app, 'appspec.yml'), join(app, 'appspec.yaml')]);
  expect(await deploy([app])).toBe(0);
  expect(ran()).toHaveLength(1);
});

test.each([
  [['missing'], 'does not exist'],
  [['app', '-t', 'zip'], 'it is a directory'],
  [['app/page'], 'it is a file'],
  [['.'], 'Expecting appspec file'],
  [['app', '-g', '../x'], 'Not a usable identifier'],
  [['app', '-c', '/nope'], 'configuration file /nope does not exist'],
])('%j is refused', async ([place = '', ...argv], why) => {
  const { root, page, said, deploy } = machine();
  expect(await deploy([join(root, place), ...argv])).toBe(1);
  expect(said()).toContain(why);
  expect(existsSync(page)).toBe(false);
});
