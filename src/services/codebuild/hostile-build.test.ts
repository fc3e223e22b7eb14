import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import type { CreateProjectInput } from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import type { OpenDatabase } from '../../db/database.ts';
import { embedded } from '../../db/testing.ts';
import { ManualClock } from '../../lib/clock.ts';
import { makeZip } from '../../lib/testing.ts';
import { findReport, findTestCases } from './store/reports.ts';
import {
  ACCOUNT,
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
  testServer,
} from './testing.ts';

const S3_SOURCE = { type: 'S3' as const, location: 'store/source.zip' };
const UPLOADS = { type: 'S3' as const, location: 'store', name: 'out', packaging: 'ZIP' as const };
const buildspec = (...commands: string[]) =>
  `version: 0.2\nphases: {build: {commands: ${JSON.stringify(commands)}}}\n`;

async function zipOf(files: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(files))
    zip.addBuffer(Buffer.from(text), name, { compress: true });
  zip.end();
  return buffer(zip.outputStream);
}

async function namesIn(archive: Buffer = Buffer.alloc(0)): Promise<string[]> {
  const zip = await fromBufferPromise(archive, { decodeStrings: false });
  const names: string[] = [];
  for await (const { fileNameRaw } of zip.eachEntry()) names.push(fileNameRaw.toString());
  return names.sort();
}

embedded('a build that does what it should not', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let database: OpenDatabase;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    ({ cloud, directory, database, server } = await freshServer(makeDatabase));
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });
  const failedPhase = async (id: string) => {
    const build = await server.ended(id);
    const phase = build.phases?.find(({ phaseStatus }) => phaseStatus !== 'SUCCEEDED');
    return [build.buildStatus, phase?.phaseType, phase?.contexts?.[0]?.statusCode];
  };
  /** Lets time pass, and go on passing: who begins to wait for the time only after it has come is told as well. */
  const pass = async <T>(clock: ManualClock, ms: number, until: () => Promise<T>): Promise<T> => {
    clock.advance(ms);
    const moving = setInterval(() => clock.advance(1000), 20);
    try {
      return await until();
    } finally {
      clearInterval(moving);
    }
  };
  const useClock = async (clock: ManualClock) => {
    await server.stop();
    server = await testServer({ database, cloud, dataDir: directory.path, clock });
  };

  test('its log cannot be cut, and what is no UTF-8 takes nothing with it', async () => {
    const build = await server.run(
      buildspec(
        'echo first; echo cut > /dev/stdout; echo two | tee /dev/stderr',
        'i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo good $i; head -c 20000 /dev/zero | tr "\\\\0" "\\\\377"; echo; done',
        'head -c 2000000 /dev/zero | tr "\\\\0" "\\\\200"',
        'echo last',
      ),
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    for (const line of ['first', 'cut', 'two', 'last'])
      expect(cloud.text).toMatch(new RegExp(`^\\ufffd*${line}$`, 'm'));
    expect(cloud.text.match(/^good \d+$/gm)).toHaveLength(40);
    expect(cloud.text.match(/\ufffd/g)).toHaveLength(2_800_000);
  });

  test.each([
    [
      'dates that are none',
      'begin BUILD 99999999999999999999\\nend BUILD SUCCEEDED x\\nend BUILD SUCCEEDED 99999999999',
    ],
    ['numbers that are none', 'end BUILD FAILED 1 1e9 -1\\nend BUILD FAILED 1 0 99999'],
    [
      'names that are none',
      'variable __proto__ 00\\nname __proto__ 7a\\nvariable x zz\\nname \\ndone',
    ],
  ])('reports that it forges: %s', async (_name, lines) => {
    const build = await server.run(
      buildspec(`printf '${lines}\\n' >> /proc/$PPID/fd/7`, 'echo on'),
    );
    expect(build.buildComplete).toBe(true);
    for (const { startTime, endTime } of build.phases ?? [])
      for (const time of [startTime, endTime ?? startTime])
        expect(Math.abs((time?.getTime() ?? 0) - Date.now())).toBeLessThan(600_000);
  });

  test('reports without number end it alone', async () => {
    await server.createProject();
    const flood =
      'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); echo "begin BUILD $i" >> /proc/$PPID/fd/7; done; sleep 60';
    const source = { type: 'NO_SOURCE' as const, buildspec: buildspec(flood) };
    await server.createProject({ name: 'hostile', source });
    const { id = '' } = await server.startBuild({ projectName: 'hostile' });
    const [status, phase, code] = await failedPhase(id);
    expect([status, code]).toEqual(['FAULT', 'INTERNAL_SERVICE_ERROR']);
    // The flood may be read together with the true reports before it: the phase is the last that was recorded.
    expect(phase).toMatch(/^(INSTALL|PRE_BUILD|BUILD)$/);
    const { id: other = '' } = await server.startBuild();
    expect((await server.ended(other)).buildStatus).toBe('SUCCEEDED');
  });

  test.each([
    ['PROVISIONING', 'CreateLogStreamCommand'],
    ['DOWNLOAD_SOURCE', 'GetObjectCommand'],
    ['UPLOAD_ARTIFACTS', 'PutObjectCommand'],
    ['BUILD', ''],
  ])('StopBuild ends it in %s', async (phase, hangs) => {
    if (hangs) cloud.hanging.add(hangs);
    cloud.objects.set('store/source.zip', await zipOf({ a: 'b' }));
    const commands =
      phase === 'BUILD'
        ? ['trap "" TERM; yes flood | head -n 100000; while :; do sleep 1; done']
        : ['touch file'];
    await server.createProject({
      source: { ...S3_SOURCE, buildspec: `${buildspec(...commands)}artifacts: {files: '**/*'}\n` },
      artifacts: UPLOADS,
    });
    const { id = '' } = await server.startBuild();
    await server.reached(id, phase);
    const places = () => readdirSync(join(directory.path, 'work'));
    await expect.poll(places).toHaveLength(1);
    const before = Date.now();
    await server.stopBuild(id);
    expect(await failedPhase(id)).toEqual(['STOPPED', phase, '']);
    // About a second; machines that run tests have other things to do.
    expect(Date.now() - before).toBeLessThan(10_000);
    // Nothing is left behind, wherever it was: what was not known of at its end goes soon after.
    await expect.poll(places).toEqual([]);
  });

  test.each([
    ['DOWNLOAD_SOURCE', 'GetObjectCommand'],
    ['UPLOAD_ARTIFACTS', 'PutObjectCommand'],
  ])('its time-out holds in %s', async (phase, hangs) => {
    const clock = new ManualClock(new Date());
    await useClock(clock);
    cloud.hanging.add(hangs);
    cloud.objects.set('store/source.zip', await zipOf({ a: 'b' }));
    await server.createProject({
      source: { ...S3_SOURCE, buildspec: `${buildspec('true')}artifacts: {files: '**/*'}\n` },
      artifacts: UPLOADS,
      timeoutInMinutes: 5,
    });
    const { id = '' } = await server.startBuild();
    await server.reached(id, phase);
    const end = await pass(clock, 5 * 60_000, () => failedPhase(id));
    expect(end).toEqual(['TIMED_OUT', phase, 'BUILD_TIMED_OUT']);
  });

  const copying = async (project: Partial<CreateProjectInput> = {}) => {
    cloud.hanging.add('PutLogEventsCommand');
    await server.createProject({
      ...project,
      source: { type: 'NO_SOURCE', buildspec: buildspec('true') },
    });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'UPLOAD_ARTIFACTS');
    return id;
  };

  test('StopBuild ends it while its log is still being copied', async () => {
    const id = await copying();
    const before = Date.now();
    await server.stopBuild(id);
    expect(await failedPhase(id)).toEqual(['STOPPED', 'UPLOAD_ARTIFACTS', '']);
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  test('its time-out holds while its log is still being copied', async () => {
    const clock = new ManualClock(new Date());
    await useClock(clock);
    const id = await copying({ timeoutInMinutes: 5 });
    const end = await pass(clock, 5 * 60_000, () => failedPhase(id));
    expect(end).toEqual(['TIMED_OUT', 'UPLOAD_ARTIFACTS', 'BUILD_TIMED_OUT']);
  });

  test('what fails again and again for reasons of the server ends it, and says why', async () => {
    const clock = new ManualClock(new Date());
    await useClock(clock);
    cloud.failing.add('GetObjectCommand');
    await server.createProject({ source: { ...S3_SOURCE, buildspec: buildspec('true') } });
    const { id = '' } = await server.startBuild();
    await server.reached(id, 'DOWNLOAD_SOURCE');
    const end = await pass(clock, 0, () => failedPhase(id));
    expect(end).toEqual(['FAULT', 'DOWNLOAD_SOURCE', 'INTERNAL_SERVICE_ERROR']);
  });

  const long = 'n'.repeat(300);
  test.each([
    [
      'is damaged',
      async () => {
        const zip = await zipOf({ file: 'text '.repeat(5000) });
        zip.fill(0xaa, 40, 80);
        return zip;
      },
    ],
    ['ends too early', async () => (await zipOf({ file: 'x' })).subarray(0, 30)],
    ['has a file where another entry needs a directory', () => zipOf({ a: 'x', 'a/b': 'y' })],
    ['has an over-long name', () => zipOf({ [long]: 'x' })],
    [
      'has a directory that is too deep',
      () => zipOf({ [`${`${long.slice(0, 250)}/`.repeat(20)}x`]: 'x' }),
    ],
  ])('a source that %s', async (_name, make) => {
    cloud.objects.set('store/source.zip', await make());
    await server.createProject({ source: { ...S3_SOURCE, buildspec: buildspec('true') } });
    const { id = '' } = await server.startBuild();
    expect(await failedPhase(id)).toEqual(['FAILED', 'DOWNLOAD_SOURCE', 'CLIENT_ERROR']);
  });

  test.each([
    ['an empty pattern', 'true', ["''"]],
    ['a pattern of 65,536 characters', 'true', ['a'.repeat(65_536)]],
  ])('an artifact of %s', async (_name, command, files) => {
    const text = `${buildspec(command)}artifacts: {files: [${files.join(', ')}]}\n`;
    const build = await server.run(text, { artifacts: UPLOADS });
    expect(build.buildStatus).toBe('FAILED');
    const phase = build.phases?.find(({ phaseStatus }) => phaseStatus === 'FAILED');
    expect(phase?.contexts?.[0]?.statusCode).not.toBe('INTERNAL_SERVICE_ERROR');
  });

  test('a file called C:x, and a tree deeper than a path may be', async () => {
    const deep =
      'i=0; while [ $i -lt 30 ]; do i=$((i+1)); mkdir NAME && cd -P ./NAME || exit 9; done; echo x > file; cd "$CODEBUILD_SRC_DIR"';
    const commands = ['echo x > C:x; echo y > y', deep.replaceAll('NAME', 'd'.repeat(200))];
    const artifact = (names: string, made = commands) =>
      `${buildspec(...made)}artifacts: {files: ${JSON.stringify(names)}}\n`;
    const some = await server.run(artifact('y'), { artifacts: UPLOADS });
    expect(some.buildStatus).toBe('SUCCEEDED');
    const below = artifact('**/*', [`${commands[1]}; echo x > x`]);
    const deeper = await server.run(below, { artifacts: UPLOADS, name: 'deeper' });
    expect(deeper.buildStatus).toBe('SUCCEEDED');
    const named = await server.run(artifact('**/*', [`${commands[0]}; touch 'a\\b' '\\a' a`]), {
      artifacts: UPLOADS,
      name: 'named',
    });
    expect(named.buildStatus).toBe('SUCCEEDED');
    expect(await namesIn(cloud.objects.get('store/out'))).toEqual(['C:x', '\\a', 'a', 'a\\b', 'y']);
  });

  test('a name that is no UTF-8 is said, not changed', async () => {
    const text = `${buildspec("touch $(printf 'x\\377')")}artifacts: {files: '**/*'}\n`;
    const build = await server.run(text, { artifacts: UPLOADS });
    expect(await failedPhase(build.id ?? '')).toEqual([
      'FAILED',
      'UPLOAD_ARTIFACTS',
      'CLIENT_ERROR',
    ]);
    expect(cloud.objects.has('store/out')).toBe(false);
  });

  test('a source with names that only Linux has, and with links that lead out', async () => {
    const archive = await makeZip([
      { name: 'c:x', content: 'colon' },
      { name: 'a\\b', content: 'backslash' },
      { name: '/rooted', content: 'rooted' },
      { name: '../up', content: 'up' },
      { name: 'absolute', content: '/etc/hostname', mode: 0o120777 },
      { name: 'out', content: '../../beside', mode: 0o120777 },
      {
        name: 'spec/build',
        content: buildspec('cat c:x "a\\\\b" rooted up', 'readlink absolute out', 'ls'),
      },
      { name: 'buildspec.yml', content: 'spec/build', mode: 0o120777 },
    ]);
    cloud.objects.set('store/source.zip', archive);
    await server.createProject({ source: S3_SOURCE });
    const { id = '' } = await server.startBuild();
    expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
    expect(cloud.text).toContain('colonbackslashrootedup');
    expect(cloud.text).toContain('/etc/hostname\n../../beside\n');
    expect(cloud.text).toContain('warning:  stripped absolute path spec from rooted\n');
    expect(cloud.text).toContain('warning:  skipped "../" path component(s) in up\n');
  });

  test.each([
    ['larger than a mebibyte', `version: 0.2\n#${'x'.repeat(1024 * 1024)}\n`],
    ['nested without end', `version: 0.2\nphases: ${'['.repeat(500_000)}`],
  ])('a buildspec that is %s', async (_name, text) => {
    const build = await server.run(text);
    expect(await failedPhase(build.id ?? '')).toEqual([
      'FAILED',
      'DOWNLOAD_SOURCE',
      'YAML_FILE_ERROR',
    ]);
  });

  test('a buildspec of a source that is too large is not called missing', async () => {
    const large = `${buildspec('true')}#${' '.repeat(1024 * 1024)}`;
    cloud.objects.set('store/source.zip', await zipOf({ 'buildspec.yml': large }));
    await server.createProject({ source: S3_SOURCE });
    const { id = '' } = await server.startBuild();
    expect(await failedPhase(id)).toEqual(['FAILED', 'DOWNLOAD_SOURCE', 'YAML_FILE_ERROR']);
    const { phases } = await server.ended(id);
    expect(JSON.stringify(phases)).toContain('buildspec.yml is larger than 1048576 bytes');
  });

  const reportsOf = async (arns: string[] = []) => {
    const owner = { accountId: ACCOUNT, region: 'eu-west-1' };
    const found = await Promise.all(
      arns.map(async (arn) => ({
        report: await findReport(database.db, owner, arn),
        cases: await findTestCases(database.db, owner, arn),
      })),
    );
    return found.map(({ report, cases }) => [report?.name, report?.status, cases?.length]);
  };

  test('CB-H3: reports as large as it likes stop nobody, and are counted to the last case', async () => {
    const many = (start: string, part: string, count: number, end = '') =>
      `{ printf '%s' '${start}'; yes '${part}' | head -n ${count} | tr -d '\\n'; printf '%s' '${end}'; }`;
    const loop = monitorEventLoopDelay();
    loop.enable();
    const build = await server.run(
      `${buildspec(
        `${many('<testsuite>', '<testcase name="x" classname="y"/>', 200_000, '<testcase><error/></testcase></testsuite>')} > cases.xml`,
        `${many('<testsuite><testcase/><a ', 'a="1" ', 500_000, '/></testsuite>')} > attributes.xml`,
        'truncate -s 40M large.xml',
        'echo "<testsuite><testcase/></testsuite>" > small.xml',
      )}reports:\n  cases: {files: cases.xml}\n  attributes: {files: attributes.xml}\n  large: {files: [large.xml, small.xml]}\n`,
    );
    loop.disable();
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(await reportsOf(build.reportArns)).toEqual([
      ['app-cases', 'FAILED', 500],
      ['app-attributes', 'INCOMPLETE', 1],
      ['app-large', 'INCOMPLETE', 1],
    ]);
    expect(cloud.text).toContain('Report cases: 200001 test cases\n');
    expect(cloud.text).toContain('A report file cannot be read: attributes.xml: a tag is too long');
    expect(cloud.text).toContain('Skipping report file large.xml: it is larger than');
    // Milliseconds; a busy machine has pauses of its own, but these were seconds and minutes.
    expect(loop.max / 1e6).toBeLessThan(1500);
  });

  test('CB-A21: reports that are not to be made are said', async () => {
    const arn = (region: string, account: string) =>
      `arn:aws:codebuild:${region}:${account}:report-group/theirs`;
    const names = [
      arn('eu-west-1', '999999999999'),
      arn('us-east-1', ACCOUNT),
      'a:b',
      'c',
      'd',
      'e',
    ];
    const reports = names.map((name) => `  ${JSON.stringify(name)}: {files: r.xml}\n`).join('');
    const build = await server.run(
      `${buildspec('echo "<testsuite/>" > r.xml')}reports:\n${reports}`,
    );
    expect(await reportsOf(build.reportArns)).toEqual([
      ['app-c', 'SUCCEEDED', 0],
      ['app-d', 'SUCCEEDED', 0],
    ]);
    expect(cloud.text).toContain('Skipping 1 reports: a build has at most 5.');
    for (const name of names.slice(0, 3)) expect(cloud.text).toContain(`Skipping report ${name}: `);
  });
});
