import type { CreateApplicationVersionCommandInput } from '@aws-sdk/client-elastic-beanstalk';
import { DeleteObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { unsupported } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { at, authorizeOn, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal, statusOf } from '../../../lib/refusal.ts';
import {
  bundleStays,
  invalid,
  noApplication,
  noBundle,
  tooManyVersions,
  versionExists,
} from '../errors.ts';
import { MAX_BUNDLE_BYTES, PAGE, VERSIONS } from '../limits.ts';
import { application, version } from '../resources/kinds.ts';
import {
  deletePart,
  findApplication,
  findPart,
  listParts,
  putPart,
  type Version,
} from '../store/applications.ts';
import { listEnvironments } from '../store/environments.ts';
import { insertApplication } from './applications.ts';
import { elasticbeanstalk } from './declare.ts';
import { shownVersion } from './shapes.ts';
import { newTags } from './tag-input.ts';

interface Named {
  ApplicationName: string | undefined;
  VersionLabel: string | undefined;
}

const named = ({ ApplicationName, VersionLabel }: Named) => ({
  ...{ application: ApplicationName, name: VersionLabel },
});

/** Where the bundle is, which the caller may read. @throws InvalidParameterValue */
async function bundleOf(ctx: ServiceContext, input: CreateApplicationVersionCommandInput) {
  const { SourceBundle, SourceBuildInformation, BuildConfiguration } = input;
  if (SourceBuildInformation) {
    const { SourceRepository, SourceLocation } = SourceBuildInformation;
    throw unsupported(
      BuildConfiguration
        ? `versions that CodeBuild builds of ${SourceLocation}`
        : `versions from ${SourceRepository} by SourceBuildInformation`,
    );
  }
  if (input.ImageConfiguration)
    throw unsupported('ImageConfiguration (versions that are container images)');
  if (BuildConfiguration) throw unsupported('BuildConfiguration (versions that CodeBuild builds)');
  const { S3Bucket: bucket, S3Key: key } = SourceBundle ?? {};
  if (!bucket || !key)
    throw SourceBundle
      ? invalid('SourceBundle needs S3Bucket and S3Key.')
      : unsupported("versions without a SourceBundle (AWS's sample application)");
  const s3 = ctx.client(S3Client, forwarded(ctx, 'elasticbeanstalk'));
  try {
    const { ContentLength = 0 } = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key }),
    );
    if (ContentLength > MAX_BUNDLE_BYTES)
      throw invalid(
        `Source bundle is too large: ${ContentLength} bytes. At most there may be ${MAX_BUNDLE_BYTES}.`,
      );
  } catch (error) {
    if (!isRefusal(error) || error.name === 'InvalidParameterValue') throw error;
    const status = statusOf(error);
    throw noBundle(bucket, key, status === 403 ? 'Forbidden' : 'Not Found');
  }
  return { bucket, key };
}

export const createApplicationVersion = elasticbeanstalk(
  'createApplicationVersion',
  at(version, named),
  async (ctx, input, { arn, application: of, name }) => {
    const known = await findApplication(ctx.db, ctx, of);
    if (!known) {
      if (!input.AutoCreateApplication) throw noApplication(of);
      const action = 'elasticbeanstalk:CreateApplication';
      await authorizeOn(ctx, application, application.locate(ctx, of), action);
    }
    const bundle = await bundleOf(ctx, input);
    const tags = await newTags(ctx, arn, input.Tags);
    return ctx.transaction(async (tx) => {
      if (!(await findApplication(tx, ctx, of)))
        await insertApplication(ctx, tx, { name: of, tags: {} });
      if (await findPart(tx, ctx, 'version', { application: of, name })) throw versionExists(name);
      const most = await ctx.quotas.value(tx, ctx, 'elasticbeanstalk', VERSIONS);
      if ((await listParts(tx, ctx, 'version')).length >= most) throw tooManyVersions(most);
      const { accountId, region } = ctx;
      const now = ctx.clock.now();
      const { Description: description } = input;
      const made: Version = {
        ...{ accountId, region, application: of, name, bundle, tags },
        ...{ createdAt: now, updatedAt: now, status: input.Process ? 'Processed' : 'Unprocessed' },
        ...(description !== undefined && { description }),
      };
      await putPart(tx, 'version', made);
      return { ApplicationVersion: shownVersion(made) };
    });
  },
);

export const describeApplicationVersions = elasticbeanstalk(
  'describeApplicationVersions',
  {},
  async (ctx, input) => {
    const { ApplicationName, VersionLabels: labels = [], NextToken, MaxRecords } = input;
    const all = await listParts(ctx.db, ctx, 'version', ApplicationName);
    const chosen = labels.length === 0 ? all : all.filter(({ name }) => labels.includes(name));
    const asked = {
      ...{ token: NextToken, limit: MaxRecords ?? PAGE },
      refuse: () => invalid('The NextToken is not valid.'),
    };
    const keyOf = ({ createdAt, application: of, name }: Version) =>
      [createdAt.getTime(), of, name] as const;
    const { items, nextToken } = pageOfList(ctx, asked, chosen, keyOf, 'descending');
    return {
      ApplicationVersions: items.map(shownVersion),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
);

export const updateApplicationVersion = elasticbeanstalk(
  'updateApplicationVersion',
  on(version, named),
  async (ctx, { Description }, found) =>
    ctx.transaction(async (tx) => {
      const { description, ...rest } = (await findPart(tx, found, 'version', found)) ?? found;
      const text = Description === undefined ? description : Description || undefined;
      const now = { ...rest, updatedAt: ctx.clock.now(), ...(text && { description: text }) };
      await putPart(tx, 'version', now);
      return { ApplicationVersion: shownVersion(now) };
    }),
);

export const deleteApplicationVersion = elasticbeanstalk(
  'deleteApplicationVersion',
  at(version, named),
  async (ctx, { DeleteSourceBundle }, located) => {
    const found = await version.find(ctx.db, located);
    if (!found) return {};
    const { application: of, name } = found;
    const users = (await listEnvironments(ctx.db, ctx)).filter(
      ({ application: its, body, status }) =>
        its === of &&
        status !== 'Terminated' &&
        [body.release.label, body.operation?.command.release.label].includes(name),
    );
    if (users.length > 0)
      throw bundleStays(
        `Unable to delete application version ${name} because it is deployed to: ${users.map((one) => one.name).join(', ')}.`,
      );
    if (DeleteSourceBundle) await deleteBundle(ctx, found);
    await ctx.transaction((tx) => deletePart(tx, 'version', found));
    return {};
  },
);

async function deleteBundle(ctx: ServiceContext, { bundle }: Version): Promise<void> {
  const s3 = ctx.client(S3Client, forwarded(ctx, 'elasticbeanstalk'));
  try {
    await s3.send(new DeleteObjectCommand({ Bucket: bundle.bucket, Key: bundle.key }));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // A bucket that is gone has nothing in it.
    if (statusOf(error) === 404) return;
    throw bundleStays(`Unable to delete the source bundle: ${error.message}`);
  }
}
