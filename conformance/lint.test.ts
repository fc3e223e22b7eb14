import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodePipelineClient, DeletePipelineCommand } from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILT, callAny } from './any-call.ts';
import { startServer, type TestServer } from './server.ts';

// `slipway lint` says of a file what CreatePipeline answers to it, without a server.

const MINUTE = 60_000;
const program = join(import.meta.dirname, '..', 'src', 'lint.ts');
const directory = mkdtempSync(join(tmpdir(), 'slipway-lint-'));
let server: TestServer;
const roleArn = () => `arn:aws:iam::${server.accountId}:role/pipeline`;

beforeAll(async () => {
  server = await startServer();
  const Statement = {
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
    Principal: { Service: 'codepipeline.amazonaws.com' },
  };
  await new IAMClient(server.client).send(
    new CreateRoleCommand({
      RoleName: 'pipeline',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
}, MINUTE);
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Linted {
  code: unknown;
  stdout: string;
  stderr: string;
}

/** Runs `slipway lint` in an environment that has nothing of AWS. */
function lint(...args: string[]): Promise<Linted> {
  const all = [...process.execArgv, program, 'lint', ...args];
  const env = { PATH: process.env.PATH };
  return new Promise((resolve) => {
    execFile(process.execPath, all, { env, timeout: MINUTE }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

function fileOf(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

// biome-ignore lint/suspicious/noExplicitAny: tests put whatever they like into it
type Any = any;

/** A pipeline in order, after somebody has changed it. */
function input(change: (pipeline: Any, whole: Any) => void = () => {}): Any {
  const type = (category: string, provider: string) => ({
    ...{ category, provider, owner: 'AWS', version: '1' },
  });
  const pipeline = {
    ...{ name: 'web', roleArn: roleArn(), artifactStore: { type: 'S3', location: 'artifacts' } },
    stages: [
      {
        name: 'Source',
        actions: [
          {
            ...{ name: 'Code', actionTypeId: type('Source', 'CodeCommit'), namespace: 'code' },
            configuration: { RepositoryName: 'web', BranchName: 'main' },
            outputArtifacts: [{ name: 'Source' }],
          },
        ],
      },
      {
        name: 'Build',
        actions: [
          {
            ...{ name: 'Build', actionTypeId: type('Build', 'CodeBuild') },
            configuration: { ProjectName: 'web' },
            inputArtifacts: [{ name: 'Source' }],
          },
        ],
      },
    ],
  };
  const whole = { pipeline };
  change(pipeline, whole);
  return whole;
}

const action = (pipeline: Any, stage: number) => pipeline.stages[stage].actions[0];

const refused: [string, (pipeline: Any, whole: Any) => void][] = [
  ['CP-A25: one stage', (p) => p.stages.pop()],
  ['CP-A26: no source first', (p) => p.stages.shift()],
  ['CP-A27: a source later', (p) => p.stages.push({ ...p.stages[0], name: 'Again' })],
  ['CP-A28: a stage twice', (p) => p.stages.push(p.stages[1])],
  ['CP-A28: an action twice', (p) => p.stages[1].actions.push(action(p, 1))],
  ['CP-A29: nobody makes it', (p) => (action(p, 1).inputArtifacts = [{ name: 'Other' }])],
  ['CP-A30: too few', (p) => (action(p, 1).inputArtifacts = [])],
  ['CP-A31: no such type', (p) => (action(p, 1).actionTypeId.provider = 'CodeBulid')],
  [
    'CP-A32: no commands',
    (p) => Object.assign(action(p, 1).actionTypeId, { category: 'Compute', provider: 'Commands' }),
  ],
  ['CP-A33: an unknown key', (p) => (action(p, 1).configuration.Colour = 'blue')],
  ['CP-A33: a missing key', (p) => (action(p, 1).configuration = {})],
  ['CP-A34: both stores', (p) => (p.artifactStores = { 'us-east-1': p.artifactStore })],
  [
    'CP-A35: a source elsewhere',
    (p) => {
      p.artifactStores = { 'us-east-1': p.artifactStore, 'eu-west-1': p.artifactStore };
      delete p.artifactStore;
      action(p, 0).region = 'eu-west-1';
    },
  ],
  ['CP-A36: no such namespace', (p) => (action(p, 1).configuration.ProjectName = '#{cod.X}')],
  ['CP-A36: no key', (p) => (action(p, 1).configuration.ProjectName = '#{code}')],
  [
    'CP-A37: V1 with variables',
    (p) => Object.assign(p, { pipelineType: 'V1', variables: [{ name: 'V' }] }),
  ],
  ['CP-A41: a tag of AWS’s', (_, whole) => (whole.tags = [{ key: 'aws:x', value: '' }])],
  ['CP-A42: a name', (p) => (p.name = 'we b')],
  [
    'CP-A42: two at once',
    (p) => {
      p.name = '';
      action(p, 1).actionTypeId.owner = 'Me';
    },
  ],
  ['CP-A42: a missing member', (p) => delete action(p, 1).actionTypeId.version],
  ['CP-A42: an empty value', (p) => (action(p, 1).configuration.ProjectName = '')],
  ['a number for a text', (p) => (action(p, 1).actionTypeId.version = 1)],
  ['a fraction', (p) => (action(p, 1).runOrder = 1.5)],
  ['a text for a list', (p) => (p.stages = 'two')],
];

/** What stands in the place of a part of an input. */
const WRONG = [
  null,
  true,
  0,
  1.5,
  '',
  'x y',
  'x'.repeat(2000),
  [],
  {},
  [null],
  '#{a.b}',
  '#{',
  '__proto__',
];

/** Puts something else in the place of a part of an input, or leaves it out. @param at which part, of however many there are */
function mutate(whole: Any, at: number, what: number): void {
  const parts: [Any, string][] = [];
  const walk = (node: Any) => {
    for (const key of Object.keys(Object(node))) {
      parts.push([node, key]);
      if (typeof node[key] === 'object') walk(node[key]);
    }
  };
  // The pipeline itself has to be there: lint does not take any object for one.
  walk(whole.pipeline);
  const [node, key] = parts[at % parts.length] ?? [];
  if (key === undefined) return;
  if (what >= WRONG.length) delete node[key];
  else node[key] = structuredClone(WRONG[what]);
}

const mutations = fc.sample(
  fc.array(fc.tuple(fc.nat(1000), fc.nat(WRONG.length + 2)), { minLength: 1, maxLength: 3 }),
  { numRuns: 150, seed: 20261127 },
);

const wrecked = mutations.map((steps, n): (typeof refused)[0] => [
  `wreck ${n}`,
  (_, whole) => {
    for (const [at, what] of steps) mutate(whole, at, what);
  },
]);

test(
  'says what CreatePipeline answers, whatever is in the file',
  async () => {
    const given = wrecked
      .map(([, change]) => input(change))
      .filter(({ pipeline }) => pipeline.stages);
    const files = given.map((one, n) => fileOf(`wrecked-${n}.json`, JSON.stringify(one)));
    const { stdout, stderr } = await lint('--json', '--region', server.region, ...files);
    expect(stderr).toBe('');
    const { api } = BUILT.find((built) => built.name === 'CreatePipeline') as (typeof BUILT)[0];
    const differing: unknown[] = [];
    for (const [n, { accepted, answer, findings }] of JSON.parse(stdout).entries()) {
      const as = server.client.credentials;
      const { status, code, message, output } = await callAny(
        server,
        as,
        api,
        'CreatePipeline',
        given[n],
      );
      if (status === 200) await drop((output.pipeline as Any).name);
      // Whom a role trusts, and who may pass it, no file tells.
      if (/^AccessDenied/.test(code) || message.includes('AssumeRole')) continue;
      const same =
        code === '' || code === 'NotImplemented'
          ? accepted
          : answer?.code === code && answer.message === message;
      if (!same) differing.push({ given: given[n], code, message, answer, findings });
    }
    expect(differing).toEqual([]);
  },
  2 * MINUTE,
);

async function drop(name: string): Promise<void> {
  await new CodePipelineClient(server.client).send(new DeletePipelineCommand({ name }));
}

describe('says what CreatePipeline answers', () => {
  const answers = new Map<string, unknown>();
  const inputs = () => refused.map(([, change]) => input(change));
  beforeAll(async () => {
    const files = inputs().map((given, n) => fileOf(`refused-${n}.json`, JSON.stringify(given)));
    const { code, stdout, stderr } = await lint('--json', '--region', server.region, ...files);
    expect([code, stderr]).toEqual([1, '']);
    for (const { file, accepted, answer } of JSON.parse(stdout)) {
      expect([file, accepted]).toEqual([file, false]);
      answers.set(file, answer);
    }
  }, MINUTE);

  test.each(refused.map(([name], n) => [name, n] as const))('%s', async (_name, n) => {
    const { api } = BUILT.find((built) => built.name === 'CreatePipeline') as (typeof BUILT)[0];
    const { credentials } = server.client;
    const answer = await callAny(server, credentials, api, 'CreatePipeline', inputs()[n]);
    expect(answer.status).toBe(400);
    const { code, message } = answer;
    expect(answers.get(join(directory, `refused-${n}.json`))).toEqual({ code, message });
  });
});

const WARNED = `pipeline:
  name: web
  roleArn: arn:aws:iam::111122223333:role/pipeline
  artifactStore: {type: S3, location: artifacts}
  stages:
    - name: Source
      actions:
        - name: Code
          actionTypeId: {category: Source, owner: AWS, provider: CodeCommit, version: "1"}
          configuration: {RepositoryName: web, BranchName: main}
          outputArtifacts: [name: Source]
    - name: Go
      actions:
        - name: Go
          actionTypeId: {category: Approval, owner: AWS, provider: Manual, version: "1"}
          run_order: 1
`;

test('accepts what is in order, and warns of what is not what it seems', async () => {
  const file = fileOf('warned.yaml', WARNED);
  const plain = fileOf('plain.json', JSON.stringify(input().pipeline));
  const { code, stdout } = await lint('--as', 'pipeline', file, plain);
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(
      /warned\.yaml:16:11: warning: UnknownMember: There is no member "run_order" here.* \[\/stages\/1\/actions\/0\/run_order\]$/,
    ),
    `${file}: accepted, 1 warning`,
    `${plain}: accepted`,
    '',
  ]);
});

test('a buildspec, by its name or as it is asked', async () => {
  const wrong = fileOf(
    'buildspec.yml',
    'version: 0.2\nphases:\n  biuld: {}\n  build: {run_as: x}\n',
  );
  const right = fileOf('ci.json', '{"version": 0.2, "phases": {"build": {"commands": ["ls"]}}}');
  const { code, stdout } = await lint(wrong, right);
  expect([code, stdout.split('\n')]).toEqual([
    1,
    [
      `${wrong}:3:3: error: YAML_FILE_ERROR: Unknown key "biuld" in phases at line 3 [/phases/biuld]`,
      `${wrong}:4:11: error: YAML_FILE_ERROR: Unknown key "run_as" in phases.build at line 4 [/phases/build/run_as]`,
      `${wrong}: refused, 2 errors`,
      ...[`${right}: accepted`, ''],
    ],
  ]);
  expect((await lint('--as', 'pipeline', right)).code).toBe(1);
});

test('names each reason with file, line and column', async () => {
  const file = fileOf(
    'wrong.yaml',
    WARNED.replace('name: web\n', 'name: we b\n').replace('Manual', 'Manuel'),
  );
  const { code, stdout } = await lint(file);
  expect(code).toBe(1);
  expect(stdout).toContain(
    `${file}:2:3: error: ValidationException: Value 'we b' at 'pipeline.name'`,
  );
  expect(stdout).toContain(`${file}:15:11: error: InvalidActionDeclarationException: ActionType (`);
  expect(stdout).toContain('refused, 2 errors, 1 warning');
});

test.each([
  ['no file', []],
  ['a kind that there is not', ['--as', 'template', 'x.json']],
  ['an option that there is not', ['--what', 'x.json']],
  ['a file that is not there', [join(directory, 'absent.json')]],
])('exit code 2: %s', async (_what, args) => {
  const { code, stdout, stderr } = await lint(...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^Usage: slipway lint|^slipway lint: /);
});

test.each([
  ['a comma too many', '{"pipeline": {},\n}', ':2:1: error: NotReadable: This is no JSON'],
  ['no YAML', 'pipeline:\n  a: b\n c: d\n', ':3:'],
  ['no definition', '{"a": 1}', ':1:1: error: NoDefinition'],
])('exit code 1: %s', async (_what, text, said) => {
  const file = fileOf('unreadable', text);
  const { code, stdout } = await lint(file);
  expect([code, stdout]).toEqual([1, expect.stringContaining(`${file}${said}`)]);
});
