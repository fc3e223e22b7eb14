import type { NewEvent } from '../../../engine/events.ts';

/** Comparing references as they are with references as they were announced. Pure. */

export interface ReferenceChange {
  event: 'referenceCreated' | 'referenceUpdated' | 'referenceDeleted';
  name: string;
  commitId?: string;
  oldCommitId?: string;
}

export type References = ReadonlyMap<string, string>;

/** What has happened between the two, in order of name. */
export function compareReferences(announced: References, actual: References): ReferenceChange[] {
  const changes: ReferenceChange[] = [];
  for (const [name, commitId] of actual) {
    const oldCommitId = announced.get(name);
    if (oldCommitId === undefined) changes.push({ event: 'referenceCreated', name, commitId });
    else if (oldCommitId !== commitId)
      changes.push({ event: 'referenceUpdated', name, commitId, oldCommitId });
  }
  for (const [name, oldCommitId] of announced) {
    if (!actual.has(name)) changes.push({ event: 'referenceDeleted', name, oldCommitId });
  }
  return changes.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const PREFERRED = ['refs/heads/main', 'refs/heads/master'];

/** The branch that becomes the default when there is none yet (CC-DEF-02); several pushed at once: the usual one. */
export function firstBranch(actual: References): string | undefined {
  const branches = [...actual.keys()].filter((name) => name.startsWith('refs/heads/')).sort();
  const chosen = PREFERRED.find((name) => branches.includes(name)) ?? branches[0];
  return chosen?.slice('refs/heads/'.length);
}

/** CC-EVT-01 to CC-EVT-03: branches and tags are announced, other references are not. */
export function referenceEvent(
  repository: {
    arn: string;
    name: string;
    repositoryId: string;
    accountId: string;
    region: string;
  },
  change: ReferenceChange,
): NewEvent | undefined {
  const match = /^refs\/(heads|tags)\/(.+)$/.exec(change.name);
  if (!match) return undefined;
  return {
    source: 'aws.codecommit',
    'detail-type': 'CodeCommit Repository State Change',
    account: repository.accountId,
    region: repository.region,
    resources: [repository.arn],
    detail: {
      event: change.event,
      repositoryName: repository.name,
      repositoryId: repository.repositoryId,
      referenceType: match[1] === 'heads' ? 'branch' : 'tag',
      referenceName: match[2],
      referenceFullName: change.name,
      ...(change.commitId && { commitId: change.commitId }),
      ...(change.oldCommitId && { oldCommitId: change.oldCommitId }),
    },
  };
}
