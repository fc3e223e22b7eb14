import { expect, test } from 'vitest';
import { fromYaml } from './agent-configuration.ts';
import { behaviorOf, eventsOf, revisionOf, typeOf } from './plan.ts';

const executed = (given?: string) => eventsOf(given).executed.join(' ');

test.each([
  [
    undefined,
    'BeforeBlockTraffic AfterBlockTraffic ApplicationStop DownloadBundle BeforeInstall Install AfterInstall ApplicationStart ValidateService BeforeAllowTraffic AfterAllowTraffic',
  ],
  ['ApplicationStop', 'DownloadBundle Install ApplicationStop'],
  ['AfterInstall,Mine', 'DownloadBundle Install AfterInstall Mine'],
  ['ApplicationStop,DownloadBundle', 'DownloadBundle ApplicationStop Install'],
  ['ApplicationStop,Install', 'DownloadBundle ApplicationStop Install'],
])('of --events %s are executed: %s', (given, events) => {
  expect(executed(given)).toBe(events);
});

test.each([
  ['AfterInstall,Install', /The only events that can be specified before Install are/],
  ['Install,DownloadBundle', /The only events that can be specified before DownloadBundle are/],
  ['ValidateService,DownloadBundle', /before DownloadBundle/],
  ['AfterInstall,AfterInstall', /named twice/],
])('--events %s is refused', (given, why) => {
  expect(() => eventsOf(given)).toThrow(why);
});

test('events of the user are possible, and known as such', () => {
  const { custom, possible } = eventsOf('BeforeInstall,Install,Mine,constructor');
  expect(custom).toEqual(['Mine', 'constructor']);
  expect(possible).toHaveLength(13);
});

const revision = (location: string, type = 'zip') =>
  revisionOf(location, typeOf(type), (path) => `/here/${path}`);

test.each([
  ['app', { from: 'Local', location: '/here/app', bundleType: 'zip' }],
  ['file:///a%20b', { from: 'Local', location: '/here//a b', bundleType: 'zip' }],
  [
    's3://bucket/a/b%20c.zip?versionId=1&etag=e',
    { from: 'S3', bucket: 'bucket', key: 'a/b c.zip', version: '1', etag: 'e', unchecked: true },
  ],
  [
    'https://github.com/me/app.git',
    { from: 'GitHub', account: 'me', repository: 'app', commitId: 'HEAD', bundleType: 'zip' },
  ],
  [
    'https://api.github.com/repos/me/app/tarball/feature/x',
    { from: 'GitHub', account: 'me', repository: 'app', commitId: 'feature/x' },
  ],
])('the location %s', (location, expected) => {
  expect(revision(location)).toMatchObject(expected);
});

test.each([
  'http://github.com/me/app',
  'https://notgithub.com/me/app',
  'https://github.com/me',
  'https://api.github.com/repos/me/app',
  's3://bucket',
  's3://',
  'https://[',
  'ftp://x/y',
])('the location %s is refused', (location) => {
  expect(() => revision(location)).toThrow(/location/);
});

test('types and behaviours are those of codedeploy-local', () => {
  expect(behaviorOf('retain')).toBe('RETAIN');
  expect(() => behaviorOf('constructor')).toThrow('is not valid');
  expect(() => typeOf('toString')).toThrow('is not a valid type');
  expect(() => revision('s3://b/k', 'directory')).toThrow('--type');
});

test("the official agent's configuration has symbols of Ruby's for keys", () => {
  const text =
    '---\n:root_dir: /r\n:log_dir: /l\n:max_revisions: 3\n:s3_endpoint_override: http://s\n';
  expect(fromYaml('f', text)).toEqual({
    ...{ rootDir: '/r', maxRevisions: 3, s3Endpoint: 'http://s' },
  });
  expect(fromYaml('f', '')).toEqual({});
  for (const bad of ['- a', ':max_revisions: 0', '{'])
    expect(() => fromYaml('f', bad)).toThrow('f');
});
