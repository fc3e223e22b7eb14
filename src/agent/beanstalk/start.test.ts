import { describe, expect, test } from 'vitest';
import { installOf, passes, programsOf, readProcfile, refusedFile } from './start.ts';

const files = { procfile: undefined, packageJson: undefined, names: [] as string[], npm: false };
const packageJson = JSON.stringify({ scripts: { start: 'node x.js' }, dependencies: { a: '1' } });

test.each(['.platform', 'Buildfile', '.ebextensions'])('%s is refused by name', (name) => {
  expect(refusedFile(['app.js', name])).toContain(name);
});

describe('how an application is started', () => {
  test.each([
    [
      { procfile: 'web: node a.js --port $PORT\n# a comment\nworker:  node b.js\n' },
      'node a.js --port $PORT',
    ],
    [{ procfile: 'web: x', packageJson }, 'x'],
    [{ packageJson, npm: true }, 'npm start'],
    [{ packageJson }, 'node x.js'],
    [{ names: ['server.js', 'app.js'] }, 'node app.js'],
    [{ names: ['server.js'], packageJson: '{}' }, 'node server.js'],
  ])('%j', (given, command) => {
    expect(programsOf({ ...files, ...given })[0]).toEqual({ name: 'web', command });
  });

  test('what says nothing is refused with the reason', () => {
    expect(() => programsOf(files)).toThrow('nothing to start');
    expect(() => programsOf({ ...files, packageJson: '[]' })).toThrow('no JSON object');
    expect(() => readProcfile('web node a.js')).toThrow('line 1');
    expect(() => readProcfile('a: x\na: y')).toThrow('twice');
    expect(() => readProcfile('\n')).toThrow('nothing');
  });

  test('dependencies are installed where the bundle has none, by npm alone', () => {
    expect(installOf({ ...files, packageJson, npm: true })).toEqual([
      'npm',
      'install',
      '--omit=dev',
    ]);
    const locked = { ...files, packageJson, npm: true, names: ['package-lock.json'] };
    expect(installOf(locked)).toEqual(['npm', 'ci', '--omit=dev']);
    expect(installOf({ ...locked, names: ['node_modules'] })).toBeUndefined();
    expect(() => installOf({ ...files, packageJson })).toThrow('no npm');
  });

  test('what is not done with a bundle is named', () => {
    expect(refusedFile(['app.js', '.ebextensions'])).toContain('.ebextensions');
    expect(refusedFile(['app.js'])).toBeUndefined();
  });

  test('statuses pass by codes', () => {
    expect([200, 201, 299, 300].map((status) => passes('200-299', status))).toEqual([
      ...[true, true, true, false],
    ]);
    expect(passes('200,302', 302)).toBe(true);
  });
});
