import type { Build, ProjectSource } from '@aws-sdk/client-codebuild';

/** CB-I7: what a badge says. */
export type BadgeState = 'UNKNOWN' | 'IN PROGRESS' | 'PASSING' | 'FAILING';

/** Sources that have branches. */
const WITHOUT: (string | undefined)[] = ['S3', 'CODEPIPELINE', 'NO_SOURCE'];

export const mayHaveBadge = (source: Pick<ProjectSource, 'type'> | undefined): boolean =>
  !WITHOUT.includes(source?.type);

/** The branch or tag that a source version names: by `main`, `refs/heads/main` or `refs/heads/main^{commit}`. */
export function sourceName(version: string | undefined): string {
  return (version ?? '').replace(/^refs\/(heads|tags)\//, '').replace(/\^\{[0-9a-f]*\}$/, '');
}

/** What most call the branch that a build without a source version builds. */
const DEFAULT_BRANCHES = ['main', 'master'];

/**
 * The names under which the builds are that a badge is asked for.
 * @param asked a branch or tag; empty for what the project builds where nobody says otherwise
 */
export function badgeNames(asked: string, project: { sourceVersion?: string | undefined }) {
  if (asked === '') return [sourceName(project.sourceVersion)];
  return DEFAULT_BRANCHES.includes(asked) ? [asked, ''] : [asked];
}

export function badgeState(build: Pick<Build, 'buildComplete' | 'buildStatus'> | undefined) {
  if (!build) return 'UNKNOWN';
  if (!build.buildComplete) return 'IN PROGRESS';
  return build.buildStatus === 'SUCCEEDED' ? 'PASSING' : 'FAILING';
}

const COLOURS: Record<BadgeState, string> = {
  UNKNOWN: '#9f9f9f',
  'IN PROGRESS': '#007ec6',
  PASSING: '#4c1',
  FAILING: '#e05d44',
};
const LABEL_WIDTH = 40;
const LETTER = 7.2;

/** An image in which nothing is that anybody chose. */
export function badgeImage(state: BadgeState): string {
  const text = state.toLowerCase();
  const own = Math.round(text.length * LETTER + 12);
  const width = LABEL_WIDTH + own;
  const middle = LABEL_WIDTH + own / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="build: ${text}">
<title>build: ${text}</title>
<rect width="${LABEL_WIDTH}" height="20" fill="#555"/><rect x="${LABEL_WIDTH}" width="${own}" height="20" fill="${COLOURS[state]}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,sans-serif" font-size="11">
<text x="${LABEL_WIDTH / 2}" y="14">build</text><text x="${middle}" y="14">${text}</text>
</g>
</svg>
`;
}
