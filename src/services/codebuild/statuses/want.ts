import { isDeepStrictEqual } from 'node:util';
import type { Build, BuildBatch } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import type { BatchFacts } from '../model/batch/record.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { statusOf } from '../model/build-status.ts';
import { buildConsoleUrl } from '../model/console.ts';
import type { ForgeEvent } from '../model/webhook/told.ts';
import { buildKey, COMMIT_STATUS } from '../reconcilers/names.ts';
import { putStatus, type WantedStatus } from '../store/commit-statuses.ts';
import type { Owner } from '../store/tables.ts';
import type { Hooked } from '../webhooks/hooked.ts';

type Ctx = Pick<Platform, 'engine'>;

/** A build, and what it was before, of which its forge has been told. */
interface Telling {
  before?: Build;
  build: Build;
  inputs: BuildInputs;
  endpoint: string;
}

/** The forge of a build is told how it goes, once this transaction is committed. */
export async function wantStatus(
  ctx: Ctx,
  tx: Tx,
  owner: Owner,
  { before, build, inputs, endpoint }: Telling,
): Promise<void> {
  if (!inputs.reportsStatus) return;
  const { accountId, region } = owner;
  const { id = '', projectName = '' } = build;
  const buildUrl = buildConsoleUrl(endpoint, region, id);
  const status = statusOf(build, inputs, { region, buildUrl });
  if (!status) return;
  if (before && isDeepStrictEqual(statusOf(before, inputs, { region, buildUrl }), status)) return;
  const { type, location, auth } = inputs.source;
  await want(ctx, tx, `build/${buildKey(owner, id)}`, {
    ...{ accountId, region, project: projectName, serviceRole: inputs.serviceRole, status },
    source: { type, location, ...(auth && { auth }) },
  });
}

/** The same of a batch, where its builds do not speak for themselves (CB-G6). */
export async function wantBatchStatus(
  ctx: Ctx,
  tx: Tx,
  { batch, inputs, ...owner }: Pick<BatchFacts, 'accountId' | 'region' | 'batch' | 'inputs'>,
  { before, endpoint }: { before?: BuildBatch; endpoint: string },
): Promise<void> {
  if (inputs.config.batchReportMode === 'REPORT_INDIVIDUAL_BUILDS') return;
  await wantStatus(ctx, tx, owner, {
    ...{ build: asBuild(batch), inputs: inputs.build, endpoint },
    ...(before && { before: asBuild(before) }),
  });
}

const asBuild = ({ id, arn, projectName, resolvedSourceVersion, ...batch }: BuildBatch): Build => ({
  ...{ id, arn, projectName, resolvedSourceVersion },
  ...{ buildStatus: batch.buildBatchStatus, buildNumber: batch.buildBatchNumber },
});

/** A pull request is not built until somebody has approved it (CB-I4). */
export async function tellRefused(
  ctx: Ctx & Pick<Platform, 'serverEndpoint'>,
  tx: Tx,
  { hook, project, location }: Hooked,
  { commit, pullRequest }: ForgeEvent,
): Promise<void> {
  if (!commit) return;
  const { accountId, region, project: name } = hook;
  const { type, auth } = project.source ?? {};
  const id = `approval/${buildKey(hook, name)}/${pullRequest?.number}/${commit}`;
  await want(ctx, tx, id, {
    ...{ accountId, region, project: name, serviceRole: project.serviceRole ?? '' },
    source: { type, location, ...(auth && { auth }) },
    status: {
      ...{ commit, state: 'failure', context: `AWS CodeBuild ${region} (${name})` },
      description: 'Pull request approval required for starting a build',
      targetUrl: ctx.serverEndpoint(),
    },
  });
}

async function want(ctx: Ctx, tx: Tx, id: string, wanted: WantedStatus): Promise<void> {
  await putStatus(tx, id, wanted);
  await ctx.engine.wake(tx, COMMIT_STATUS, id);
}
