import { AwsError } from '../../../aws/errors.ts';
import type { Platform } from '../../../kit/service.ts';
import { checkBatch } from '../model/batch/rules.ts';
import { parseBatchSpec } from '../model/batch/spec.ts';
import type { BatchSpec } from '../model/batch/task.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { endReading } from '../model/commands.ts';
import { RuleError } from '../model/rule-error.ts';
import { SpecError } from '../model/yaml-reader.ts';
import { findBatch } from '../store/batches.ts';
import type { Owner } from '../store/tables.ts';
import { fleetsByName } from './build-fleet.ts';
import { buildCredentials } from './credentials.ts';
import { buildspecText, fetchPrimary } from './download.ts';
import { commit, type Session } from './session.ts';

/** DOWNLOAD_SOURCE of the build that reads the buildspec of a batch: it has no commands of its own. */
export async function readBatchSpec(session: Session): Promise<void> {
  const { platform } = session;
  const primary = await fetchPrimary(session, await buildCredentials(session));
  const text = await buildspecText(session, primary);
  const spec = await specOf(session, text);
  const { resolvedVersion: resolved } = primary ?? {};
  const at = platform.clock.now();
  await commit(session, (draft) => endReading(draft, { spec, at, resolved }));
}

/** The same, with the fleets that its builds name. @throws RuleError for one that takes no builds */
async function withFleets({ db }: Platform, owner: Owner, spec: BatchSpec): Promise<BatchSpec> {
  if (!spec.tasks.some(({ fleet }) => fleet)) return spec;
  const known = await fleetsByName(db, owner);
  const tasks = spec.tasks.map((task) => {
    if (!task.fleet) return task;
    const onFleet = known.get(task.fleet);
    if (onFleet) return { ...task, onFleet };
    throw new RuleError(
      `The build ${task.identifier} names the fleet ${task.fleet}, which does not exist or is being deleted`,
    );
  });
  return { ...spec, tasks };
}

/** @throws PhaseFailure in AWS's words where they are known */
async function specOf({ platform, stored }: Session, text: string): Promise<BatchSpec> {
  try {
    const spec = await withFleets(platform, stored, parseBatchSpec(text));
    const batch = await findBatch(platform.db, stored, stored.inputs.batch?.batchId ?? '');
    if (batch) checkBatch(batch.inputs, spec);
    return spec;
  } catch (error) {
    if (error instanceof SpecError) throw new PhaseFailure('YAML_FILE_ERROR', error.message);
    // What no build here can be is refused by its name.
    if (error instanceof RuleError || error instanceof AwsError)
      throw new PhaseFailure('CLIENT_ERROR', error.message);
    throw error;
  }
}
