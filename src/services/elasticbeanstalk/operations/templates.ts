import type { CreateConfigurationTemplateCommandInput } from '@aws-sdk/client-elastic-beanstalk';
import { at, need, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  combination,
  inProgress,
  invalid,
  noApplication,
  templateExists,
  tooManyTemplates,
} from '../errors.ts';
import { TEMPLATES } from '../limits.ts';
import type { Setting } from '../model/environment.ts';
import { platformArn } from '../model/platform.ts';
import { merged } from '../model/settings.ts';
import { environment, template } from '../resources/kinds.ts';
import {
  deletePart,
  findApplication,
  findPart,
  listParts,
  putPart,
  type Template,
} from '../store/applications.ts';
import { listEnvironments } from '../store/environments.ts';
import { elasticbeanstalk } from './declare.ts';
import { platformOf } from './platform-input.ts';
import { checkSettings, settingsOf, specified } from './settings-input.ts';
import { newTags } from './tag-input.ts';

interface Named {
  ApplicationName: string | undefined;
  TemplateName: string | undefined;
}

const named = ({ ApplicationName, TemplateName }: Named) => ({
  ...{ application: ApplicationName, name: TemplateName },
});

const shown = (found: Template, settings = false) => ({
  ...{ ApplicationName: found.application, TemplateName: found.name },
  ...{ SolutionStackName: found.stack, PlatformArn: platformArn(found) },
  ...(found.description !== undefined && { Description: found.description }),
  ...{ DateCreated: found.createdAt, DateUpdated: found.updatedAt },
  ...(settings && { OptionSettings: [] }),
});

/** What a template begins with: an environment's settings, another template's, or a platform alone. */
async function basis(
  ctx: ServiceContext,
  input: CreateConfigurationTemplateCommandInput,
): Promise<{ stack: string; settings: Setting[] }> {
  const { EnvironmentId: id, SourceConfiguration: source } = input;
  if (id !== undefined) {
    const found = await need(ctx.db, environment, environment.locate(ctx, { id }));
    return { stack: found.body.stack, settings: found.body.settings };
  }
  if (source) {
    const { ApplicationName = input.ApplicationName, TemplateName } = source;
    const located = template.locate(ctx, { application: ApplicationName, name: TemplateName });
    const { stack, settings } = await need(ctx.db, template, located);
    return { stack, settings };
  }
  if (input.SolutionStackName === undefined && input.PlatformArn === undefined)
    throw combination(
      'You must specify a SolutionStackName, a PlatformArn, an EnvironmentId or a SourceConfiguration.',
    );
  return { stack: platformOf(ctx, input), settings: [] };
}

export const createConfigurationTemplate = elasticbeanstalk(
  'createConfigurationTemplate',
  at(template, named),
  async (ctx, input, { arn, application: of, name }) => {
    const { stack, settings: before } = await basis(ctx, input);
    const settings = merged(before, settingsOf(input.OptionSettings));
    checkSettings(settings);
    const tags = await newTags(ctx, arn, input.Tags);
    return ctx.transaction(async (tx) => {
      if (!(await findApplication(tx, ctx, of))) throw noApplication(of);
      if (await findPart(tx, ctx, 'template', { application: of, name }))
        throw templateExists(name);
      const most = await ctx.quotas.value(tx, ctx, 'elasticbeanstalk', TEMPLATES);
      if ((await listParts(tx, ctx, 'template')).length >= most) throw tooManyTemplates(most);
      const { accountId, region } = ctx;
      const now = ctx.clock.now();
      const { Description: description } = input;
      const made: Template = {
        ...{ accountId, region, application: of, name, stack, settings, tags },
        ...{ createdAt: now, updatedAt: now },
        ...(description !== undefined && { description }),
      };
      await putPart(tx, 'template', made);
      return shown(made);
    });
  },
);

export const updateConfigurationTemplate = elasticbeanstalk(
  'updateConfigurationTemplate',
  on(template, named),
  async (ctx, input, located) =>
    ctx.transaction(async (tx) => {
      const { description, ...rest } =
        (await findPart(tx, located, 'template', located)) ?? located;
      const settings = merged(
        rest.settings,
        settingsOf(input.OptionSettings),
        specified(input.OptionsToRemove),
      );
      checkSettings(settings);
      const text = input.Description ?? description;
      const now: Template = {
        ...{ ...rest, settings, updatedAt: ctx.clock.now() },
        ...(text !== undefined && { description: text }),
      };
      await putPart(tx, 'template', now);
      return shown(now);
    }),
);

export const deleteConfigurationTemplate = elasticbeanstalk(
  'deleteConfigurationTemplate',
  at(template, named),
  async (ctx, _input, located) => {
    await ctx.transaction(async (tx) => {
      const { application: of, name } = located;
      const busy = (await listEnvironments(tx, ctx)).find(
        (one) =>
          one.application === of &&
          one.body.template === name &&
          (one.status === 'Launching' || one.status === 'Updating'),
      );
      if (busy) throw inProgress(`Configuration template ${name} is being used by ${busy.name}.`);
      await deletePart(tx, 'template', located);
    });
    return {};
  },
);

export const deleteEnvironmentConfiguration = elasticbeanstalk(
  'deleteEnvironmentConfiguration',
  at(environment, ({ ApplicationName, EnvironmentName }) => ({
    ...{ application: ApplicationName, name: EnvironmentName },
  })),
  async (_ctx, { EnvironmentName }) => {
    // Settings are either in use or refused: no environment here has a draft of some.
    if (!EnvironmentName) throw invalid('EnvironmentName is required.');
    return {};
  },
);
