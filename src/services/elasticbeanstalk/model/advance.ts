import type { Decisions } from '../../../engine/machine.ts';
import { SHOWN_MS } from '../limits.ts';
import { Draft } from './draft.ts';
import type { Environment, InstanceRecord, Operation } from './environment.ts';
import { HEALTH, status } from './events.ts';
import { environmentHealth } from './health.ts';
import { batchSize, sizeOf } from './settings.ts';

export const decisions: Decisions<Environment, Draft> = {
  draft: (snapshot, now) => new Draft(snapshot, now),
  decide(draft, now) {
    const { terminatedAt } = draft.body;
    if (terminatedAt !== undefined) {
      if (now >= terminatedAt + SHOWN_MS) draft.forget();
      return;
    }
    const operation = draft.operation();
    if (operation?.step === 'instances') launch(draft, operation);
    else if (operation?.step === 'batches') deploy(draft, operation);
    if (!draft.operation()) catchUp(draft);
    judge(draft);
  },
};

/** The first instances of a group: each deploys what the environment runs, at the same time as all others. */
function launch(draft: Draft, operation: Operation): void {
  const { records, now } = draft;
  const open = records.filter(({ phase }) => phase !== 'idle');
  const { least } = sizeOf(draft.state);
  if (open.length === 0 && records.length >= least) {
    const failed = records.filter(({ failure }) => failure !== undefined);
    finish(draft, operation, failed);
    return;
  }
  if (now < (operation.deadline ?? now)) return;
  draft.expire(open, LATE);
  draft.say(
    'ERROR',
    records.length < least
      ? `The environment has ${records.length} of the ${least} instances that it needs, after the time that it has for its launch.`
      : lateWords(open),
  );
  finish(draft, operation, records.length < least ? 'launch' : open);
}

const LATE = 'It has not responded in the allowed command timeout time.';
const ids = (records: readonly InstanceRecord[]) => records.map(({ id }) => id).join(', ');
const lateWords = (records: readonly InstanceRecord[]) =>
  `The following instances have not responded in the allowed command timeout time (they might still finish eventually on their own): [${ids(records)}].`;

/** Batch after batch, each whole before the next one begins. */
function deploy(draft: Draft, operation: Operation): void {
  operation.batches ??= batchesOf(draft, operation);
  const { batches } = operation;
  for (;;) {
    const batch = (batches[operation.batch] ?? []).flatMap((id) => draft.body.instances[id] ?? []);
    const open = batch.filter(({ phase }) => phase !== 'idle');
    if (open.length > 0 && draft.now < (operation.deadline ?? draft.now)) return;
    if (open.length > 0) {
      draft.expire(open, LATE);
      draft.say('WARN', lateWords(open));
    }
    const failed = batch.filter(({ failure }) => failure !== undefined);
    if (failed.length > 0) {
      finish(draft, operation, failed);
      return;
    }
    if (operation.rolling && operation.batch >= 0)
      draft.say('INFO', `Batch ${operation.batch + 1}: Completed application deployment.`);
    const next = operation.batch + 1;
    if (next >= batches.length) {
      finish(draft, operation, []);
      return;
    }
    if (operation.aborted) {
      rollBack(draft, operation);
      return;
    }
    beginBatch(draft, operation, next);
  }
}

function batchesOf(draft: Draft, { rolling }: Operation): string[][] {
  const all = draft.records.map(({ id }) => id);
  const size = rolling ? batchSize(draft.state, all.length) : Math.max(1, all.length);
  const batches: string[][] = [];
  for (let i = 0; i < all.length; i += size) batches.push(all.slice(i, i + size));
  return batches;
}

function beginBatch(draft: Draft, operation: Operation, index: number): void {
  operation.batch = index;
  operation.deadline = draft.now + draft.timeoutMs;
  const batch = (operation.batches?.[index] ?? []).flatMap((id) => draft.body.instances[id] ?? []);
  for (const record of batch) draft.tell(record, operation.command, operation.rolling);
  const { kind } = operation.command;
  if (operation.rolling) {
    draft.say(
      'INFO',
      `Batch ${index + 1}: Starting application deployment on instance(s) [${ids(batch)}].`,
    );
    draft.say(
      'INFO',
      `Batch ${index + 1}: De-registering ${batch.length} instance(s) from the load balancer and waiting for them to go out of service.`,
    );
  } else if (kind === 'deploy') draft.say('INFO', 'Deploying new version to instance(s).');
}

/** What has been deployed of an update that was aborted is deployed over. */
function rollBack(draft: Draft, { requestId }: Operation): void {
  const { deployment: _, ...release } = draft.body.release;
  delete draft.body.operation;
  draft.say('INFO', 'Environment update was aborted; the version before is deployed again.');
  draft.begin({ kind: 'deploy', requestId, release });
  const operation = draft.operation();
  if (operation) deploy(draft, operation);
}

const DONE: Record<Operation['kind'], readonly [message: string, status: string]> = {
  create: ['Successfully launched environment: ', 'Environment creation successful'],
  rebuild: ['rebuildEnvironment completed successfully.', 'Environment update successful'],
  deploy: ['Environment update completed successfully.', 'Environment update successful'],
  configure: ['Environment update completed successfully.', 'Environment update successful'],
  restart: ['restartAppServer completed successfully.', 'Environment update successful'],
  terminate: ['', ''],
};

/** @param failed the instances that have, or that it could not be launched at all */
export function finish(
  draft: Draft,
  operation: Operation,
  failed: readonly InstanceRecord[] | 'launch',
): void {
  const { body, state } = draft;
  const { kind, command } = operation;
  delete body.operation;
  draft.become('Ready');
  body.updatedAt = draft.now;
  const launches = kind === 'create' || kind === 'rebuild';
  if (failed !== 'launch' && failed.length === 0) {
    if (command.kind === 'deploy') body.release = command.release;
    if (launches && state.cname) draft.say('INFO', `Application available at ${state.cname}.`);
    if (kind === 'deploy')
      draft.say('INFO', 'New application version was deployed to running EC2 instances.');
    const [message, text] = DONE[kind];
    draft.say('INFO', kind === 'create' ? `${message}${state.name}` : message, status(text));
    return;
  }
  if (failed !== 'launch') {
    draft.say(
      'ERROR',
      `Unsuccessful command execution on instance id(s) '${failed.map(({ id }) => id).join(',')}'. Aborting the operation.`,
    );
  }
  if (launches) {
    draft.say(
      'ERROR',
      'Create environment operation is complete, but with errors. For more information, see troubleshooting documentation.',
      status(kind === 'create' ? 'Environment creation failed' : 'Environment update failed'),
    );
    return;
  }
  if (kind === 'deploy')
    draft.say(
      'INFO',
      'During an aborted deployment, some instances may have deployed the new application version. To ensure all instances are running the same version, re-deploy the appropriate application version.',
    );
  draft.say(
    'ERROR',
    kind === 'deploy' ? 'Failed to deploy application.' : 'Failed to update the environment.',
    status('Environment update failed'),
  );
}

/** The work outside was refused, and will be again: why is an event. */
export function refuse(draft: Draft, why: string): void {
  const operation = draft.operation();
  draft.say('ERROR', why);
  if (operation?.step === 'provision' || operation?.step === 'resize') {
    finish(draft, operation, 'launch');
    return;
  }
  if (operation?.step === 'remove') {
    delete draft.body.operation;
    draft.become('Ready');
    draft.say(
      'ERROR',
      'Failed to terminate environment.',
      status('Environment termination failed'),
    );
    return;
  }
  // Nobody gets in or out: it is as it is.
  for (const record of draft.records) {
    if (record.phase === 'leaving' || record.phase === 'joining') {
      record.phase = 'idle';
      record.failure = why;
    }
    delete record.out;
  }
}

/** Whoever came while a version was deployed, and has the one before. */
function catchUp(draft: Draft): void {
  const { release } = draft.body;
  for (const record of draft.records)
    if (
      record.phase === 'idle' &&
      record.command.release.deployment < release.deployment &&
      record.failure === undefined
    )
      draft.tell(record, { number: release.deployment, kind: 'deploy', release });
}

function judge(draft: Draft): void {
  const { body } = draft;
  const found = environmentHealth(draft.state, draft.now);
  const { status: before } = body.health;
  if (JSON.stringify(found) === JSON.stringify(body.health)) return;
  body.health = found;
  if (found.status === before || draft.state.status === 'Terminating') return;
  const severity = found.status === 'Ok' || found.status === 'Info' ? 'INFO' : 'WARN';
  const why = found.causes.length > 0 ? ` ${found.causes.join(' ')}` : '';
  draft.say(
    found.status === 'Pending' || found.status === 'NoData' ? 'INFO' : severity,
    `Environment health has transitioned from ${before} to ${found.status}.${why}`,
    HEALTH,
  );
}
