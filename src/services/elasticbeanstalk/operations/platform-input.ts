import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { combination, invalid } from '../errors.ts';
import { askedPlatform, PLATFORM } from '../model/platform.ts';

interface Named {
  SolutionStackName?: string | undefined;
  PlatformArn?: string | undefined;
}

/** The solution stack that a call names. @throws for what there is not, by name what AWS has */
export function platformOf(
  ctx: Pick<ServiceContext, 'region'>,
  { SolutionStackName, PlatformArn }: Named,
): string {
  if (SolutionStackName !== undefined && PlatformArn !== undefined)
    throw combination('You cannot specify both a SolutionStackName and a PlatformArn.');
  const asked = askedPlatform(ctx, SolutionStackName, PlatformArn);
  if (asked === 'ours') return PLATFORM.stack;
  if (asked !== 'unknown') throw unsupported(asked.unsupported);
  throw invalid(
    PlatformArn === undefined
      ? `No Solution Stack named '${SolutionStackName}' found.`
      : `No Platform named '${PlatformArn}' found.`,
  );
}
