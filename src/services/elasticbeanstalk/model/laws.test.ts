import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeStep } from '../../../engine/machine.ts';
import { machineLaws } from '../../../engine/machine-laws.ts';
import { SHOWN_MS } from '../limits.ts';
import { environmentKey, instanceTopic } from '../reconcilers/names.ts';
import { decisions, refuse } from './advance.ts';
import { type Draft, type Writes, workOf } from './draft.ts';
import type { Environment, Resources } from './environment.ts';
import { isBalanced } from './settings.ts';
import { newEnvironment, RELEASE, rolling, single } from './testing.ts';

const START = Date.UTC(2026, 0, 1);
const IDS = ['i-1', 'i-2', 'i-3'];
const RESOURCES: Resources = { group: 'g', template: 't', targetGroup: 'tg' };

/** What is forgotten has no row any more: it stands here as one that nothing comes of. */
const written = (snapshot: Environment, { changed, forget }: Writes): Environment => {
  const now = structuredClone(changed ?? snapshot);
  if (forget) now.body.terminatedAt = Number.MAX_SAFE_INTEGER;
  return now;
};

const told = (snapshot: Environment, command: (draft: Draft) => void, now = START) =>
  written(snapshot, takeStep(decisions, snapshot, now, command).step.writes);

const begin =
  (kind: 'deploy' | 'configure' | 'restart' | 'rebuild' | 'terminate') => (d: Draft) => {
    if (d.state.status !== 'Ready' && kind !== 'terminate') return;
    if (d.state.status === 'Terminating' || d.state.status === 'Terminated') return;
    d.begin({
      ...{ kind, requestId: 'r' },
      ...(kind === 'deploy' && { release: { ...RELEASE, label: `v${d.body.numbers + 1}` } }),
    });
  };

/** Each instance says what became of its command. */
function report(draft: Draft, id: string, failure?: string): void {
  const { command, phase } = draft.body.instances[id] ?? {};
  if (!command || phase !== 'told') return;
  const { number, release } = command;
  draft.reported(id, {
    ...{ finished: number, runs: { label: release.label, deployment: release.deployment } },
    ...(failure !== undefined && { failure }),
  });
}

const balanced = (draft: Draft) => {
  for (const { id } of draft.records) {
    draft.left(id);
    draft.joined(id);
  }
};
const here = (draft: Draft) => draft.seen(IDS.slice(0, sizeOfGroup(draft)), undefined);
const sizeOfGroup = (draft: Draft) => (isBalanced(draft.state) ? 3 : 1);

const moves: Record<string, (draft: Draft) => void> = {
  provisioned: (draft) => draft.provisioned(RESOURCES, []),
  seen: here,
  lost: (draft) => draft.seen(['i-2'], undefined),
  reports: (draft) => {
    for (const id of IDS) report(draft, id);
  },
  fails: (draft) => report(draft, 'i-1', 'no database'),
  balanced,
  removed: (draft) => draft.removed(),
  refused: (draft) => refuse(draft, 'AccessDenied'),
  abort: (draft) => {
    const { kind, aborted } = draft.operation() ?? {};
    if ((kind === 'deploy' || kind === 'configure') && !aborted) draft.abort();
  },
  deploy: begin('deploy'),
  configure: begin('configure'),
  restart: begin('restart'),
  rebuild: begin('rebuild'),
  terminate: begin('terminate'),
};

const launch = ['provisioned', 'seen', 'reports', 'balanced'];

const moments = fc
  .record({
    settings: fc.constantFrom([], [single], rolling),
    launched: fc.boolean(),
    story: fc.array(fc.constantFrom(...Object.keys(moves)), { maxLength: 20 }),
    later: fc.constantFrom(0, 1000, SHOWN_MS),
  })
  .map(({ settings, launched, story, later }) => {
    let snapshot = told(newEnvironment({ settings }), (draft) =>
      draft.begin({ kind: 'create', requestId: 'r', release: RELEASE }),
    );
    for (const move of [...(launched ? launch : []), ...story])
      snapshot = told(snapshot, moves[move] ?? (() => {}));
    return { snapshot, now: START + later };
  });

machineLaws('an environment', {
  ...decisions,
  moments,
  written,
  open(environment) {
    const key = environmentKey(environment);
    const { body } = environment;
    const work = workOf(environment);
    const n = body.numbers;
    const commands = Object.values(body.instances)
      .filter(({ phase }) => phase === 'told')
      .map(({ id, command }) => ({
        ...{ id: `told ${id} ${command.number}`, toldBy: instanceTopic(key, id) },
      }));
    // A watch that nothing is waited for ends never: it is open while instances have to come.
    const waits = body.operation?.step === 'instances' && Object.keys(body.instances).length < 1;
    if (!work || (work.kind === 'watch' && !waits)) return commands;
    return [{ id: `${JSON.stringify(work)} ${n}`, toldBy: key }, ...commands];
  },
  done(draft, id) {
    const [first, instance = ''] = id.split(' ');
    if (first === 'told') return report(draft, instance);
    const work = workOf(draft.state);
    if (work?.kind === 'provision') draft.provisioned(RESOURCES, []);
    if (work?.kind === 'remove') draft.removed();
    if (work?.kind === 'resize') draft.resized();
    if (work?.kind === 'balance') balanced(draft);
    if (work?.kind === 'watch') here(draft);
  },
  ended: ({ body }) => body.operation === undefined,
});

describe('a deployment', () => {
  const play = (settings: typeof rolling, ...story: string[]) =>
    [...launch, ...story].reduce(
      (at, move) => told(at, moves[move] ?? (() => {})),
      told(newEnvironment({ settings }), (draft) =>
        draft.begin({ kind: 'create', requestId: 'r', release: RELEASE }),
      ),
    );
  const phases = ({ body }: Environment) => Object.values(body.instances).map(({ phase }) => phase);

  test('rolls in batches: none is touched before the one before is in the balancer again', () => {
    const begun = play(rolling, 'deploy');
    expect(phases(begun)).toEqual(['leaving', 'leaving', 'idle']);
    const joining = play(rolling, 'deploy', 'balanced', 'reports');
    expect(phases(joining)).toEqual(['joining', 'joining', 'idle']);
    expect(phases(play(rolling, 'deploy', 'balanced', 'reports', 'balanced'))).toEqual([
      ...['idle', 'idle', 'leaving'],
    ]);
  });

  test('that fails leaves the rest alone, and the environment with the version before, degraded', () => {
    const failed = play(rolling, 'deploy', 'balanced', 'fails', 'reports', 'balanced');
    expect(failed.status).toBe('Ready');
    expect(failed.body.release.label).toBe('v1');
    expect(failed.body.health.status).toBe('Degraded');
    expect(phases(failed)).toEqual(['idle', 'idle', 'idle']);
    expect(Object.values(failed.body.instances).some(({ out }) => out)).toBe(false);
    expect(failed.body.instances['i-3']?.command.release.label).toBe('v1');
  });

  test('that is aborted is deployed over by the version before', () => {
    const over = play(rolling, 'deploy', 'abort', 'balanced', 'reports', 'balanced');
    expect(over.body.operation?.command.release.label).toBe('v1');
  });

  test('reaches instances that came while it went on', () => {
    const one = play([], 'deploy', 'lost', 'reports', 'balanced', 'seen');
    expect(one.body.release.label).toBe('v2');
    expect(one.body.instances['i-1']?.command.release.label).toBe('v2');
  });

  test('that is not answered in time has failed', () => {
    const begun = play([], 'deploy');
    const late = told(begun, () => {}, START + 600_000);
    expect([late.status, late.body.release.label]).toEqual(['Ready', 'v1']);
    expect(Object.values(late.body.instances).every(({ failure }) => failure)).toBe(true);
  });
});
