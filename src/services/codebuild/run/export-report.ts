import type { Report, ReportGroup } from '@aws-sdk/client-codebuild';
import type { ReportSpec } from '../model/buildspec-reports.ts';
import { sealingOf } from './artifact-objects.ts';
import { putFolder, putZip } from './put-files.ts';
import { reportFiles } from './report-files.ts';
import { failureOf, type Session } from './session.ts';

/**
 * Puts the files that a report was read from where its group says, under the service role (CB-H5). It never fails the build:
 * `log` says what could not be done. @returns whether all that was asked for is done
 */
export async function exportReport(
  session: Session,
  { exportConfig }: ReportGroup,
  { arn = '' }: Report,
  spec: ReportSpec,
  log: string[],
): Promise<boolean> {
  const target = exportConfig?.s3Destination;
  if (exportConfig?.exportConfigType !== 'S3' || !target) return true;
  // What reading them said stands in the log already.
  const files = reportFiles(session, spec, []);
  const id = arn.slice(arn.lastIndexOf('/') + 1);
  const zip = target.packaging === 'ZIP';
  const folders = (target.path ?? '').split('/').filter(Boolean);
  const key = [...folders, zip ? `${id}.zip` : id];
  const destination = {
    bucket: target.bucket ?? '',
    key: key.join('/'),
    sealing: sealingOf(
      target.encryptionDisabled,
      target.encryptionKey ?? session.stored.inputs.encryptionKey,
    ),
    ...(target.bucketOwner !== undefined && { bucketOwner: target.bucketOwner }),
    what: { text: 'a report', place: 'report' },
  };
  try {
    await (zip ? putZip : putFolder)(session, files, destination);
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    log.push(`The report is not exported: ${failure.message}`);
    return false;
  }
}
