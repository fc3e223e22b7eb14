import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { MAX_BATCH } from '../limits.ts';
import { revisionKey } from '../model/revision.ts';
import { application, atApplication } from '../resources/application.ts';
import { listGroups } from '../store/applications.ts';
import {
  findRevision,
  listRevisions,
  type Revision,
  registerRevision,
} from '../store/revisions.ts';
import { codedeploy } from './declare.ts';
import { requireRevision } from './revision-input.ts';
import { checkRevisionOf, requireContent } from './shift-revision.ts';
import { asked, checkBatch, checkDescription } from './validate.ts';

export const registerApplicationRevision = codedeploy(
  'registerApplicationRevision',
  atApplication,
  async (ctx, input, located) => {
    checkDescription(input.description);
    const location = requireRevision(input.revision);
    await ctx.transaction(async (tx) => {
      const { applicationId, platform } = await need(tx, application, located);
      checkRevisionOf(platform, location);
      requireContent(location);
      const registeredAt = ctx.clock.now().getTime();
      const { description } = input;
      await registerRevision(tx, ctx, applicationId, { location, description, registeredAt });
    });
    return {};
  },
);

export const getApplicationRevision = codedeploy(
  'getApplicationRevision',
  atApplication,
  async (ctx, input, located) => {
    const location = requireRevision(input.revision);
    const { name, applicationId } = await need(ctx.db, application, located);
    const revision = await findRevision(ctx.db, applicationId, location);
    if (!revision) {
      throw exception(
        sdk.RevisionDoesNotExistException,
        'The named revision does not exist with the IAM user or AWS account.',
      );
    }
    const [described] = await describe(ctx, applicationId, [revision]);
    return {
      applicationName: name,
      revision: revision.location,
      revisionInfo: described?.genericRevisionInfo,
    };
  },
);

/** Revisions as the API shows them, with the groups that have them. */
async function describe(
  ctx: ServiceContext,
  applicationId: string,
  revisions: Revision[],
): Promise<sdk.RevisionInfo[]> {
  const groups = (await listGroups(ctx.db, ctx)).filter(
    (group) => group.applicationId === applicationId,
  );
  return revisions.map((revision) => {
    const key = revisionKey(revision.location);
    return {
      revisionLocation: revision.location,
      genericRevisionInfo: {
        description: revision.description ?? '',
        deploymentGroups: groups
          .filter((group) => group.targetKey === key)
          .map((group) => group.name),
        ...(revision.firstUsedAt && { firstUsedTime: new Date(revision.firstUsedAt) }),
        ...(revision.lastUsedAt && { lastUsedTime: new Date(revision.lastUsedAt) }),
        registerTime: new Date(revision.registeredAt),
      },
    };
  });
}

export const batchGetApplicationRevisions = codedeploy(
  'batchGetApplicationRevisions',
  atApplication,
  async (ctx, input, located) => {
    if (!input.revisions?.length) requireRevision(undefined);
    checkBatch(input.revisions ?? [], MAX_BATCH);
    const locations = (input.revisions ?? []).map(requireRevision);
    const { name, applicationId } = await need(ctx.db, application, located);
    const found = await Promise.all(
      locations.map((location) => findRevision(ctx.db, applicationId, location)),
    );
    const revisions = found.filter((revision) => revision !== undefined);
    return {
      applicationName: name,
      revisions: await describe(ctx, applicationId, revisions),
      errorMessage:
        revisions.length < locations.length ? 'Some of the revisions do not exist.' : '',
    };
  },
);

const SORT_BY = {
  registerTime: 'registeredAt',
  firstUsedTime: 'firstUsedAt',
  lastUsedTime: 'lastUsedAt',
} as const;

export const listApplicationRevisions = codedeploy(
  'listApplicationRevisions',
  atApplication,
  async (ctx, input, located) => {
    checkListInput(input);
    const { applicationId } = await need(ctx.db, application, located);
    const current = new Set((await listGroups(ctx.db, ctx)).map((group) => group.targetKey));
    const { sortBy, sortOrder, s3Bucket, s3KeyPrefix, deployed = 'ignore' } = input;
    const revisions = (await listRevisions(ctx.db, applicationId))
      .filter(({ location: { s3Location } }) => !s3Bucket || s3Location?.bucket === s3Bucket)
      .filter(
        ({ location: { s3Location } }) => !s3KeyPrefix || s3Location?.key?.startsWith(s3KeyPrefix),
      )
      .filter(
        ({ location }) =>
          deployed === 'ignore' || current.has(revisionKey(location)) === (deployed === 'include'),
      );
    const member = SORT_BY[sortBy ?? 'registerTime'];
    const keyOf = (revision: Revision) =>
      [revision[member] ?? 0, revision.registeredAt, revisionKey(revision.location)] as const;
    const order = sortBy && sortOrder === 'descending' ? 'descending' : 'ascending';
    const { items, nextToken } = pageOfList(ctx, asked(input), revisions, keyOf, order);
    return { revisions: items.map((revision) => revision.location), nextToken };
  },
);

function checkListInput(input: sdk.ListApplicationRevisionsCommandInput): void {
  const { sortBy, sortOrder, s3Bucket, s3KeyPrefix, deployed } = input;
  if (sortBy && !Object.hasOwn(SORT_BY, sortBy)) {
    throw exception(
      sdk.InvalidSortByException,
      `The column name to sort by is either not present or was specified in an invalid format: ${sortBy}`,
    );
  }
  if (sortOrder && !['ascending', 'descending'].includes(sortOrder)) {
    throw exception(
      sdk.InvalidSortOrderException,
      `The sort order was specified in an invalid format: ${sortOrder}`,
    );
  }
  if (s3KeyPrefix && !s3Bucket) {
    throw exception(
      sdk.BucketNameFilterRequiredException,
      'A bucket name is required, but was not provided.',
    );
  }
  if (deployed && !['include', 'exclude', 'ignore'].includes(deployed)) {
    throw exception(
      sdk.InvalidDeployedStateFilterException,
      `The deployed state filter was specified in an invalid format: ${deployed}`,
    );
  }
}
