import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CreateFleetInput } from '@aws-sdk/client-codebuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { perform } from '../../testing.ts';
import { batchGetBuildBatches, startBuildBatch } from './operations/batches.ts';
import { retryBuild } from './operations/builds.ts';
import {
  batchGetFleets,
  createFleet,
  deleteFleet,
  listFleets,
  updateFleet,
} from './operations/fleets.ts';
import { startSandbox, stopSandbox } from './operations/sandboxes.ts';
import { longestQueued } from './store/builds.ts';
import { defaultProject, freshServer, ROLE, type TestServer, testServer } from './testing.ts';

const SMALL = {
  baseCapacity: 1,
  environmentType: 'LINUX_CONTAINER',
  computeType: 'BUILD_GENERAL1_SMALL',
} as const;
const { environment } = defaultProject();

eachDialect('CodeBuild fleets', (makeDatabase) => {
  let server: TestServer;
  let fresh: Awaited<ReturnType<typeof freshServer>>;

  beforeEach(async () => {
    fresh = await freshServer(makeDatabase);
    ({ server } = fresh);
  });
  afterEach(async () => {
    await server.stop();
    fresh.directory.clean();
  });

  const make = async (name: string, more: Partial<CreateFleetInput> = {}) =>
    (await perform(createFleet, server.context, { ...SMALL, name, ...more })).fleet?.arn ?? '';
  const get = async (...names: string[]) =>
    perform(batchGetFleets, server.context, { names }).then(({ fleets }) => fleets ?? []);
  const go = () => join(fresh.directory.path, 'go');
  const project = (fleetArn: string, more: object = {}) =>
    server.createProject({
      source: {
        type: 'NO_SOURCE',
        buildspec: `version: 0.2\nphases: {build: {commands: ['until [ -e ${go()} ]; do sleep 0.05; done']}}\n`,
      },
      environment: { ...environment, fleet: { fleetArn } } as typeof environment,
      ...more,
    });
  const release = () => writeFileSync(go(), '');
  const started = async (input: object = {}) => (await server.startBuild(input)).id ?? '';
  const waitsFor = async (id: string) =>
    (await server.getBuild(id)).phases?.at(-1)?.contexts?.[0]?.message;

  test('CB-J8: are made, listed, changed and deleted', async () => {
    const arn = await make('web', { tags: [{ key: 'team', value: 'a' }] });
    expect(arn).toMatch(/^arn:aws:codebuild:eu-west-1:123456789012:fleet\/web:[0-9a-f-]{36}$/);
    const id = arn.split(':').at(-1);
    const [fleet] = await get('web', arn);
    expect(fleet).toMatchObject({
      ...{ ...SMALL, arn, id, name: 'web', overflowBehavior: 'QUEUE' },
      ...{ status: { statusCode: 'ACTIVE' }, tags: [{ key: 'team', value: 'a' }] },
    });
    await expect(make('web')).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    const api = await make('api');
    const listed = (input: object) => perform(listFleets, server.context, input);
    expect(await listed({})).toEqual({ fleets: [api, arn] });
    const first = await listed({ sortBy: 'NAME', sortOrder: 'DESCENDING', maxResults: 1 });
    expect(first.fleets).toEqual([arn]);
    expect(await listed({ sortOrder: 'DESCENDING', nextToken: first.nextToken })).toEqual({
      fleets: [api],
    });
    const scalingConfiguration = {
      scalingType: 'TARGET_TRACKING_SCALING' as const,
      maxCapacity: 3,
      targetTrackingScalingConfigs: [
        { metricType: 'FLEET_UTILIZATION_RATE' as const, targetValue: 80 },
      ],
    };
    await perform(updateFleet, server.context, { arn, baseCapacity: 2, scalingConfiguration });
    expect((await get('web'))[0]).toMatchObject({
      ...{ baseCapacity: 2, tags: [{ key: 'team', value: 'a' }] },
      scalingConfiguration: { ...scalingConfiguration, desiredCapacity: 2 },
    });
    const other = arn.replace(/.{4}$/, '0000');
    for (const wrong of [other, 'web', arn.replace('eu-west-1', 'us-east-1')])
      await expect(
        perform(updateFleet, server.context, { arn: wrong, baseCapacity: 1 }),
      ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const tooMany = { name: 'AccountLimitExceededException' };
    await expect(make('wide', { baseCapacity: 98 })).rejects.toMatchObject(tooMany);
    const wide = { arn: api, baseCapacity: 99 };
    await expect(perform(updateFleet, server.context, wide)).rejects.toMatchObject(tooMany);
    await perform(updateFleet, server.context, { ...wide, baseCapacity: 98 });
    await perform(deleteFleet, server.context, { arn: other });
    // It is found by what names it, whatever else is in its ARN.
    await perform(deleteFleet, server.context, { arn: arn.replace('aws', 'aws-cn') });
    expect(await get('web')).toEqual([]);
    await perform(deleteFleet, server.context, { arn });
    await perform(deleteFleet, server.context, { arn });
    await expect(perform(deleteFleet, server.context, { arn: 'web' })).rejects.toThrow(
      'Invalid fleet ARN: web',
    );
    const asked = await perform(batchGetFleets, server.context, { names: ['web', 'api', other] });
    expect(asked.fleets?.map(({ name }) => name)).toEqual(['api']);
    expect(asked.fleetsNotFound).toEqual(['web', other]);
  });

  test('CB-J8: as many builds run at a time as a fleet has machines; others wait, say why, and go on', async () => {
    const arn = await make('web');
    await project(arn);
    const first = await started();
    await server.reached(first, 'BUILD');
    const [second, third] = [await started(), await started()];
    await expect.poll(() => waitsFor(third)).toBe('All 1 machines of the fleet web are in use');
    expect(await server.getBuild(second)).toMatchObject({
      ...{ currentPhase: 'QUEUED', environment: { fleet: { fleetArn: arn } } },
    });
    const longest = (ofEach: number, of?: { fleetArn: string | undefined }) =>
      server.platform.transaction((tx) => longestQueued(tx, ofEach, of));
    const ends = (...ids: string[]) =>
      ids.map((id) => expect.stringContaining(id.slice(id.indexOf(':'))));
    expect(await longest(1)).toEqual(ends(second));
    expect(await longest(9, { fleetArn: arn })).toEqual(ends(second, third));
    expect(await longest(9, { fleetArn: undefined })).toEqual([]);
    // A server that was killed knows of it as well.
    await server.stop();
    server = await testServer({
      ...{ database: fresh.database, cloud: fresh.cloud, dataDir: fresh.directory.path },
    });
    expect((await server.getBuild(second)).currentPhase).toBe('QUEUED');
    // A build without a fleet does not wait for it.
    const beside = await started({ fleetOverride: {} });
    await server.reached(beside, 'BUILD');
    await perform(updateFleet, server.context, { arn, baseCapacity: 2 });
    await server.reached(second, 'BUILD');
    expect((await server.getBuild(third)).currentPhase).toBe('QUEUED');
    release();
    const all = await Promise.all([first, second, third, beside].map((id) => server.ended(id)));
    expect(all.map(({ buildStatus }) => buildStatus)).toEqual(Array(4).fill('SUCCEEDED'));
    const queued = all[2]?.phases?.find(({ phaseType }) => phaseType === 'QUEUED');
    expect(queued).toMatchObject({ phaseStatus: 'SUCCEEDED' });
    expect(queued?.contexts).toBeUndefined();
  });

  test('CB-J8: overflow runs on demand, and what a fleet has to itself stays free for it', async () => {
    server.platform.config.builds = 3;
    const arn = await make('web', { overflowBehavior: 'ON_DEMAND' });
    await make('kept');
    await project(arn);
    const [first, second] = [await started(), await started()];
    await server.reached(first, 'BUILD');
    await server.reached(second, 'BUILD');
    const third = await started();
    await expect
      .poll(() => waitsFor(third))
      .toBe('The 3 builds that run here at a time are running, or kept for fleets');
    const kept = (await get('kept'))[0]?.arn ?? '';
    const its = await started({ fleetOverride: { fleetArn: kept } });
    await server.reached(its, 'BUILD');
    release();
    for (const id of [first, second, third, its])
      expect((await server.ended(id)).buildStatus).toBe('SUCCEEDED');
  });

  test('CB-J8: one that is deleted takes no more builds, and goes with the last', async () => {
    const arn = await make('web');
    await project(arn);
    const first = await started();
    await server.reached(first, 'BUILD');
    const second = await started();
    await perform(deleteFleet, server.context, { arn });
    expect((await get('web'))[0]?.status).toMatchObject({ statusCode: 'PENDING_DELETION' });
    await expect(started()).rejects.toThrow(`Invalid fleet: the fleet ${arn} is being deleted`);
    await expect(
      perform(updateFleet, server.context, { arn, baseCapacity: 2 }),
    ).rejects.toMatchObject({ name: 'InvalidInputException' });
    await expect(make('web')).rejects.toMatchObject({ name: 'ResourceAlreadyExistsException' });
    release();
    expect((await server.ended(first)).buildStatus).toBe('SUCCEEDED');
    expect((await server.ended(second)).buildStatus).toBe('SUCCEEDED');
    expect(await get('web')).toEqual([]);
    await expect(started()).rejects.toThrow(`Invalid fleet: the fleet ${arn} does not exist`);
    const again = perform(retryBuild, server.context, { id: first });
    await expect(again).rejects.toThrow('does not exist');
    const [, found] = [await make('web'), (await get('web'))[0]?.arn];
    expect(found).not.toBe(arn);
    await expect(started()).rejects.toThrow('does not exist');
  });

  test('CB-J8: only a fleet of the account and region runs its builds, and with what the fleet has', async () => {
    const arn = await make('web', { environmentType: 'LINUX_EC2' });
    const of = (fleetArn: string, more: object = {}) =>
      server.createProject({
        name: `p${Math.random()}`.replace('.', ''),
        environment: { ...environment, fleet: { fleetArn }, ...more } as typeof environment,
      });
    for (const foreign of [
      arn.replace('123456789012', '999999999999'),
      arn.replace('eu-west-1', 'us-east-1'),
      ...['web', 'arn:aws:iam::123456789012:role/web', '../web', '*'],
    ])
      await expect(of(foreign, { type: 'LINUX_EC2' })).rejects.toThrow('Invalid fleet: the fleet');
    await expect(of(arn)).rejects.toThrow('(LINUX_EC2) must match the environment type');
    await of(arn, { type: 'LINUX_EC2', computeType: 'ATTRIBUTE_BASED_COMPUTE' });
    const vpcConfig = { vpcId: 'vpc-1', subnets: ['s'], securityGroupIds: ['g'] };
    await expect(
      server.createProject({
        vpcConfig,
        environment: { ...environment, fleet: { fleetArn: arn } } as typeof environment,
      }),
    ).rejects.toThrow('a project that uses a fleet has none of its own');
    await server.createProject();
    await expect(started({ fleetOverride: { fleetArn: arn } })).rejects.toThrow('must match');
  });

  test('a sandbox takes one of its machines', async () => {
    const arn = await make('web');
    await project(arn);
    const { sandbox } = await perform(startSandbox, server.context, { projectName: 'app' });
    expect(sandbox?.environment?.fleet).toEqual({ fleetArn: arn });
    const build = await started();
    await expect.poll(() => waitsFor(build)).toContain('of the fleet web');
    await perform(stopSandbox, server.context, { id: sandbox?.id });
    release();
    expect((await server.ended(build)).buildStatus).toBe('SUCCEEDED');
    expect(existsSync(go())).toBe(true);
  });

  test('CB-G2, CB-G6: builds of a batch name one, and the project says which they may', async () => {
    const arn = await make('web');
    release();
    const spec = (fleet: string) =>
      `version: 0.2\nbatch: {build-list: [{identifier: a, env: {fleet: '${fleet}'}}]}\nphases: {build: {commands: ['true']}}\n`;
    await project('', { buildBatchConfig: { serviceRole: ROLE } });
    const run = async (fleet: string, fleetsAllowed: string[] = []) => {
      const { buildBatch } = await perform(startBuildBatch, server.context, {
        ...{ projectName: 'app', buildspecOverride: spec(fleet) },
        buildBatchConfigOverride: { restrictions: { fleetsAllowed } },
      });
      const ids = [buildBatch?.id ?? ''];
      const look = async () =>
        (await perform(batchGetBuildBatches, server.context, { ids })).buildBatches?.[0];
      await expect.poll(async () => (await look())?.complete, { timeout: 50_000 }).toBe(true);
      return look();
    };
    const ended = await run('web', [arn]);
    expect(ended?.buildBatchStatus).toBe('SUCCEEDED');
    const [, group] = ended?.buildGroups ?? [];
    const build = await server.getBuild(group?.currentBuildSummary?.arn ?? '');
    expect(build.environment?.fleet).toEqual({ fleetArn: arn });
    const said = async (fleet: string, allowed?: string[]) =>
      JSON.stringify((await run(fleet, allowed))?.phases);
    expect(await said(arn, ['other'])).toContain('the project allows other');
    expect(await said('nope')).toContain('names the fleet nope, which does not exist');
  });
});
