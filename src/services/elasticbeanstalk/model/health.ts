import { least } from '../../../lib/append.ts';
import { SILENT_MS } from '../limits.ts';
import type { Environment, Health, InstanceRecord, OperationKind } from './environment.ts';

/** What an instance is, by what it says and what was done with it. */
export function instanceHealth(
  { body: { release } }: Environment,
  record: InstanceRecord,
  now: number,
): Health {
  const { phase, reportedAt, failure, runs, unwell } = record;
  if (reportedAt === undefined)
    return phase === 'idle' || isSilent(record, now)
      ? { status: 'NoData', causes: ['No data is sent by the instance.'] }
      : { status: 'Pending', causes: ['Instance initialization is in progress.'] };
  if (isSilent(record, now))
    return { status: 'NoData', causes: ['No data is sent by the instance.'] };
  if (phase !== 'idle') return { status: 'Info', causes: ['A command is being executed.'] };
  const causes: string[] = [];
  if (failure !== undefined) causes.push(`Command execution failed: ${failure}`);
  if (runs && runs.deployment !== release.deployment)
    causes.push(
      `Incorrect application version "${runs.label}" (deployment ${runs.deployment}). Expected version "${release.label}" (deployment ${release.deployment}).`,
    );
  if (unwell !== undefined) causes.push(unwell);
  if (unwell !== undefined) return { status: 'Severe', causes };
  return causes.length > 0 ? { status: 'Degraded', causes } : { status: 'Ok', causes };
}

function isSilent({ reportedAt, since }: InstanceRecord, now: number): boolean {
  return now - (reportedAt ?? since) >= SILENT_MS;
}

const DOING: Record<OperationKind, string> = {
  create: 'Environment creation is in progress.',
  rebuild: 'Environment rebuild is in progress.',
  deploy: 'Application deployment is in progress.',
  configure: 'Configuration update is in progress.',
  restart: 'Application server restart is in progress.',
  terminate: 'Environment termination is in progress.',
};

/** What an environment is, by its instances. */
export function environmentHealth(environment: Environment, now: number): Health {
  const { status, body } = environment;
  const { operation } = body;
  if (status === 'Terminating' || status === 'Terminated') return { status: 'NoData', causes: [] };
  const all = Object.values(body.instances);
  if (operation) {
    const launching = operation.kind === 'create' || operation.kind === 'rebuild';
    return { status: launching ? 'Pending' : 'Info', causes: [DOING[operation.kind]] };
  }
  const seen = all.map((record) => instanceHealth(environment, record, now));
  const count = (wanted: Health['status']) => seen.filter((one) => one.status === wanted).length;
  const of = (some: number) => (some === all.length ? 'all' : `${some} out of ${all.length}`);
  const silent = count('NoData');
  if (silent === all.length)
    return { status: 'NoData', causes: ['None of the instances are sending data.'] };
  const causes: string[] = [];
  const wrong = all.filter(({ runs }) => runs && runs.deployment !== body.release.deployment);
  if (wrong.length > 0)
    causes.push(
      `Incorrect application version found on ${of(wrong.length)} instances. Expected version "${body.release.label}" (deployment ${body.release.deployment}).`,
    );
  const failed = all.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) causes.push(`Command failed on ${of(failed.length)} instances.`);
  const severe = count('Severe');
  if (severe > 0) causes.push(`Impaired services on ${of(severe)} instances.`);
  if (severe === all.length) return { status: 'Severe', causes };
  if (causes.length > 0) return { status: 'Degraded', causes };
  if (silent > 0)
    return { status: 'Warning', causes: [`No data is sent by ${of(silent)} instances.`] };
  return { status: 'Ok', causes: [] };
}

/** When somebody will have been silent for too long, where nobody is now. */
export function silentAt({ status, body }: Environment, now: number): number | undefined {
  if (status === 'Terminated' || status === 'Terminating') return undefined;
  const times = Object.values(body.instances)
    .map(({ reportedAt, since }) => (reportedAt ?? since) + SILENT_MS)
    .filter((at) => at > now);
  return least(times);
}
