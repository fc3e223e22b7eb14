import type { NewEvent } from '../../../engine/events.ts';
import type {
  Decisions,
  Draft as MachineDraft,
  Step as MachineStep,
} from '../../../engine/machine.ts';
import { SHOWN_MS } from '../limits.ts';
import { COMPUTE, instanceKey, instanceTopic } from '../reconcilers/names.ts';
import { stateChange } from './events.ts';
import type { Instance, InstanceBody, InstanceState, StateReason } from './instance.ts';

/** What has to be done outside for an instance. */
export type Work = 'launch' | 'serve' | 'reboot' | 'stop' | 'remove';

/** What has to be done for the instance now; undefined where it is at rest. */
export function workOf({ state, boots, wantedBoots }: Instance): Work | undefined {
  if (state === 'pending') return 'launch';
  if (state === 'running') return boots < wantedBoots ? 'reboot' : 'serve';
  if (state === 'stopping') return 'stop';
  if (state === 'shutting-down') return 'remove';
  return undefined;
}

export type InstanceChange = Partial<
  Pick<
    Instance,
    'state' | 'wantedBoots' | 'boots' | 'handle' | 'address' | 'reachable' | 'terminatedAt' | 'body'
  >
>;

export interface Writes {
  set: InstanceChange;
  /** Nobody is to see it any more. */
  forget?: true;
  events: NewEvent[];
}

export type Step = MachineStep<Writes>;

export const USER_INITIATED: StateReason = {
  code: 'Client.UserInitiatedShutdown',
  message: 'Client.UserInitiatedShutdown: User initiated shutdown',
};
export const INSTANCE_INITIATED: StateReason = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
};
export const internalError = (why: string): StateReason => ({
  code: 'Server.InternalError',
  message: `Server.InternalError: ${why}`,
});

/** A copy of an instance that decisions are worked out on. */
export class Draft implements MachineDraft<Writes> {
  readonly state: Instance;
  readonly now: number;
  readonly #before: { work: Work | undefined; state: InstanceState };
  readonly #set: InstanceChange = {};
  readonly #events: NewEvent[] = [];
  #forget = false;

  constructor(snapshot: Instance, now: number) {
    this.state = structuredClone(snapshot);
    this.now = now;
    this.#before = { work: workOf(snapshot), state: snapshot.state };
  }

  set(change: InstanceChange): void {
    Object.assign(this.state, change);
    Object.assign(this.#set, change);
  }

  setBody(change: Partial<InstanceBody>): void {
    this.set({ body: { ...this.state.body, ...change } });
  }

  /** Goes into another state, and tells of it. */
  become(state: InstanceState, reason?: StateReason): void {
    if (this.state.state === state) return;
    const { stateReason: _, transition: __, ...body } = this.state.body;
    const since = new Date(this.now).toISOString().replace('T', ' ').slice(0, 19);
    const byUser = reason === USER_INITIATED && { transition: `User initiated (${since} GMT)` };
    this.set({ state, body: { ...body, ...(reason && { stateReason: reason }), ...byUser } });
    this.#events.push(stateChange(this.state, state));
  }

  // What calls ask for. Whether they may is asked before.

  start(): void {
    if (this.state.state !== 'stopped') return;
    this.set({ wantedBoots: this.state.boots + 1 });
    this.setBody({ launchedAt: this.now });
    this.become('pending');
  }

  stop(): void {
    const { state } = this.state;
    if (state === 'running' || state === 'pending') this.become('stopping', USER_INITIATED);
  }

  reboot(): void {
    const { state, boots } = this.state;
    if (state === 'running') this.set({ wantedBoots: boots + 1, reachable: false });
  }

  terminate(reason: StateReason = USER_INITIATED): void {
    const { state } = this.state;
    if (state !== 'terminated') this.become('shutting-down', reason);
  }

  // What becomes of the work outside.

  cameUp(up: { handle: string; address: string | undefined; boot: number }): void {
    const { state, wantedBoots } = this.state;
    const { handle, address, boot } = up;
    // Whatever it is told meanwhile is done there.
    if (state !== 'terminated') this.set({ handle });
    if (state !== 'pending' && state !== 'running') return;
    this.set({ address, boots: Math.min(boot, wantedBoots), reachable: false });
    this.become('running');
  }

  /** The metadata of this boot can be had. */
  answers(boot: number): void {
    const { state, boots, reachable } = this.state;
    if (state === 'running' && boots === boot && !reachable) this.set({ reachable: true });
  }

  /**
   * It runs no more.
   * @param byItself it has shut itself down; else what it ran on has ended it: an engine that was restarted, a machine that went
   *   down, a want of memory. It is started again then, as EC2 recovers an instance, but for one that did not come so far as to
   *   be well: that would go on for ever. Its data is never lost by it.
   */
  ended(boot: number, byItself: boolean): void {
    const { state, boots, wantedBoots, body, reachable } = this.state;
    if (state !== 'running' || boots !== boot || wantedBoots > boots) return;
    if (!byItself && reachable && !body.staysDown) this.reboot();
    else if (!byItself && reachable) this.#rest(internalError('it was ended from outside'));
    else if (!byItself) this.#rest(internalError('it was ended from outside before it was well'));
    else if (body.onShutdown === 'terminate') this.become('shutting-down', INSTANCE_INITIATED);
    else this.#rest(INSTANCE_INITIATED);
  }

  /** It is no more. */
  lost(why: string): void {
    if (this.state.state !== 'terminated') this.become('shutting-down', internalError(why));
  }

  /** It does not come up. One that has been up before keeps what it has. */
  failed(why: string): void {
    const { state, boots } = this.state;
    if (boots === 0) this.lost(why);
    else if (state === 'pending' || state === 'running') this.#rest(internalError(why));
  }

  stopped(): void {
    if (this.state.state === 'stopping') this.#rest(this.state.body.stateReason);
  }

  removed(): void {
    if (this.state.state !== 'shutting-down') return;
    const { stateReason } = this.state.body;
    this.set({ address: undefined, handle: undefined, reachable: false, terminatedAt: this.now });
    this.become('terminated', stateReason ?? USER_INITIATED);
  }

  #rest(reason: StateReason | undefined): void {
    const { wantedBoots } = this.state;
    this.set({ address: undefined, reachable: false, boots: wantedBoots });
    this.become('stopped', reason);
  }

  forgetAfter(ms: number): void {
    const { state, terminatedAt } = this.state;
    if (state === 'terminated' && this.now >= (terminatedAt ?? 0) + ms) this.#forget = true;
  }

  finish(): Step {
    const { state: instance } = this;
    const work = workOf(instance);
    const key = instanceKey(instance, instance.id);
    const changed = work !== this.#before.work || instance.state !== this.#before.state;
    const gone = instance.state === 'terminated' && !this.#forget;
    return {
      writes: {
        set: this.#set,
        events: this.#events,
        ...(this.#forget && { forget: true as const }),
      },
      work: changed && work ? [{ reconciler: COMPUTE, key }] : [],
      rings: changed ? [instanceTopic(key)] : [],
      wakeAt: gone ? (instance.terminatedAt ?? this.now) + SHOWN_MS : undefined,
    };
  }
}

export const decisions: Decisions<Instance, Draft> = {
  draft: (snapshot, now) => new Draft(snapshot, now),
  decide: (draft) => draft.forgetAfter(SHOWN_MS),
};
