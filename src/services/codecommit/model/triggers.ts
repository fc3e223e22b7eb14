import type { RepositoryTrigger, RepositoryTriggerEventEnum } from '@aws-sdk/client-codecommit';
import type { ReferenceChange } from './references.ts';

/** What a repository's triggers are, all together. */
export interface Triggers {
  /** Another one each time that they are put. */
  configurationId: string;
  triggers: RepositoryTrigger[];
}

export const TRIGGER_EVENTS: ReadonlySet<string> = new Set<RepositoryTriggerEventEnum>([
  ...(['all', 'updateReference', 'createReference', 'deleteReference'] as const),
]);

const EVENTS: Record<ReferenceChange['event'], RepositoryTriggerEventEnum> = {
  referenceCreated: 'createReference',
  referenceUpdated: 'updateReference',
  referenceDeleted: 'deleteReference',
};

const BRANCH = 'refs/heads/';

/** Does the trigger tell of it? Tags are on no branch (CC-TRG-01). */
export function tellsOf(
  { events = [], branches = [] }: RepositoryTrigger,
  { event, name }: Pick<ReferenceChange, 'event' | 'name'>,
): boolean {
  if (!/^refs\/(heads|tags)\//.test(name)) return false;
  if (!events.includes('all') && !events.includes(EVENTS[event])) return false;
  if (branches.length === 0) return true;
  return name.startsWith(BRANCH) && branches.includes(name.slice(BRANCH.length));
}

/** A reference as triggers tell of it: its commit, or the last one of what was deleted. */
export interface ToldReference {
  commit: string;
  ref: string;
  created?: true;
  deleted?: true;
}

export const referenceOf = ({ event, name, ...ids }: ReferenceChange): ToldReference => ({
  commit: ids.commitId ?? ids.oldCommitId ?? '',
  ...(event === 'referenceCreated' && { created: true }),
  ...(event === 'referenceDeleted' && { deleted: true }),
  ref: name,
});

interface Told {
  repository: { arn: string; region: string };
  configurationId: string;
  eventId: string;
  eventName: 'ReferenceChange' | 'TriggerEventTest';
  references: readonly ToldReference[];
  at: Date;
  userArn: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html (reference codecommit.md, 1.8) */
export const documentOf = (
  { name: eventTriggerName, customData }: RepositoryTrigger,
  { repository, configurationId, eventId, eventName, references, at, userArn }: Told,
): object => ({
  Records: [
    {
      awsRegion: repository.region,
      codecommit: { references },
      ...(customData !== undefined && { customData }),
      ...{ eventId, eventName, eventPartNumber: 1, eventSource: 'aws:codecommit' },
      eventSourceARN: repository.arn,
      eventTime: at.toISOString().replace('Z', '+0000'),
      ...{ eventTotalParts: 1, eventTriggerConfigId: configurationId, eventTriggerName },
      ...{ eventVersion: '1.0', userIdentityARN: userArn },
    },
  ],
});

const MOST_SUBJECT = 100;

export const subjectOf = ({ region, name }: { region: string; name: string }): string =>
  `UPDATE: AWS CodeCommit ${region} push: ${name}`.slice(0, MOST_SUBJECT);
