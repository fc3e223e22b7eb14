import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isReservedTag, type Tags } from '../../../kit/tags.ts';
import {
  combination,
  invalidValue,
  mismatch,
  missing,
  noTemplateVersion,
  notFound,
  tooMany,
} from '../errors.ts';
import { MAX_IDS, MAX_TEMPLATE_VERSIONS } from '../limits.ts';
import type { Instance } from '../model/instance.ts';
import {
  type LaunchTemplate,
  type TemplateVersion,
  versionNumber,
} from '../model/launch-template.ts';
import { atInstance } from '../resources/instance.ts';
import { findInstance } from '../store/instances.ts';
import {
  deleteVersion,
  insertVersion,
  listTemplates,
  listVersions,
  saveTemplate,
  versionsOfAll,
} from '../store/launch-templates.ts';
import { tagsOfOne } from '../store/tags.ts';
import { ec2 } from './declare.ts';
import { digestOf } from './launch-input.ts';
import { described, tagList } from './lists.ts';
import { needTemplate, needVersion, onTemplate } from './templates-named.ts';

const versionShape = (
  { id, name, body: { defaultVersion } }: LaunchTemplate,
  { number, body }: TemplateVersion,
): sdk.LaunchTemplateVersion => ({
  ...{ LaunchTemplateId: id, LaunchTemplateName: name, VersionNumber: number },
  ...(body.description !== undefined && { VersionDescription: body.description }),
  ...{ CreateTime: new Date(body.createdAt), CreatedBy: body.createdBy },
  DefaultVersion: number === defaultVersion,
  LaunchTemplateData: body.data as sdk.ResponseLaunchTemplateData,
});

export const createLaunchTemplateVersion = ec2(
  'createLaunchTemplateVersion',
  onTemplate,
  async (ctx, input) => {
    const { LaunchTemplateData: given, SourceVersion, VersionDescription } = input;
    if (!given) throw missing('LaunchTemplateData');
    if (input.ResolveAlias) throw unsupported('ResolveAlias of CreateLaunchTemplateVersion');
    const clientToken = input.ClientToken || undefined;
    const request = digestOf(input);
    const made = { createdAt: ctx.clock.now().getTime(), createdBy: ctx.principal.arn };
    return ctx.transaction(async (tx) => {
      const template = await needTemplate(tx, ctx, input);
      const all = await listVersions(tx, ctx, template.id);
      const before = all.find((one) => clientToken && one.clientToken === clientToken);
      if (before && before.body.request !== request) throw mismatch();
      if (before) return { LaunchTemplateVersion: versionShape(template, before) };
      if (all.length >= MAX_TEMPLATE_VERSIONS)
        throw tooMany('VersionLimitExceeded', MAX_TEMPLATE_VERSIONS);
      const source = SourceVersion && (await needVersion(tx, template, SourceVersion));
      // What is said anew takes the place of the source's, member by member.
      const data = { ...(source ? source.body.data : undefined), ...given };
      const number = template.body.lastNumber + 1;
      const body = {
        ...{ ...made, data, request },
        ...(VersionDescription && { description: VersionDescription }),
      };
      const version = { number, clientToken, body };
      await insertVersion(tx, template, version);
      const numbers = { latestVersion: number, lastNumber: number };
      await saveTemplate(tx, { ...template, body: { ...template.body, ...numbers } });
      return { LaunchTemplateVersion: versionShape(template, version) };
    });
  },
);

type Shown = { template: LaunchTemplate; version: TemplateVersion };

const listed = {
  prefix: 'lt',
  idOf: ({ template, version }: Shown) =>
    `${template.id} ${String(1e9 - version.number).padStart(10, '0')}`,
  tagsOf: () => new Map(),
  factsOf: ({ template, version: { number, body } }: Shown) => ({
    'create-time': new Date(body.createdAt).toISOString(),
    'ebs-optimized': String(body.data.EbsOptimized ?? false),
    'iam-instance-profile': body.data.IamInstanceProfile?.Name ?? body.data.IamInstanceProfile?.Arn,
    'image-id': body.data.ImageId,
    'instance-type': body.data.InstanceType,
    'is-default-version': String(template.body.defaultVersion === number),
  }),
};

/** Of one template, or `$Latest` and `$Default` of all. */
export const describeLaunchTemplateVersions = ec2(
  'describeLaunchTemplateVersions',
  {},
  async (ctx, input) => {
    const { LaunchTemplateId, LaunchTemplateName, Versions = [], ...asked } = input;
    const { IncludeManagedResources: _ } = input;
    if (input.ResolveAlias) throw unsupported('ResolveAlias of DescribeLaunchTemplateVersions');
    const { MinVersion, MaxVersion } = input;
    if (Versions.length > 0 && (MinVersion !== undefined || MaxVersion !== undefined))
      throw combination('Versions and a range of versions may not be specified together.');
    const shown =
      LaunchTemplateId || LaunchTemplateName ? await ofOne(ctx, input) : await ofAll(ctx, Versions);
    const { items, ...more } = described(ctx, listed, shown, asked);
    const LaunchTemplateVersions = items.map((one) => versionShape(one.template, one.version));
    return { LaunchTemplateVersions, ...more };
  },
);

async function ofOne(
  ctx: ServiceContext,
  input: sdk.DescribeLaunchTemplateVersionsCommandInput,
): Promise<Shown[]> {
  const template = await needTemplate(ctx.db, ctx, input);
  const { Versions = [] } = input;
  if (Versions.length > MAX_IDS)
    throw invalidValue(`No more than ${MAX_IDS} versions are named by one call.`);
  const bound = (name: string, said: string | undefined, otherwise: number) => {
    const number = said === undefined ? otherwise : versionNumber(template, said);
    if (number === undefined)
      throw invalidValue(`Value (${said}) for parameter ${name} is invalid.`);
    return number;
  };
  const least = bound('MinVersion', input.MinVersion, 0);
  const most = bound('MaxVersion', input.MaxVersion, 1e9);
  const all = await listVersions(ctx.db, ctx, template.id);
  const known = new Set(all.map(({ number }) => number));
  const numbers = new Set<number>();
  for (const said of Versions) {
    const number = versionNumber(template, said);
    if (number === undefined || !known.has(number)) throw noTemplateVersion(template.id, said);
    numbers.add(number);
  }
  const isMeant = (number: number) =>
    Versions.length > 0 ? numbers.has(number) : number >= least && number <= most;
  return all.filter(({ number }) => isMeant(number)).map((version) => ({ template, version }));
}

async function ofAll(ctx: ServiceContext, versions: readonly string[]): Promise<Shown[]> {
  if (versions.length === 0) throw missing('LaunchTemplateId');
  if (versions.some((one) => one !== '$Latest' && one !== '$Default'))
    throw invalidValue('Of all launch templates $Latest and $Default can be described alone.');
  const templates = await listTemplates(ctx.db, ctx);
  const numbersOf = (template: LaunchTemplate) =>
    new Set(versions.flatMap((said) => versionNumber(template, said) ?? []));
  const wanted = new Map(templates.map((template) => [template.id, numbersOf(template)]));
  const found = await versionsOfAll(ctx.db, ctx, wanted);
  return templates.flatMap((template) =>
    (found.get(template.id) ?? []).map((version) => ({ template, version })),
  );
}

export const deleteLaunchTemplateVersions = ec2(
  'deleteLaunchTemplateVersions',
  onTemplate,
  async (ctx, input) => {
    const { Versions = [] } = input;
    if (Versions.length === 0) throw missing('LaunchTemplateVersion');
    if (Versions.length > 200)
      throw invalidValue('No more than 200 versions are deleted by one call.');
    return ctx.transaction(async (tx) => {
      const template = await needTemplate(tx, ctx, input);
      const { id: LaunchTemplateId, name: LaunchTemplateName } = template;
      const known = new Set((await listVersions(tx, ctx, template.id)).map(({ number }) => number));
      const done: sdk.DeleteLaunchTemplateVersionsResponseSuccessItem[] = [];
      const failed: sdk.DeleteLaunchTemplateVersionsResponseErrorItem[] = [];
      for (const said of Versions) {
        const number = /^\d{1,9}$/.test(said) ? Number(said) : -1;
        const isDefault = number === template.body.defaultVersion;
        const item = { LaunchTemplateId, LaunchTemplateName, VersionNumber: number };
        if (known.has(number) && !isDefault) {
          await deleteVersion(tx, template, number);
          known.delete(number);
          done.push(item);
          continue;
        }
        const ResponseError = isDefault
          ? {
              Code: 'unexpectedError' as const,
              Message: 'The default version of a launch template cannot be deleted.',
            }
          : {
              Code: 'launchTemplateVersionDoesNotExist' as const,
              Message: `Could not find the specified version ${said} for the launch template with ID ${LaunchTemplateId}.`,
            };
        failed.push({ ...item, ResponseError });
      }
      // The default one is always among them.
      const latestVersion = [...known].reduce((a, b) => Math.max(a, b), 1);
      await saveTemplate(tx, { ...template, body: { ...template.body, latestVersion } });
      return {
        SuccessfullyDeletedLaunchTemplateVersions: done,
        UnsuccessfullyDeletedLaunchTemplateVersions: failed,
      };
    });
  },
);

/** What an instance was made with, as a template would say it. */
export const getLaunchTemplateData = ec2(
  'getLaunchTemplateData',
  atInstance,
  async (ctx, input) => {
    const { InstanceId: id = '' } = input;
    const found = await findInstance(ctx.db, ctx, id);
    if (!found) throw notFound('i', id);
    const tags = await tagsOfOne(ctx.db, ctx, id);
    return { LaunchTemplateData: templateDataOf(found, tags) };
  },
);

function templateDataOf({ body }: Instance, tags: Tags): sdk.ResponseLaunchTemplateData {
  const own = new Map([...tags].filter(([key]) => !isReservedTag(key)));
  return {
    ...{ ImageId: body.imageId, InstanceType: body.type as sdk._InstanceType },
    ...{ EbsOptimized: body.ebsOptimized, Monitoring: { Enabled: body.monitored } },
    Placement: { AvailabilityZone: body.zone, GroupName: '', Tenancy: 'default' },
    NetworkInterfaces: [
      {
        ...{ DeviceIndex: 0, SubnetId: body.subnetId, Groups: body.groups },
        DeleteOnTermination: true,
      },
    ],
    ...(body.key && { KeyName: body.key.name }),
    ...(body.userData !== undefined && { UserData: body.userData }),
    ...(body.profile && { IamInstanceProfile: { Arn: body.profile.arn } }),
    DisableApiTermination: body.keepsRunning.termination,
    DisableApiStop: body.keepsRunning.stop,
    InstanceInitiatedShutdownBehavior: body.onShutdown,
    MetadataOptions: {
      ...{ HttpTokens: body.metadata.tokens, HttpEndpoint: body.metadata.endpoint },
      HttpPutResponseHopLimit: body.metadata.hopLimit,
      InstanceMetadataTags: body.metadata.tags,
    },
    ...(own.size > 0 && { TagSpecifications: [{ ResourceType: 'instance', Tags: tagList(own) }] }),
  };
}
