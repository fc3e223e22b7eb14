import { formatArn } from '../../../aws/arn.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { findGroup } from '../store/reports.ts';
import { actAs } from './service-role.ts';
import type { Session } from './session.ts';

/** What AWS asks of the role for each report, and how it names the step: permissions without a published operation. */
const CREATE = ['codebuild:CreateReport', 'creating report'] as const;
const PUT = {
  TEST: ['codebuild:BatchPutTestCases', 'uploading test cases'],
  CODE_COVERAGE: ['codebuild:BatchPutCodeCoverages', 'uploading code coverages'],
} as const;
const UPDATE = ['codebuild:UpdateReport', 'updating report'] as const;
const NEW_GROUP = ['codebuild:CreateReportGroup', 'creating report group'] as const;

/**
 * Makes sure that the service role may make a report, and its group where there is none.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/test-permissions.html
 * @throws PhaseFailure in AWS's words
 */
export async function requireReportPermissions(
  { platform, stored }: Session,
  { name, group, type }: { name: string; group: string; type: keyof typeof PUT },
): Promise<void> {
  const { id, accountId, region, inputs } = stored;
  const { serviceRole, actor } = inputs;
  const role = actAs({ serviceRole, actor, id, accountId, region });
  const resource = `report-group/${group}`;
  const arn = formatArn({ service: 'codebuild', region, accountId, resource });
  const known = await findGroup(platform.db, stored, group);
  const steps = [CREATE, PUT[type], UPDATE];
  for (const [action, step] of known ? steps : [NEW_GROUP, ...steps]) {
    try {
      await platform.authorizeAs(role, action, arn);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const cause = `[${name}: [error ${step}: ${error.name}: ${error.message}]]`;
      throw new PhaseFailure('CLIENT_ERROR', `Error in UPLOAD_ARTIFACTS phase: ${cause}`);
    }
  }
}
