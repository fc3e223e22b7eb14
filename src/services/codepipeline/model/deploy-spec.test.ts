import { expect, it } from 'vitest';
import { parseDeploySpec } from './deploy-spec.ts';

it('CP-B17: reads the form of AWS’s own example', () => {
  const text = `version: 0.1
files:
  - source: /index.html
    destination: /var/www/html/
scripts:
  BeforeDeploy:
    - location: scripts/install_dependencies
      timeout: 300
      runas: myuser
  AfterDeploy:
    - location: scripts/start_server
`;
  expect(parseDeploySpec(text)).toEqual({
    files: [{ source: 'index.html', destination: '/var/www/html/' }],
    before: [{ location: 'scripts/install_dependencies', seconds: 300, runas: 'myuser' }],
    after: [{ location: 'scripts/start_server', seconds: 3600 }],
  });
});

it('CP-B17: reads an AppSpec file, its events in their order, and leaves what it does not know', () => {
  const text = `version: 0.0
os: linux
file_exists_behavior: OVERWRITE
files:
  - source: /
    destination: /srv
hooks:
  ValidateService: [{location: last}]
  ApplicationStop: [{location: first}]
  BeforeInstall: [{location: second}]
  AfterInstall:
  Other: [{location: none}]
`;
  const locations = ({ location }: { location: string }) => location;
  const { files, before, after } = parseDeploySpec(text);
  expect(files).toEqual([{ source: '', destination: '/srv' }]);
  expect([before.map(locations), after.map(locations)]).toEqual([['first', 'second'], ['last']]);
});

const file = (source: string, destination: string) =>
  `version: 0.1\nfiles: [{source: ${source}, destination: ${destination}}]`;
const script = (more: string) => `version: 0.1\nscripts: {AfterDeploy: [{${more}}]}`;

it.each([
  ['[', /./],
  ['- a', 'must be a map'],
  ['files: []', "the version ''"],
  ['version: 0.1\nos: windows', "'windows' is not linux"],
  ['version: 0.1\npermissions: []', 'permissions'],
  ['version: 0.1\nfiles: a', 'files must be a list'],
  ['version: 0.1\n__proto__: {files: 1}\nfiles: [1]', 'must be a map'],
  [file('/../x', '/srv'), 'leads out of the artifact'],
  [file('a', 'srv'), 'not an absolute path'],
  [file('a', '"/srv/{{ssm:secret}}"'), 'is no path'],
  [file('"a\\nrm -rf x"', '/srv'), 'is no path'],
  [script('location: ../a'), 'leads out of the artifact'],
  [script('timeout: 1'), 'the location of a script of AfterDeploy is missing'],
  [script('location: a, timeout: 0'), "the timeout '0'"],
  [script('location: a, timeout: 9e9'), "the timeout '9e9'"],
  [script('location: a, runas: -x'), "'-x' is no name of a user"],
  [script('location: a, runas: "a b"'), "'a b' is no name of a user"],
  ['version: 0.1\na: &a [1]\nb: *a', /./],
  [`version: 0.1 # ${'x'.repeat(70_000)}`, 'too long'],
])('%j is none', (text, message) => {
  expect(() => parseDeploySpec(text)).toThrow(message);
});
