import { randomUUID } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import type { Platform } from '../../../kit/service.ts';
import type { ReferenceChange } from '../model/references.ts';
import { documentOf, referenceOf, subjectOf, tellsOf } from '../model/triggers.ts';
import type { RepositoryRecord } from '../store/repositories.ts';
import { findTriggers, notices } from '../store/triggers.ts';

/** Name of the reconciler that brings what triggers tell to topics and functions. Its key is a notice's id. */
export const TRIGGER = 'codecommit/trigger';

/** Owes topics and functions what the repository's triggers tell of these changes: each of them once for all of these. */
export async function tellTriggers(
  { engine, clock }: Pick<Platform, 'engine' | 'clock'>,
  tx: Tx,
  repository: RepositoryRecord,
  { changes, userArn }: { changes: readonly ReferenceChange[]; userArn: string },
): Promise<void> {
  if (changes.length === 0) return;
  const found = await findTriggers(tx, repository.repositoryId);
  const now = clock.now();
  for (const trigger of found?.triggers ?? []) {
    const references = changes.filter((change) => tellsOf(trigger, change)).map(referenceOf);
    if (references.length === 0) continue;
    const id = randomUUID();
    const document = documentOf(trigger, {
      ...{ repository, configurationId: found?.configurationId ?? '', eventId: id },
      ...{ eventName: 'ReferenceChange', references, at: now, userArn },
    });
    await notices.save(tx, {
      ...{ id, destinationArn: trigger.destinationArn ?? '', repositoryArn: repository.arn },
      ...{ subject: subjectOf(repository), message: JSON.stringify(document) },
      ...{ startedAt: now, dueAt: now, attempts: 0 },
    });
    await engine.wake(tx, TRIGGER, id);
  }
}
