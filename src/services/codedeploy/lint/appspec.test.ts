import { expect, test } from 'vitest';
import { readLocated } from '../../../lib/located.ts';
import { lintAppSpec } from './appspec.ts';

/** `line:column severity code message`; undefined where it is no AppSpec. */
function lint(text: string, { name = 'appspec.yaml', asked = false } = {}) {
  const file = { name, text, document: () => readLocated(text, name) };
  return lintAppSpec(file, { asked, region: undefined })?.findings.map(
    ({ at, severity, code, message }) => `${at.line}:${at.column} ${severity} ${code} ${message}`,
  );
}

const FUNCTION = `version: 0.0
Resources:
  - shop:
      Type: AWS::Lambda::Function
      Properties:
        Name: shop
        Alias: live
        CurrentVersion: 1
        TargetVersion: "2"
Hooks:
  - BeforeAllowTraffic: before
`;
const SERVICE = `version: 0.0
Resources:
  - shop:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: arn:aws:ecs:us-east-1:111111111111:task-definition/shop:2
        LoadBalancerInfo: {ContainerName: web, ContainerPort: 80}
`;

test.each([
  ['of Lambda', FUNCTION, 'x.yml'],
  ['of ECS', SERVICE, 'appspec.yml'],
  [
    'with keys in small letters',
    FUNCTION.toLowerCase().replace('aws::lambda::function', 'AWS::Lambda::Function'),
    'x.yml',
  ],
])('in order %s, there is nothing to say', (_what, text, name) => {
  expect(lint(text, { name })).toEqual([]);
});

test.each([
  ['a buildspec', 'version: 0.2\nphases: {}\n', 'buildspec.yml'],
  ['a template', 'Resources: {}\n', 'template.yml'],
  ['no YAML', 'a: [\n', 'x.yml'],
])('%s is none', (_what, text, name) => expect(lint(text, { name })).toBeUndefined());

test.each([
  [FUNCTION.replace('0.0', '1'), /^1:1 error INVALID_REVISION An invalid version value \(1\)/],
  [FUNCTION.replace('Alias: live', 'Alias: ""'), /^7:9 .*Alias must be a string/],
  [FUNCTION.replace('CurrentVersion: 1', 'CurrentVersion: $LATEST'), /^8:9 .*published version/],
  [FUNCTION.replace('"2"', '1'), /^9:9 .*nothing to deploy/],
  [
    FUNCTION.replace('BeforeAllow', 'Before'),
    /^11:5 .*unknown lifecycle events: \[BeforeTraffic\]/,
  ],
  [
    FUNCTION.replace('  - BeforeAllowTraffic: before', '  BeforeAllowTraffic: before'),
    /^10:1 .*must be a list/,
  ],
  [SERVICE.replace('80', '99999'), /^7:48 .*must be a port/],
  [SERVICE.replace('  - shop:', '  - a: 1\n  - shop:'), /^2:1 .*exactly one resource/],
  [
    `${SERVICE}        NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [a]}}\n`,
    /^8:32 .*SecurityGroups must be/,
  ],
  ['a: [\n', /^2:1 error INVALID_REVISION The AppSpec is not well-formed YAML/],
])('what is wrong is said with its place: %#', (text, expected) => {
  expect(lint(text)?.[0]).toMatch(expected);
});

const SERVER = `version: 0.0
os: linux
files:
  - source: /
    destination: /srv/www
permissions:
  - object: /srv/www
    mode: "644"
hooks:
  ApplicationStart:
    - location: start.sh
      timeout: 60
`;

test('an AppSpec for servers that is in order', () => {
  expect(lint(SERVER)).toEqual([]);
  expect(lint(SERVER.replace('os: linux\n', ''), { name: 'x.yml', asked: true })).toEqual([
    expect.stringMatching(/^1:1 error UnknownError .*unsupported operating system \(\)/),
  ]);
});

test.each([
  [SERVER.replace('0.0', '1.0'), /^1:1 error UnknownError .*invalid version value \(1\.0\)/],
  [SERVER.replace('linux', 'beos'), /^2:1 error .*unsupported operating system \(beos\)/],
  [SERVER.replace('source: /', 'src: /'), /^4:5 error .*destination file, but no source/],
  [SERVER.replace('"644"', '"99"'), /^7:5 error .*permissions mode \(099\)/],
  [SERVER.replace('"644"', '0644'), /^8:5 warning NotOctal .*sets mode 420/],
  [SERVER.replace('location: start.sh', 'run: start.sh'), /^11:7 error .*no location value/],
  [SERVER.replace('timeout: 60', 'timeout: 0'), /^11:7 error .*invalid timeout/],
  [SERVER.replace('ApplicationStart', 'AfterStart'), /^10:3 warning Ignored .*of AfterStart/],
  [SERVER.replace('ApplicationStart', 'Install'), /^10:3 warning Ignored .*of Install/],
  [`${SERVER}Hooks: {}\n`, /^13:1 warning Ignored .*does not read Hooks/],
  [`${SERVER}    - location: b.sh\n`, /^10:3 warning TooLong .*3660 seconds/],
  [`${SERVER}file_exists_behavior: KEEP\n`, /^13:1 error .*file_exists_behavior value \(KEEP\)/],
  ['- os: linux\n', /^1:1 error UnknownError no implicit conversion/],
  ['', /^1:1 error UnknownError .*was empty/],
])('what is wrong for servers is said with its place: %#', (text, expected) => {
  expect(lint(text)).toEqual([expect.stringMatching(expected)]);
});

test('all that is wrong for servers is said', () => {
  const text = SERVER.replace('0.0', '2').replace('source', 'src').replace('location', 'run');
  expect(lint(text)?.map((line) => line.split(' ')[0])).toEqual(['1:1', '11:7', '4:5']);
});

test('a placeholder is one for CodePipeline alone', () => {
  const text = SERVICE.replace(/arn:.*/, '<TASK_DEFINITION>');
  expect(lint(text)).toEqual([expect.stringMatching(/warning Placeholder .*CodeDeployToECS/)]);
});
