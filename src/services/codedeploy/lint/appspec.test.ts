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

test('an AppSpec for servers is known, and not judged', () => {
  expect(lint('version: 0.0\nos: linux\n')).toEqual([
    expect.stringMatching(/^1:1 warning NotJudged/),
  ]);
});

test('a placeholder is one for CodePipeline alone', () => {
  const text = SERVICE.replace(/arn:.*/, '<TASK_DEFINITION>');
  expect(lint(text)).toEqual([expect.stringMatching(/warning Placeholder .*CodeDeployToECS/)]);
});
