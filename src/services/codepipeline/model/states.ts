/*
 * The table of states: what becomes what, and when. The draft lets nothing else happen, and docs/codepipeline-states.md
 * is drawn from it (`npm run generate`).
 */

/** Before there was one. */
export const BEGIN = 'Begin';

export interface Move {
  from: string;
  to: string;
  /** In words of the diagram. */
  when: string;
}

const move = (from: string, to: string, when: string): Move => ({ from, to, when });

export const STATES = {
  execution: [
    move(BEGIN, 'InProgress', 'started, rolled back'),
    move('InProgress', 'Succeeded', 'last stage left'),
    move('InProgress', 'Failed', 'its stage failed'),
    move('InProgress', 'Superseded', 'a newer one waits'),
    move('InProgress', 'Stopping', 'stopped'),
    move('InProgress', 'Cancelled', 'pipeline updated'),
    move('InProgress', 'InProgress', 'stage retried while it runs'),
    move('Stopping', 'Stopped', 'nothing runs any more'),
    move('Stopping', 'Cancelled', 'pipeline updated'),
    move('Failed', 'InProgress', 'stage retried, condition overridden'),
    move('Stopped', 'InProgress', 'stage retried'),
  ],
  stage: [
    move(BEGIN, 'InProgress', 'entered'),
    move('InProgress', 'Succeeded', 'actions and onSuccess'),
    move('InProgress', 'Skipped', 'condition: SKIP'),
    move('InProgress', 'Failed', 'action failed, condition: FAIL, ROLLBACK'),
    move('InProgress', 'Stopping', 'stopped'),
    move('InProgress', 'Cancelled', 'pipeline updated'),
    move('InProgress', 'InProgress', 'retried while siblings run'),
    move('Stopping', 'Stopped', 'nothing runs any more'),
    move('Stopping', 'Cancelled', 'pipeline updated'),
    move('Failed', 'InProgress', 'retried, by itself too; overridden'),
    move('Stopped', 'InProgress', 'retried'),
  ],
  action: [
    move(BEGIN, 'InProgress', 'its group is next'),
    move('InProgress', 'InProgress', 'provider tells of progress'),
    move('InProgress', 'Succeeded', 'provider'),
    move('InProgress', 'Failed', 'provider, time-out'),
    move('InProgress', 'Abandoned', 'stopped with abandon, updated, overridden'),
  ],
  condition: [
    move(BEGIN, 'InProgress', 'its phase begins'),
    move('InProgress', 'Succeeded', 'all rules succeeded'),
    move('InProgress', 'Failed', 'a rule said no'),
    move('InProgress', 'Errored', 'a rule could not be evaluated'),
    move('InProgress', 'Abandoned', 'stopped with abandon'),
    move('InProgress', 'Cancelled', 'pipeline updated'),
    move('InProgress', 'Overridden', 'overridden'),
    move('Failed', 'Overridden', 'overridden'),
    move('Errored', 'Overridden', 'overridden'),
    ...['Succeeded', 'Failed', 'Errored', 'Abandoned', 'Overridden'].map((ended) =>
      move(ended, 'InProgress', 'stage retried'),
    ),
  ],
  /** Of a stage's run, and how each is left. */
  phase: [
    move(BEGIN, 'beforeEntry', 'entered'),
    move('beforeEntry', 'actions', 'met, overridden, none'),
    move('beforeEntry', 'Failed', 'FAIL'),
    move('beforeEntry', 'Skipped', 'SKIP'),
    move('beforeEntry', 'beforeEntry', 'retried'),
    move('actions', 'onSuccess', 'all succeeded'),
    move('actions', 'onFailure', 'one failed'),
    move('actions', 'actions', 'retried'),
    move('onSuccess', 'Succeeded', 'met, overridden, none'),
    move('onSuccess', 'Failed', 'FAIL, ROLLBACK'),
    move('onSuccess', 'onSuccess', 'failed actions retried'),
    move('onSuccess', 'actions', 'all actions retried'),
    move('onFailure', 'Failed', 'met, none, FAIL, ROLLBACK'),
    move('onFailure', 'Skipped', 'SKIP'),
    move('onFailure', 'actions', 'RETRY, once; retried'),
  ],
} satisfies Record<string, Move[]>;

/** The phases of a stage's run, and how each is left. */
export const PHASES: readonly Move[] = [
  move(BEGIN, 'beforeEntry', 'entered'),
  move('beforeEntry', 'actions', 'met, overridden, none'),
  move('beforeEntry', 'Failed', 'FAIL'),
  move('beforeEntry', 'Skipped', 'SKIP'),
  move('actions', 'onSuccess', 'all succeeded'),
  move('actions', 'onFailure', 'one failed'),
  move('onSuccess', 'Succeeded', 'met, overridden, none'),
  move('onSuccess', 'Failed', 'FAIL, ROLLBACK'),
  move('onFailure', 'Failed', 'met, none, FAIL, ROLLBACK'),
  move('onFailure', 'actions', 'RETRY, once'),
  move('onFailure', 'Skipped', 'SKIP'),
];

/** Holds a change to the table. @throws Error where it is not in it: the engine is wrong */
export function requireMove(kind: keyof typeof STATES, from: string, to: string): void {
  if (STATES[kind].some((known) => known.from === from && known.to === to)) return;
  throw new Error(`an ${kind} that is ${from} cannot become ${to}`);
}
