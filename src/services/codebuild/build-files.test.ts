import { buffer, text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fromBufferPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { eachDialect } from '../../db/testing.ts';
import { findReport } from './store/reports.ts';
import {
  ACCOUNT,
  type FakeCloud,
  freshServer,
  type TestServer,
  type temporaryDirectory,
} from './testing.ts';

const ZIP = { type: 'S3', location: 'out', packaging: 'ZIP', name: 'app.zip' } as const;

/** A buildspec with these commands and this rest. */
const spec = (commands: string[], rest: object) =>
  JSON.stringify({ version: 0.2, phases: { build: { commands } }, ...rest });

eachDialect('the files of a build', (makeDatabase) => {
  let cloud: FakeCloud;
  let server: TestServer;
  let directory: ReturnType<typeof temporaryDirectory>;
  beforeEach(async () => {
    ({ cloud, directory, server } = await freshServer(makeDatabase));
  });
  afterEach(async () => {
    await server.stop();
    directory.clean();
  });

  /** Names and contents of a ZIP artifact; links with an arrow. */
  const unzipped = async (key: string): Promise<Record<string, string>> => {
    const found: Record<string, string> = {};
    const zip = await fromBufferPromise(cloud.objects.get(key) ?? Buffer.alloc(0), {
      lazyEntries: true,
    });
    for await (const entry of zip.eachEntry()) {
      const body = await text(await zip.openReadStreamPromise(entry));
      const link = ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000;
      expect(found).not.toHaveProperty(entry.fileName);
      found[entry.fileName] = link ? `-> ${body}` : body;
    }
    return found;
  };

  test('a base directory may be that of another source, or anywhere', async () => {
    const zip = new ZipFile();
    zip.addBuffer(Buffer.from('theirs'), 'lib/b.txt');
    zip.end();
    cloud.objects.set('in/other.zip', await buffer(zip.outputStream));
    const secondary = (artifactIdentifier: string) => ({
      ...ZIP,
      name: artifactIdentifier,
      artifactIdentifier,
    });
    const build = await server.run(
      spec(['export OUT=$(mktemp -d) && mkdir $OUT/x && echo -n away > $OUT/x/a'], {
        artifacts: {
          files: ['**/*'],
          'base-directory': '$CODEBUILD_SRC_DIR_other',
          'secondary-artifacts': {
            away: { files: ['x/*'], 'base-directory': '$OUT' },
            files: { files: ['$OUT/x/a', 'none.txt'], 'discard-paths': 'yes' },
          },
        },
      }),
      {
        artifacts: ZIP,
        secondaryArtifacts: [secondary('away'), secondary('files')],
        secondarySources: [{ type: 'S3', location: 'in/other.zip', sourceIdentifier: 'other' }],
      },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(await unzipped('out/app.zip')).toEqual({ 'lib/b.txt': 'theirs' });
    expect(await unzipped('out/away')).toEqual({ 'x/a': 'away' });
    expect(await unzipped('out/files')).toEqual({ a: 'away' });
    expect(cloud.text).toContain('Skipping invalid file path none.txt');
  });

  const LINKS = [
    'mkdir real && echo -n r > real/r && echo -n out > ../out',
    'ln -s real dir && ln -s real/r file && ln -s ../out leaves && ln -s nowhere broken',
  ];

  test('what links lead to is taken under their names; those that lead nowhere are said', async () => {
    const build = await server.run(spec(LINKS, { artifacts: { files: ['**/*'] } }), {
      artifacts: ZIP,
    });
    expect(build.buildStatus).toBe('SUCCEEDED');
    const followed = { 'real/r': 'r', 'dir/r': 'r', file: 'r', leaves: 'out' };
    expect(await unzipped('out/app.zip')).toEqual(followed);
    expect(cloud.text).toContain('Skipping symbolic link broken');
  });

  test('enable-symlinks keeps the links of a ZIP file that stay in it', async () => {
    await server.run(spec(LINKS, { artifacts: { files: ['**/*'], 'enable-symlinks': 'yes' } }), {
      artifacts: ZIP,
    });
    expect(await unzipped('out/app.zip')).toEqual({
      'real/r': 'r',
      dir: '-> real',
      file: '-> real/r',
      leaves: 'out',
      broken: '-> nowhere',
    });
  });

  test('a folder has its files with their media types, and what links lead to', async () => {
    const build = await server.run(
      spec(['echo x > a.html; echo x > b.JS; echo x > c; ln -s a.html d.css'], {
        artifacts: { files: ['**/*'], 'enable-symlinks': 'yes' },
      }),
      { artifacts: { type: 'S3', location: 'out', name: 'site' } },
    );
    const types = cloud.puts.map(({ key, input }) => [key, input.ContentType]);
    expect(types.sort()).toEqual([
      ['out/site/a.html', 'text/html'],
      ['out/site/b.JS', 'text/javascript'],
      ['out/site/c', undefined],
      ['out/site/d.css', 'text/css'],
    ]);
    expect(build.artifacts).toEqual({
      location: 'arn:aws:s3:::out/site',
      md5sum: '',
      sha256sum: '',
      overrideArtifactName: false,
      encryptionDisabled: false,
    });
  });

  test('names in a folder are those that Linux has', async () => {
    await server.run(
      spec(["mkdir a && touch a/b 'a\\b' c:x '\\a'"], { artifacts: { files: ['**/*'] } }),
      { artifacts: { type: 'S3', location: 'out', name: 'site' } },
    );
    const keys = cloud.puts.map(({ key }) => key.slice('out/site/'.length));
    expect(keys.sort()).toEqual(['\\a', 'a/b', 'a\\b', 'c:x']);
  });

  test('two files that come to one name are one entry, and the other is said', async () => {
    await server.run(
      spec(['mkdir a b && echo -n a > a/x && echo -n b > b/x && echo -n c > b/y'], {
        artifacts: { files: ['**/*'], 'discard-paths': 'yes' },
      }),
      { artifacts: ZIP },
    );
    expect(await unzipped('out/app.zip')).toEqual({ x: 'a', y: 'c' });
    expect(cloud.text).toContain('Skipping b/x: the artifact has a file x already');
  });

  test('a failure has what led to it in the log', async () => {
    const build = await server.run(spec(['true'], { artifacts: { files: ['none.txt'] } }), {
      artifacts: ZIP,
    });
    expect(build.buildStatus).toBe('FAILED');
    expect(cloud.text).toMatch(
      /Skipping invalid file path none\.txt\n.*UPLOAD_ARTIFACTS State: FAILED\n.*CLIENT_ERROR Message: no matching artifact paths found/,
    );
  });

  test('the driver’s own files, which hold secrets, are in no artifact and no cache', async () => {
    const all = { files: ['**/*', '$CODEBUILD_SRC_DIR/../../../slipway/env.sh'] };
    const build = await server.run(
      spec(['echo -n mine > ../../../mine'], {
        artifacts: { ...all, 'base-directory': '../../..' },
        cache: { paths: ['../../../**/*'] },
      }),
      { artifacts: ZIP, cache: { type: 'S3', location: 'out' } },
    );
    expect(build.buildStatus).toBe('SUCCEEDED');
    const names = Object.keys(await unzipped('out/app.zip'));
    expect(names).toContain('mine');
    expect(names.filter((name) => /slipway|env\.sh/.test(name))).toEqual([]);
  });

  test('CB-C5, CB-A2: a buildspec that is not there is YAML_FILE_ERROR, in S3 too', async () => {
    const build = await server.run('arn:aws:s3:::in/none.yml');
    const phase = build.phases?.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE');
    expect(phase?.contexts).toMatchObject([{ statusCode: 'YAML_FILE_ERROR' }]);
  });

  test('reports may lie in another place too', async () => {
    const build = await server.run(
      spec(
        [
          'export OUT=$(mktemp -d) && echo "<testsuite><testcase name=\'t\'/></testsuite>" > $OUT/r.xml',
        ],
        {
          reports: { unit: { files: ['*.xml'], 'base-directory': '$OUT' } },
        },
      ),
    );
    const [arn = ''] = build.reportArns ?? [];
    const owner = { accountId: ACCOUNT, region: 'eu-west-1' };
    const found = await findReport(server.platform.db, owner, arn);
    expect(found).toMatchObject({ status: 'SUCCEEDED', testSummary: { total: 1 } });
  });
});
