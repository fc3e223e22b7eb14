import fc from 'fast-check';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { instanceKey } from '../reconcilers/names.ts';
import { Draft, decisions, type Writes, workOf } from './advance.ts';
import type { Instance } from './instance.ts';
import { newInstance } from './testing.ts';

// Random stories: people start, stop, reboot and terminate; containers come up, end and are lost; in any order.

const moves = fc.array(
  fc.constantFrom(
    ...([
      'start',
      'stop',
      'reboot',
      'terminate',
      'done',
      'done',
      'done',
      'ended',
      'failed',
    ] as const),
  ),
  { maxLength: 20 },
);

const written = (before: Instance, { set, forget }: Writes): Instance =>
  forget
    ? { ...structuredClone(before), terminatedAt: -1 }
    : { ...structuredClone(before), ...set };

/** What has been asked for is done. */
function done(draft: Draft, work: string): void {
  const { wantedBoots, boots } = draft.state;
  if (work === 'launch' || work === 'reboot')
    draft.cameUp({ handle: 'docker:x', address: '172.18.0.2', boot: wantedBoots });
  // Of an instance that runs the end is the last that there is to tell.
  if (work === 'serve') draft.ended(boots);
  if (work === 'stop') draft.stopped();
  if (work === 'remove') draft.removed();
}

const moments = fc
  .tuple(moves, fc.constantFrom('stop' as const, 'terminate' as const))
  .map(([story, onShutdown]) => {
    let snapshot = newInstance({ body: { ...newInstance().body, onShutdown } });
    let now = 1000;
    for (const what of story) {
      const draft = new Draft(snapshot, now);
      const work = workOf(snapshot);
      if (what === 'done' && work) done(draft, work);
      else if (what === 'ended') draft.ended(snapshot.boots);
      else if (what === 'failed') draft.failed('no');
      else if (what !== 'done') draft[what]();
      decisions.decide(draft, now);
      snapshot = written(snapshot, draft.finish().writes);
      now += 1000;
    }
    return { snapshot, now };
  });

machineLaws('an instance', {
  ...decisions,
  moments,
  written,
  open(instance) {
    const work = workOf(instance);
    return work ? [{ id: work, toldBy: instanceKey(instance, instance.id) }] : [];
  },
  done,
  ended: ({ state }) => state === 'stopped' || state === 'terminated',
});
