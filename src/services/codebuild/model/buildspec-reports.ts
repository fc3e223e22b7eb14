import { setOwn } from '../../../lib/own.ts';
import type { Place, YamlReader } from './yaml-reader.ts';

export interface ReportSpec {
  files: string[];
  fileFormat: string;
  baseDirectory?: string;
  discardPaths: boolean;
}

const REPORT_KEYS = ['files', 'file-format', 'base-directory', 'discard-paths'];

/** `reports` of a buildspec, by group (CB-A21). */
export function readReports(
  reader: YamlReader,
  place: Place | undefined,
): Record<string, ReportSpec> {
  const reports: Record<string, ReportSpec> = {};
  for (const [name, at] of reader.members(place)) {
    const keys = reader.known(at, REPORT_KEYS);
    const baseDirectory = reader.text(keys.get('base-directory'));
    const files = reader.texts(keys.get('files'));
    if (files.length === 0) reader.refuse(at, 'has no files');
    setOwn(reports, name, {
      files,
      fileFormat: reader.text(keys.get('file-format')).toUpperCase() || 'JUNITXML',
      ...(baseDirectory ? { baseDirectory } : {}),
      discardPaths: reader.flag(keys.get('discard-paths')),
    });
  }
  return reports;
}
