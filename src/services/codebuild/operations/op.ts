import { formatArn } from '../../../aws/arn.ts';
import type { RequestFacts } from '../../../aws/context.ts';
import type { Operation } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput } from '../errors.ts';
import { PAGE_SIZE } from '../limits.ts';
import { RuleError } from '../model/project-rules.ts';

export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;

type Where = Pick<RequestFacts, 'accountId' | 'region' | 'partition'>;

export function projectArn({ accountId, region, partition }: Where, nameOrArn: string): string {
  if (nameOrArn.startsWith('arn:')) return nameOrArn;
  return formatArn({
    partition,
    service: 'codebuild',
    region,
    accountId,
    resource: `project/${nameOrArn}`,
  });
}

/** The name in a project's ARN of this account and region, or the name itself. */
export function projectName(ctx: Where, nameOrArn: string): string {
  const prefix = projectArn(ctx, '');
  return nameOrArn.startsWith(prefix) ? nameOrArn.slice(prefix.length) : nameOrArn;
}

/** `project:uuid` of a build's id or ARN. */
export function buildId(idOrArn: string): string {
  const id = idOrArn.replace(/^arn:[^:]+:codebuild:[^:]*:[^:]*:build\//, '');
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*:[0-9a-fA-F-]+$/.test(id))
    throw invalidInput('Invalid build ID provided');
  return id;
}

/** The ARN of a build that is named by its id or ARN. */
export function buildArn({ accountId, region, partition }: Where, idOrArn: string): string {
  const resource = `build/${buildId(idOrArn)}`;
  return formatArn({ partition, service: 'codebuild', region, accountId, resource });
}

/** AWS has no permissions on builds, only on their project. */
export function projectArnOfBuild(ctx: Where, idOrArn: string): string {
  return projectArn(ctx, buildId(idOrArn).split(':')[0] ?? '');
}

/** Runs pure rules; what they refuse is the caller's mistake. */
export function ruled<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RuleError) throw invalidInput(error.message);
    throw error;
  }
}

/** What the caller of a list asked for. @throws InvalidInputException for a token that is none */
export function asked(input: { nextToken?: string | undefined; maxResults?: number | undefined }) {
  return {
    token: input.nextToken,
    limit: input.maxResults ?? PAGE_SIZE,
    refuse: () => invalidInput('Invalid nextToken provided'),
  };
}
