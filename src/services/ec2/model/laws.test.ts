import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeStep } from '../../../engine/machine.ts';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { SHOWN_MS } from '../limits.ts';
import { instanceKey } from '../reconcilers/names.ts';
import { type Draft, decisions, type Writes, workOf } from './advance.ts';
import type { Instance } from './instance.ts';
import { newInstance } from './testing.ts';

const someInstance = ({ onShutdown }: { onShutdown: 'stop' | 'terminate' }) =>
  newInstance({ body: { ...newInstance().body, onShutdown } });

const START = Date.UTC(2026, 0, 1);
const GONE = Number.MAX_SAFE_INTEGER;

/** What is forgotten has no row any more: it stands here as one that nothing comes of. */
const written = (snapshot: Instance, { set, forget }: Writes): Instance =>
  structuredClone({ ...snapshot, ...set, ...(forget && { terminatedAt: GONE }) });

const up = (draft: Draft, boot: number) =>
  draft.cameUp({ handle: 'docker:ec2-i', address: '172.18.0.2', boot });

const moves: Record<string, (draft: Draft) => void> = {
  start: (draft) => draft.start(),
  stop: (draft) => draft.stop(),
  reboot: (draft) => draft.reboot(),
  terminate: (draft) => draft.terminate(),
  up: (draft) => up(draft, draft.state.wantedBoots),
  answers: (draft) => draft.answers(draft.state.boots),
  shutDown: (draft) => draft.ended(draft.state.boots, true),
  cut: (draft) => draft.ended(draft.state.boots, false),
  fails: (draft) => draft.failed('no room'),
  stopped: (draft) => draft.stopped(),
  removed: (draft) => draft.removed(),
};

const moments = fc
  .record({
    onShutdown: fc.constantFrom('stop' as const, 'terminate' as const),
    story: fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 20 }),
    later: fc.constantFrom(0, SHOWN_MS),
  })
  .map(({ onShutdown, story, later }) => {
    let snapshot = someInstance({ onShutdown });
    for (const move of story) snapshot = told(snapshot, moves[move]);
    return { snapshot, now: START + later };
  });

const told = (snapshot: Instance, command: (draft: Draft) => void = () => {}) =>
  written(snapshot, takeStep(decisions, snapshot, START, command).step.writes);

machineLaws('an instance', {
  ...decisions,
  moments,
  written,
  open(instance) {
    const work = workOf(instance);
    const toldBy = instanceKey(instance, instance.id);
    return work ? [{ id: `${work} ${instance.wantedBoots}`, toldBy }] : [];
  },
  done(draft, id) {
    const [work, boot] = id.split(' ');
    if (work === 'launch' || work === 'reboot') up(draft, Number(boot));
    if (work === 'stop') draft.stopped();
    if (work === 'remove') draft.removed();
    // Each second time its engine is restarted.
    if (work === 'serve' && Number(boot) % 2) draft.answers(Number(boot));
    if (work === 'serve') draft.ended(Number(boot), Number(boot) % 2 === 0);
  },
  ended: (instance) => workOf(instance) === undefined,
});

describe('how an instance ends', () => {
  const play = (onShutdown: 'stop' | 'terminate', ...story: string[]) =>
    story.reduce((at, move) => told(at, moves[move]), someInstance({ onShutdown }));

  test('one that shuts itself down does what it was told to', () => {
    expect(play('stop', 'up', 'answers', 'shutDown').state).toBe('stopped');
    expect(play('terminate', 'up', 'answers', 'shutDown').state).toBe('shutting-down');
  });

  test('one that is ended from outside is started again, and never removed', () => {
    const cut = play('terminate', 'up', 'answers', 'cut');
    expect([cut.state, workOf(cut)]).toEqual(['running', 'reboot']);
    // Over and over again would help nobody.
    expect(play('terminate', 'up', 'answers', 'cut', 'up', 'cut')).toMatchObject({
      state: 'stopped',
      body: { stateReason: { code: 'Server.InternalError' } },
    });
  });

  test('one that cannot be started again keeps what it has', () => {
    expect(play('stop', 'fails').state).toBe('shutting-down');
    expect(play('stop', 'up', 'stop', 'stopped', 'start', 'fails').state).toBe('stopped');
  });
});
