import type { ReportExportConfig, Tag } from '@aws-sdk/client-codebuild';
import { checkEncryptionKey, checkTags } from './project-rules.ts';
import { isGroupName } from './report-group.ts';
import { RuleError } from './rule-error.ts';

const ACCOUNT = /^\d{12}$/;

/** What is wrong with a report group. @throws RuleError */
export function checkReportGroup(group: {
  name: string;
  exportConfig?: ReportExportConfig | undefined;
  tags?: Tag[] | undefined;
}): void {
  if (!isGroupName(group.name))
    throw new RuleError(
      'Invalid report group name: it must have 2 to 128 letters, digits, dots, hyphens and underscores',
    );
  checkTags(group.tags);
  checkExport(group.exportConfig);
}

function checkExport({ exportConfigType, s3Destination }: ReportExportConfig = {}): void {
  if (!exportConfigType) throw new RuleError('Invalid export config: exportConfigType is required');
  if (exportConfigType === 'NO_EXPORT') {
    if (s3Destination)
      throw new RuleError('Invalid export config: NO_EXPORT should have no s3Destination');
    return;
  }
  const { bucket, bucketOwner, encryptionKey } = s3Destination ?? {};
  if (!bucket)
    throw new RuleError('Invalid export config: S3 needs the bucket of an s3Destination');
  if (bucketOwner !== undefined && !ACCOUNT.test(bucketOwner))
    throw new RuleError('Invalid export config: bucketOwner must be an account number');
  checkEncryptionKey(encryptionKey);
}
