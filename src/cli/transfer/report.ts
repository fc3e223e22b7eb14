import type { Moved } from './lfs.ts';

/** What an import or export came to. */
export interface Report {
  repository: string;
  url: string;
  references: number;
  lfs: Moved;
}

const SHOWN = 10;

/** For people. */
export function reportText(
  { repository, url, references, lfs }: Report,
  way: 'from' | 'to',
): string {
  const contents = lfs.objects > 0 ? `, ${lfs.objects} objects of Git LFS` : '';
  const lines = [`${repository}: ${references} references ${way} ${url}${contents}`];
  const { missing } = lfs;
  if (missing.length > 0) {
    lines.push(`Not whole: ${missing.length} objects of Git LFS are not at the source.`);
    for (const oid of missing.slice(0, SHOWN)) lines.push(`  ${oid}`);
    if (missing.length > SHOWN) lines.push(`  and ${missing.length - SHOWN} more`);
  }
  return `${lines.join('\n')}\n`;
}
