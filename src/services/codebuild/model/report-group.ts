import { parseArn } from '../../../aws/arn.ts';

/** Whose report it is. */
export interface ReportOwner {
  accountId: string;
  region: string;
  projectName: string;
}

const LONGEST_NAME = 128;
/** What an ARN can carry between its separators. */
const NAME = /^[\w.-]{2,}$/;

/**
 * The group that a buildspec means: a name is one of the project's own groups; an ARN names any of the account and
 * region (CB-A21), and of no other, for no build acts there.
 */
export function reportGroupName(
  text: string,
  { accountId, region, projectName }: ReportOwner,
): { name: string; problem?: string } {
  if (!text.startsWith('arn:')) return checked(`${projectName}-${text}`);
  const arn = parseArn(text);
  const [, name] = /^report-group\/(.*)$/s.exec(arn?.resource ?? '') ?? [];
  if (arn?.service !== 'codebuild' || name === undefined)
    return { name: '', problem: 'it is no ARN of a report group' };
  if (arn.accountId !== accountId || arn.region !== region) {
    const place = `account ${accountId} and region ${region}`;
    return { name, problem: `the report group is not of the build's ${place}` };
  }
  return checked(name);
}

/** Whether a report group can have that name. */
export const isGroupName = (name: string): boolean =>
  NAME.test(name) && name.length <= LONGEST_NAME;

function checked(name: string): { name: string; problem?: string } {
  if (isGroupName(name)) return { name };
  const problem = `its group's name is not 2 to ${LONGEST_NAME} letters, digits, dots, hyphens and underscores`;
  return { name, problem };
}
