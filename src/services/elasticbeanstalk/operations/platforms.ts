import type { PlatformFilter, SearchFilter } from '@aws-sdk/client-elastic-beanstalk';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { ownValue } from '../../../lib/own.ts';
import { invalid } from '../errors.ts';
import { askedPlatform, PLATFORM, platformArn } from '../model/platform.ts';
import { elasticbeanstalk } from './declare.ts';

export const listAvailableSolutionStacks = elasticbeanstalk(
  'listAvailableSolutionStacks',
  {},
  async () => ({
    SolutionStacks: [PLATFORM.stack],
    SolutionStackDetails: [{ SolutionStackName: PLATFORM.stack, PermittedFileTypes: ['zip'] }],
  }),
);

const summary = (ctx: Pick<ServiceContext, 'region'>) => ({
  ...{ PlatformArn: platformArn(ctx), PlatformOwner: PLATFORM.owner, PlatformStatus: 'Ready' },
  ...{ PlatformCategory: PLATFORM.category, OperatingSystemName: PLATFORM.system },
  ...{ OperatingSystemVersion: PLATFORM.systemVersion, SupportedTierList: ['WebServer/Standard'] },
  ...{ SupportedAddonList: [], PlatformLifecycleState: 'Recommended' },
  ...{ PlatformVersion: PLATFORM.version, PlatformBranchName: PLATFORM.branch },
  PlatformBranchLifecycleState: 'Supported',
});

const VALUES: Record<string, string> = {
  ...{ PlatformName: PLATFORM.name, PlatformVersion: PLATFORM.version, PlatformStatus: 'Ready' },
  ...{ PlatformBranchName: PLATFORM.branch, PlatformLifecycleState: 'Recommended' },
  ...{ PlatformOwner: PLATFORM.owner, OperatingSystemName: PLATFORM.system },
  ...{ SupportedTier: 'WebServer/Standard', ProgrammingLanguageName: PLATFORM.language },
  ...{ BranchName: PLATFORM.branch, LifecycleState: 'Supported', TierType: 'WebServer/Standard' },
};

/** Does the one platform pass a filter? */
function passes(name: string, operator: string, values: readonly string[]): boolean {
  const known = ownValue(VALUES, name);
  if (known === undefined) throw invalid(`The filter ${name} is not known.`);
  const is = (test: (value: string) => boolean) => values.some(test);
  if (operator === '=' || operator === 'in') return is((value) => value === known);
  if (operator === '!=' || operator === 'not_in') return !is((value) => value === known);
  if (operator === 'contains') return is((value) => known.includes(value));
  if (operator === 'begins_with') return is((value) => known.startsWith(value));
  if (operator === 'ends_with') return is((value) => known.endsWith(value));
  throw unsupported(`the operator ${operator} of filters`);
}

const passesAll = (filters: readonly (PlatformFilter & { Attribute?: string })[] = []) =>
  filters.every(({ Type, Attribute, Operator = '=', Values = [] }) =>
    passes(Type ?? Attribute ?? '', Operator, Values),
  );

export const listPlatformVersions = elasticbeanstalk(
  'listPlatformVersions',
  {},
  async (ctx, { Filters, NextToken }) => {
    if (NextToken !== undefined) throw invalid('The NextToken is not valid.');
    return { PlatformSummaryList: passesAll(Filters) ? [summary(ctx) as never] : [] };
  },
);

export const listPlatformBranches = elasticbeanstalk(
  'listPlatformBranches',
  {},
  async (_ctx, { Filters, NextToken }) => {
    if (NextToken !== undefined) throw invalid('The NextToken is not valid.');
    const branch = {
      ...{ PlatformName: PLATFORM.category, BranchName: PLATFORM.branch, BranchOrder: 1 },
      ...{ LifecycleState: 'Supported', SupportedTierList: ['WebServer/Standard'] },
    };
    return {
      PlatformBranchSummaryList: passesAll(Filters as SearchFilter[]) ? [branch] : [],
    };
  },
);

export const describePlatformVersion = elasticbeanstalk(
  'describePlatformVersion',
  { resource: (_ctx, { PlatformArn = '*' }) => PlatformArn },
  async (ctx, { PlatformArn = platformArn(ctx) }) => {
    if (askedPlatform(ctx, undefined, PlatformArn) !== 'ours')
      throw invalid(`No Platform named '${PlatformArn}' found.`);
    return {
      PlatformDescription: {
        ...summary(ctx),
        ...{ PlatformStatus: 'Ready' as const, PlatformName: PLATFORM.name },
        ...{ SolutionStackName: PLATFORM.stack, Maintainer: 'Slipway' },
        Description: `${PLATFORM.language} ${PLATFORM.languageVersion}, the server's own, in an instance of its.`,
        ProgrammingLanguages: [{ Name: PLATFORM.language, Version: PLATFORM.languageVersion }],
        ...{ Frameworks: [], CustomAmiList: [] },
      },
    };
  },
);
