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

/** What came of a merge that was made here, as events tell it. */
export interface MergeFacts {
  source: string;
  destination: string;
  base: string | undefined;
  option: string;
  detailLevel: string | undefined;
  strategy: string | undefined;
}

/** CC-EVT-02, CC-EVT-04: `conflictDetailsLevel` is AWS's own spelling here. */
const mergeDetail = (merge: MergeFacts) => ({
  ...(merge.base && { baseCommitId: merge.base }),
  sourceCommitId: merge.source,
  destinationCommitId: merge.destination,
  mergeOption: merge.option,
  ...(merge.detailLevel && { conflictDetailsLevel: merge.detailLevel }),
  ...(merge.strategy && { conflictResolutionStrategy: merge.strategy }),
});

interface EventRepository {
  arn: string;
  name: string;
  repositoryId: string;
  accountId: string;
  region: string;
}

const stateChange = (repository: EventRepository): Omit<NewEvent, 'detail'> => ({
  source: 'aws.codecommit',
  'detail-type': 'CodeCommit Repository State Change',
  account: repository.accountId,
  region: repository.region,
  resources: [repository.arn],
});

/** CC-EVT-04 */
export function unreferencedMergeEvent(
  repository: EventRepository,
  merge: MergeFacts & { commitId: string },
): NewEvent {
  return {
    ...stateChange(repository),
    detail: {
      event: 'unreferencedMergeCommitCreated',
      repositoryName: repository.name,
      repositoryId: repository.repositoryId,
      commitId: merge.commitId,
      ...mergeDetail(merge),
    },
  };
}

/** CC-EVT-01 to CC-EVT-03: branches and tags are announced, other references are not. @param merge by which it came */
export function referenceEvent(
  repository: EventRepository,
  change: ReferenceChange,
  merge?: MergeFacts,
): NewEvent | undefined {
  const match = /^refs\/(heads|tags)\/(.+)$/.exec(change.name);
  if (!match) return undefined;
  return {
    ...stateChange(repository),
    detail: {
      event: change.event,
      repositoryName: repository.name,
      repositoryId: repository.repositoryId,
      referenceType: match[1] === 'heads' ? 'branch' : 'tag',
      referenceName: match[2],
      referenceFullName: change.name,
      ...(change.commitId && { commitId: change.commitId }),
      ...(change.oldCommitId && { oldCommitId: change.oldCommitId }),
      ...(merge && mergeDetail(merge)),
    },
  };
}
