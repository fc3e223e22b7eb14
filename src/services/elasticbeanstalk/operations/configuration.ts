import type { ConfigurationOptionDescription } from '@aws-sdk/client-elastic-beanstalk';
import { authorizeOn, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { combination, noApplication } from '../errors.ts';
import type { Setting } from '../model/environment.ts';
import { OPTIONS, type Option, optionOf, problemsOf } from '../model/options.ts';
import { PLATFORM, platformArn } from '../model/platform.ts';
import { merged } from '../model/settings.ts';
import { environment, template } from '../resources/kinds.ts';
import { findApplication } from '../store/applications.ts';
import { elasticbeanstalk } from './declare.ts';
import { platformOf } from './platform-input.ts';
import { settingsOf } from './settings-input.ts';
import { shownSettings } from './shapes.ts';

interface Named {
  ApplicationName?: string | undefined;
  EnvironmentName?: string | undefined;
  TemplateName?: string | undefined;
}

/** The settings of what is named, and what it is: asked about, and there. */
async function settingsOfNamed(ctx: ServiceContext, input: Named, action: string) {
  const { ApplicationName: application, EnvironmentName, TemplateName } = input;
  if (EnvironmentName !== undefined && TemplateName !== undefined)
    throw combination('You cannot specify both an EnvironmentName and a TemplateName.');
  if (EnvironmentName !== undefined) {
    const located = environment.locate(ctx, { application, name: EnvironmentName });
    await authorizeOn(ctx, environment, located, action);
    const found = await need(ctx.db, environment, located);
    const { createdAt, updatedAt, settings, description } = found.body;
    const dates = { createdAt: new Date(createdAt), updatedAt: new Date(updatedAt) };
    return { ...dates, settings, description, application: found.application, environment: found };
  }
  const located = template.locate(ctx, { application, name: TemplateName });
  await authorizeOn(ctx, template, located, action);
  if (TemplateName === undefined) return undefined;
  return { ...(await need(ctx.db, template, located)), environment: undefined };
}

const shownOption = (option: Option): ConfigurationOptionDescription => ({
  ...{ Namespace: option.namespace, Name: option.name, UserDefined: false },
  ...{ ChangeSeverity: option.severity, ValueType: option.type === 'List' ? 'List' : 'Scalar' },
  ...(option.fallback !== undefined && { DefaultValue: option.fallback }),
  ...(option.values && { ValueOptions: [...option.values] }),
  ...(option.type === 'Boolean' && !option.values && { ValueOptions: ['true', 'false'] }),
  ...(option.min !== undefined && { MinValue: option.min }),
  ...(option.max !== undefined && { MaxValue: option.max }),
});

export const describeConfigurationOptions = elasticbeanstalk(
  'describeConfigurationOptions',
  'self',
  async (ctx, input) => {
    const action = 'elasticbeanstalk:DescribeConfigurationOptions';
    const named = await settingsOfNamed(ctx, input, action);
    if (input.SolutionStackName !== undefined || input.PlatformArn !== undefined)
      platformOf(ctx, input);
    const own: Option[] = (named?.settings ?? []).flatMap(({ namespace, name }) => {
      if (OPTIONS.some((one) => one.namespace === namespace && one.name === name)) return [];
      return optionOf(namespace, name) ?? [];
    });
    const { Options: wanted = [] } = input;
    const isWanted = ({ namespace, name }: Option) =>
      wanted.length === 0 ||
      wanted.some(
        ({ Namespace, OptionName }) =>
          (Namespace === undefined || Namespace === namespace) &&
          (OptionName === undefined || OptionName === name),
      );
    return {
      ...{ SolutionStackName: PLATFORM.stack, PlatformArn: platformArn(ctx) },
      Options: [...OPTIONS, ...own].filter(isWanted).map((option) => ({
        ...shownOption(option),
        ...(own.includes(option) && { UserDefined: true }),
      })),
    };
  },
);

export const describeConfigurationSettings = elasticbeanstalk(
  'describeConfigurationSettings',
  'self',
  async (ctx, input) => {
    const action = 'elasticbeanstalk:DescribeConfigurationSettings';
    const found = await settingsOfNamed(ctx, input, action);
    if (!found) throw combination('You must specify an EnvironmentName or a TemplateName.');
    const { environment: of, description } = found;
    return {
      ConfigurationSettings: [
        {
          ...{ SolutionStackName: PLATFORM.stack, PlatformArn: platformArn(ctx) },
          ApplicationName: found.application,
          ...(input.TemplateName !== undefined && { TemplateName: input.TemplateName }),
          ...(of && { EnvironmentName: of.name }),
          ...(description !== undefined && { Description: description }),
          ...(of && {
            DeploymentStatus: of.body.operation ? ('pending' as const) : ('deployed' as const),
          }),
          ...{ DateCreated: found.createdAt, DateUpdated: found.updatedAt },
          OptionSettings: shownSettings(found.settings),
        },
      ],
    };
  },
);

export const validateConfigurationSettings = elasticbeanstalk(
  'validateConfigurationSettings',
  'self',
  async (ctx, input) => {
    const { ApplicationName = '' } = input;
    const action = 'elasticbeanstalk:ValidateConfigurationSettings';
    const found = await settingsOfNamed(ctx, input, action);
    if (!(await findApplication(ctx.db, ctx, ApplicationName)))
      throw noApplication(ApplicationName);
    const base: Setting[] = found?.settings ?? [];
    return {
      Messages: problemsOf(merged(base, settingsOf(input.OptionSettings))).map(
        ({ namespace, name, message }) => ({
          ...{ Namespace: namespace, OptionName: name, Message: message },
          Severity: 'error' as const,
        }),
      ),
    };
  },
);
