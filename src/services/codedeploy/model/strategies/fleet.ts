import type { Draft, TargetSnapshot } from '../deployment-state.ts';
import type { Host } from '../healthy-hosts.ts';

/** A host as the arithmetic of fleets sees it. What was passed over, or waits for traffic that does not come, has not succeeded. */
export function asHost({
  name,
  health,
  revision,
  status,
}: Pick<TargetSnapshot, 'name' | 'health' | 'revision' | 'status'>): Host {
  const state = status === 'Skipped' || status === 'Ready' ? 'Failed' : status;
  return { name, health, revision, state };
}

export function startHosts(draft: Draft, names: readonly string[]): void {
  for (const target of draft.state.targets)
    if (names.includes(target.name)) draft.setTarget(target, 'InProgress');
}
