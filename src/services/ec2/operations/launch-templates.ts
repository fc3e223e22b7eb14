import type * as sdk from '@aws-sdk/client-ec2';
import type { Tags } from '../../../kit/tags.ts';
import {
  badTemplateName,
  combination,
  invalidValue,
  mismatch,
  missing,
  noTemplate,
  templateExists,
  tooMany,
} from '../errors.ts';
import { MAX_TEMPLATES } from '../limits.ts';
import { newId } from '../model/ids.ts';
import { type LaunchTemplate, versionNumber } from '../model/launch-template.ts';
import {
  deleteTemplate,
  findVersion,
  insertVersion,
  listTemplates,
  saveTemplate,
  templateOfToken,
} from '../store/launch-templates.ts';
import { deleteTags, saveTags, tagsById, tagsOfOne } from '../store/tags.ts';
import { ec2, ec2Asking, endTrial } from './declare.ts';
import { askForTags, refuse, specifiedConditions, specifiedTags } from './inputs.ts';
import { digestOf } from './launch-input.ts';
import { described, tagList } from './lists.ts';
import { needTemplate, onTemplate } from './templates-named.ts';

type Tagged = LaunchTemplate & { tags: Tags };

const templateShape = ({ id, name, body, tags }: Tagged): sdk.LaunchTemplate => ({
  ...{ LaunchTemplateId: id, LaunchTemplateName: name, CreateTime: new Date(body.createdAt) },
  ...{ CreatedBy: body.createdBy, DefaultVersionNumber: body.defaultVersion },
  LatestVersionNumber: body.latestVersion,
  ...(tags.size > 0 && { Tags: tagList(tags) }),
});

const anyTemplate = ({ region, accountId }: { region: string; accountId: string }) =>
  `arn:aws:ec2:${region}:${accountId}:launch-template/*`;

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

export const createLaunchTemplate = ec2Asking(
  'createLaunchTemplate',
  {
    resource: anyTemplate,
    conditions: (_ctx, { TagSpecifications }) => specifiedConditions(TagSpecifications),
  },
  async (ctx, input) => {
    const { LaunchTemplateName: name = '', LaunchTemplateData: data, VersionDescription } = input;
    refuse(input, 'CreateLaunchTemplate', ['Operator']);
    if (!NAME.test(name)) throw badTemplateName(name);
    if (!data) throw missing('LaunchTemplateData');
    const tags = specifiedTags(input.TagSpecifications, 'launch-template');
    await askForTags(ctx, { action: 'CreateLaunchTemplate', arn: anyTemplate(ctx), tags });
    endTrial(input);
    const clientToken = input.ClientToken || undefined;
    const request = digestOf(input);
    const made = { createdAt: ctx.clock.now().getTime(), createdBy: ctx.principal.arn };
    const template: LaunchTemplate = {
      ...{ accountId: ctx.accountId, region: ctx.region, id: newId('lt'), name, clientToken },
      body: { ...made, defaultVersion: 1, latestVersion: 1, lastNumber: 1, request },
    };
    return ctx.transaction(async (tx) => {
      const before = clientToken && (await templateOfToken(tx, ctx, clientToken));
      if (before) {
        if (before.body.request !== request) throw mismatch();
        const its = await tagsOfOne(tx, ctx, before.id);
        return { LaunchTemplate: templateShape({ ...before, tags: its }) };
      }
      const all = await listTemplates(tx, ctx);
      if (all.some((one) => one.name === name)) throw templateExists();
      if (all.length >= MAX_TEMPLATES) throw tooMany('LaunchTemplateLimitExceeded', MAX_TEMPLATES);
      await saveTemplate(tx, template);
      const description = VersionDescription && { description: VersionDescription };
      const body = { ...made, ...description, data };
      await insertVersion(tx, template, { number: 1, clientToken: undefined, body });
      await saveTags(tx, ctx, template.id, tags);
      return { LaunchTemplate: templateShape({ ...template, tags }) };
    });
  },
);

const listed = {
  prefix: 'lt',
  idOf: ({ id }: Tagged) => id,
  tagsOf: ({ tags }: Tagged) => tags,
  factsOf: ({ name, body }: Tagged) => ({
    'launch-template-name': name,
    'create-time': new Date(body.createdAt).toISOString(),
  }),
};

export const describeLaunchTemplates = ec2('describeLaunchTemplates', {}, async (ctx, input) => {
  const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [], ...asked } = input;
  const { IncludeManagedResources: _ } = input;
  if (ids.length > 0 && names.length > 0)
    throw combination('Launch templates are named either by their ids or by their names.');
  const tags = await tagsById(ctx.db, ctx);
  const all = (await listTemplates(ctx.db, ctx)).map((one) => ({
    ...{ ...one, tags: tags.get(one.id) ?? new Map() },
  }));
  for (const id of ids) if (!all.some((one) => one.id === id)) throw noTemplate({ id });
  for (const name of names) if (!all.some((one) => one.name === name)) throw noTemplate({ name });
  const shown = all.filter(
    ({ id, name }) =>
      (ids.length === 0 || ids.includes(id)) && (names.length === 0 || names.includes(name)),
  );
  const { items, ...more } = described(ctx, listed, shown, asked);
  return { LaunchTemplates: items.map(templateShape), ...more };
});

/** Only the default version of a template changes. */
export const modifyLaunchTemplate = ec2('modifyLaunchTemplate', onTemplate, async (ctx, input) => {
  const { DefaultVersion } = input;
  if (!DefaultVersion) throw missing('SetDefaultVersion');
  return ctx.transaction(async (tx) => {
    const template = await needTemplate(tx, ctx, input);
    const number = versionNumber(template, DefaultVersion);
    if (number === undefined || !(await findVersion(tx, template, number)))
      throw invalidValue(
        `The version ${DefaultVersion} of the launch template ${template.id} does not exist.`,
      );
    const changed = { ...template, body: { ...template.body, defaultVersion: number } };
    await saveTemplate(tx, changed);
    const tags = await tagsOfOne(tx, ctx, template.id);
    return { LaunchTemplate: templateShape({ ...changed, tags }) };
  });
});

export const deleteLaunchTemplate = ec2('deleteLaunchTemplate', onTemplate, async (ctx, input) =>
  ctx.transaction(async (tx) => {
    const template = await needTemplate(tx, ctx, input);
    const tags = await tagsOfOne(tx, ctx, template.id);
    await deleteTemplate(tx, ctx, template.id);
    await deleteTags(tx, ctx, template.id);
    return { LaunchTemplate: templateShape({ ...template, tags }) };
  }),
);
