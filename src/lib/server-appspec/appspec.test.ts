import { describe, expect, test } from 'vitest';
import { fullAcl, parseAclEntry } from './acl.ts';
import { matchesSimpleGlob } from './glob.ts';
import { parseAppSpec } from './parse.ts';
import { appliesTo, parseMode, parsePermission } from './permission.ts';
import type { RubyValue } from './ruby.ts';

const head = 'version: 0.0\nos: linux\n';

describe('AppSpec', () => {
  test('CD-SPC: files, permissions and hooks', () => {
    const spec = parseAppSpec(`${head}files:
  - source: /
    destination: /srv
file_exists_behavior: OVERWRITE
permissions:
  - object: /srv
    owner: root
    mode: 755
    type:
      - directory
hooks:
  AfterInstall:
    - location: " a.sh "
      timeout: 60
      runas: deploy
    - location: b.sh
  ApplicationStop:
`);
    expect(spec.files).toEqual([{ source: '/', destination: '/srv' }]);
    expect(spec.fileExistsBehavior).toBe('OVERWRITE');
    expect(spec.permissions[0]).toMatchObject({
      pattern: '**',
      except: [],
      type: ['directory'],
      mode: '755',
    });
    expect(spec.hooks.get('AfterInstall')).toEqual([
      { location: 'a.sh', timeout: 60, runas: 'deploy', sudo: false },
      { location: 'b.sh', timeout: 3600, sudo: false },
    ]);
    expect(spec.hooks.has('ApplicationStop')).toBe(false);
  });

  test('CD-SPC: JSON is YAML, and of a key that comes twice the last counts', () => {
    expect(parseAppSpec('{"version": 0.0, "os": "linux"}').files).toEqual([]);
    expect(
      parseAppSpec(`${head}files: []\nfiles:\n  - {source: a, destination: /b}\n`).files,
    ).toHaveLength(1);
  });

  test('CD-SPC-01: of several documents the first counts', () => {
    expect(parseAppSpec('---\nversion: 0.0\nos: linux\n---\nversion: 1.0\n').files).toEqual([]);
  });

  test('CD-SPC-06: numbers and booleans in a script are texts, and only nil and false are no sudo', () => {
    const script = (members: string) =>
      parseAppSpec(`${head}hooks:\n  AfterInstall:\n    - {${members}}`).hooks.get(
        'AfterInstall',
      )?.[0];
    expect(script('location: 1.50, runas: 0, timeout: 1.9')).toEqual({
      ...{ location: '1.5', runas: '0', sudo: false, timeout: 1 },
    });
    expect(script('location: a, sudo: no, timeout: "2 seconds"')).toMatchObject({
      ...{ sudo: false, timeout: 2 },
    });
    expect(script('location: a, sudo: "no", runas: ""')).toMatchObject({ sudo: true, runas: '' });
    expect(script('location: a, sudo: 0')?.sudo).toBe(true);
  });

  test.each([
    ['CD-SPC-01', '', 'was empty'],
    ['CD-SPC-01', 'os: linux', 'invalid version value ()'],
    ['CD-SPC-01', 'version: 1.0\nos: linux', 'invalid version value (1.0)'],
    ['CD-SPC-01', 'version: "0.0"\nos: linux', 'invalid version value (0.0)'],
    ['CD-SPC-02', 'version: 0.0\nos: windows', 'unsupported operating system (windows)'],
    ['CD-SPC-02', 'version: 0.0\nResources: []', 'unsupported operating system ()'],
    ['CD-SPC-03', `${head}files:\n  - source: a`, 'only a source file (a)'],
    ['CD-SPC-03', `${head}files:\n  - destination: /a`, 'no source file'],
    ['CD-SPC-03', `${head}files: yes`, 'is not a list'],
    ['CD-SPC-04', `${head}file_exists_behavior: KEEP`, 'invalid file_exists_behavior value (KEEP)'],
    ['CD-SPC-05', `${head}permissions:\n  - mode: 755`, 'no object value'],
    [
      'CD-SPC-05',
      `${head}permissions:\n  - {object: /a, type: [link]}`,
      'not supported for permissions (link)',
    ],
    [
      'CD-SPC-05',
      `${head}permissions:\n  - {object: /a, context: {name: u}}`,
      'invalid context type',
    ],
    ['CD-SPC-06', `${head}hooks:\n  AfterInstall:\n    - timeout: 3`, 'no location value'],
    [
      'CD-SPC-06',
      `${head}hooks:\n  AfterInstall:\n    - {location: a, timeout: 0}`,
      'invalid timeout value',
    ],
    ['CD-SPC-06', `${head}hooks:\n  AfterInstall: a.sh`, 'not a list of scripts'],
    ['CD-SPC-01', 'version: [', 'not valid YAML'],
    ['CD-SPC-01', 'hello', 'invalid version value ()'],
    ['CD-SPC-01', '- a', 'no implicit conversion of String into Integer'],
    ['CD-SPC-01', 'version: 0.0e\nos: linux', 'invalid version value (0.0e)'],
    ['CD-SPC-02', 'version: 0.0\nos: [linux]', 'unsupported operating system (["linux"])'],
    ['CD-SPC-03', `${head}files: [a]`, 'no source file'],
    ['CD-SPC-03', `${head}files: {source: a}`, 'no implicit conversion of String into Integer'],
    ['CD-SPC-05', `${head}permissions:\n  - {object: " "}`, 'no object value'],
    ['CD-SPC-06', `${head}hooks:\n  AfterInstall:\n    - location: ""`, 'no location value'],
    ['CD-SPC-06', `${head}hooks:\n  AfterInstall:\n    - location: " "`, 'no location value'],
    ['CD-SPC-06', `${head}hooks:\n  AfterInstall:\n    - a.sh`, 'not a mapping with a location'],
    [
      'CD-SPC-06',
      `${head}hooks:\n  AfterInstall:\n    - {location: a, timeout: soon}`,
      'invalid timeout value',
    ],
  ])('%s: %j fails with %j', (_row, text, message) => {
    expect(() => parseAppSpec(text)).toThrow(message);
  });
});

describe('permissions', () => {
  test.each([
    [755n, '755'],
    [4750n, '4750'],
    ['0644', '0644'],
    [7n, '007'],
  ])('CD-SPC-05: mode %s is %s', (value, mode) => {
    expect(parseMode(value)).toBe(mode);
  });

  test('CD-SPC-05: an unquoted 0644 is the number 420 of YAML 1.1, as in the official agent', () => {
    const mode = (text: string) =>
      parseAppSpec(`${head}permissions:\n  - {object: /a, mode: ${text}}`).permissions[0]?.mode;
    expect(mode('0644')).toBe('420');
    expect(mode('"0644"')).toBe('0644');
    expect(() => mode('0755')).toThrow('invalid character (9)');
  });

  test.each([
    ['17777', 'length'],
    ['89', 'invalid character (8)'],
    ['u+x', 'invalid character (u)'],
  ])('CD-SPC-05: mode %s is refused: %s', (mode, message) => {
    expect(() => parseMode(mode)).toThrow(message);
  });

  test.each([
    ['**', [], '/srv/a/b.txt', true],
    ['**', [], '/srv', false],
    ['**', [], '/srvx/a', false],
    ['*.txt', [], '/srv/b.txt', true],
    ['*.txt', [], '/srv/a/b.txt', false],
    ['**', ['b.*'], '/srv/b.txt', false],
    ['*', [], '/srv/.hidden', true],
  ])('CD-SPC-05: pattern %s except %j applies to %s: %s', (pattern, except, path, applies) => {
    expect(
      appliesTo(
        parsePermission(
          new Map<string, RubyValue>(Object.entries({ object: '/srv', pattern, except })),
        ),
        path,
      ),
    ).toBe(applies);
  });

  test('CD-SPC-05: only * means anything in a pattern', () => {
    expect(matchesSimpleGlob('a.b', 'a?b')).toBe(false);
    expect(matchesSimpleGlob('a[1]', 'a[1]')).toBe(true);
    expect(matchesSimpleGlob('abc', 'a*c*')).toBe(true);
    expect(matchesSimpleGlob('abc', 'b')).toBe(false);
    expect(matchesSimpleGlob('aba', 'ab*ba')).toBe(false);
    expect(matchesSimpleGlob('ababa', '*ab*ba')).toBe(true);
    expect(matchesSimpleGlob('abc', '**')).toBe(true);
    // In time that does not grow with the number of stars.
    expect(matchesSimpleGlob('a'.repeat(20_000), `${'*a'.repeat(5_000)}*b`)).toBe(false);
  });
});

describe('access control lists', () => {
  test.each([
    ['u:deploy:rw', { isDefault: false, kind: 'user', name: 'deploy', permissions: 'rw-' }],
    ['deploy:5', { isDefault: false, kind: 'user', name: 'deploy', permissions: 'r-x' }],
    ['d:g:ops:rwx', { isDefault: true, kind: 'group', name: 'ops', permissions: 'rwx' }],
    ['default:user::rwx', { isDefault: true, kind: 'user', name: '', permissions: 'rwx' }],
    ['m::rx', { isDefault: false, kind: 'mask', name: '', permissions: 'r-x' }],
    ['mask:rx', { isDefault: false, kind: 'mask', name: '', permissions: 'r-x' }],
    ['d:rx', { isDefault: false, kind: 'user', name: 'd', permissions: 'r-x' }],
  ])('CD-SPC-05: %s', (text, entry) => {
    expect(parseAclEntry(text)).toEqual(entry);
  });

  test.each([
    'u::rwx',
    'g::r',
    'o::r',
    'rwx',
    'x:y:z:w:r',
    'm:name:r',
    'u:a:rq',
    'o:r',
    'constructor:a:r',
  ])('CD-SPC-05: %s is refused', (text) => {
    expect(() => parseAclEntry(text)).toThrow('The deployment failed because');
  });

  test('the whole list has base entries, a mask, and defaults where it needs them', () => {
    expect(fullAcl([parseAclEntry('u:a:rwx')], 0o640)).toBe(
      'user:a:rwx,user::rw-,group::r--,other::---,mask::r--',
    );
    expect(fullAcl([parseAclEntry('d:u:a:r')], 0o750)).toBe(
      'default:user:a:r--,user::rwx,group::r-x,other::---,default:user::rwx,default:group::r-x,default:other::---,default:mask::r-x',
    );
  });
});
