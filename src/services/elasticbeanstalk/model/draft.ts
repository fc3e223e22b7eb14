import type { Draft as MachineDraft, Step as MachineStep } from '../../../engine/machine.ts';
import { least } from '../../../lib/append.ts';
import { LAUNCH_MS, SHOWN_MS } from '../limits.ts';
import { environmentKey, FLEET, instanceTopic } from '../reconcilers/names.ts';
import type {
  Command,
  CommandKind,
  Environment,
  InstanceRecord,
  Operation,
  OperationKind,
  Release,
  Resources,
  Setting,
  Status,
} from './environment.ts';
import { other, type Said, type Severity, status } from './events.ts';
import { silentAt } from './health.ts';
import { isBalanced, NS, numberOf, settingOf } from './settings.ts';

/** What has to be done outside for an environment. */
export type Work =
  | { kind: 'remove' | 'provision' | 'resize' | 'watch' }
  | { kind: 'balance'; leave: string[]; join: string[]; rejoin: string[] };

export function workOf({ status: state, body }: Environment): Work | undefined {
  if (state === 'Terminated') return undefined;
  const step = body.operation?.step;
  if (step === 'remove' || step === 'provision' || step === 'resize') return { kind: step };
  const all = Object.values(body.instances);
  const ids = (wanted: (record: InstanceRecord) => boolean) =>
    all.filter(wanted).map(({ id }) => id);
  const leave = ids(({ phase }) => phase === 'leaving');
  const join = ids(({ phase }) => phase === 'joining');
  const rejoin = ids(({ phase, out }) => phase === 'idle' && out === true);
  if (leave.length + join.length + rejoin.length > 0)
    return { kind: 'balance', leave, join, rejoin };
  return body.resources ? { kind: 'watch' } : undefined;
}

export interface Writes {
  /** All of it, where anything has changed. */
  changed?: Environment;
  said: Said[];
  /** Nobody is to see it any more. */
  forget?: true;
}

export type Step = MachineStep<Writes>;

/** What an instance says of itself. */
export interface Report {
  /** The last command that it has carried out. */
  finished: number;
  failure?: string;
  runs?: { label: string; deployment: number };
  unwell?: string;
  system?: InstanceRecord['system'];
}

const STARTS: Record<OperationKind, readonly [message: string, status: string]> = {
  create: ['createEnvironment is starting.', 'Environment creation started'],
  deploy: ['Environment update is starting.', 'Environment update started'],
  configure: ['Environment update is starting.', 'Environment update started'],
  restart: ['restartAppServer is starting.', 'Environment update started'],
  rebuild: ['rebuildEnvironment is starting.', 'Environment update started'],
  terminate: ['terminateEnvironment is starting.', 'Environment termination started'],
};
const COMMANDS: Record<OperationKind, CommandKind> = {
  ...{ create: 'deploy', rebuild: 'deploy', terminate: 'deploy' },
  ...{ deploy: 'deploy', configure: 'configure', restart: 'restart' },
};

export interface Begin {
  kind: OperationKind;
  requestId: string;
  release?: Omit<Release, 'deployment'>;
  /** The group has other sizes. */
  resize?: boolean;
  /** Instances have nothing to do. */
  quiet?: boolean;
}

/** A copy of an environment that decisions are worked out on. */
export class Draft implements MachineDraft<Writes> {
  readonly state: Environment;
  readonly now: number;
  readonly #before: string;
  readonly #work: string;
  readonly #said: Said[] = [];
  readonly #rings = new Set<string>();
  #forget = false;

  constructor(snapshot: Environment, now: number) {
    this.state = structuredClone(snapshot);
    this.now = now;
    this.#before = JSON.stringify(snapshot);
    this.#work = JSON.stringify(workOf(snapshot));
  }

  get body() {
    return this.state.body;
  }

  get records(): InstanceRecord[] {
    return Object.values(this.body.instances).sort((a, b) =>
      a.since === b.since ? (a.id < b.id ? -1 : 1) : a.since - b.since,
    );
  }

  say(severity: Severity, message: string, told?: Said['told']): void {
    this.#said.push({ severity, message, ...(told && { told }) });
  }

  // What calls ask for. Whether they may is asked before.

  begin({ kind, requestId, release, resize, quiet }: Begin): void {
    const { body } = this;
    body.numbers += 1;
    const number = body.numbers;
    const wanted = release ? { ...release, deployment: number } : body.release;
    const command = { number, kind: COMMANDS[kind], release: wanted };
    // One whose launch has failed has nothing yet: it is launched now.
    const isBare = !body.resources && (kind === 'deploy' || kind === 'configure');
    if (kind === 'create' || isBare) body.release = wanted;
    const policy = settingOf(this.state, NS.command, 'DeploymentPolicy');
    const rolling = policy === 'Rolling' && isBalanced(this.state) && kind !== 'restart';
    const removes = kind === 'rebuild' || kind === 'terminate';
    // Its addresses are others' once it is gone.
    if (removes) delete body.endpoint;
    const changes = resize ? ('resize' as const) : ('batches' as const);
    body.operation = {
      ...{ kind, requestId, startedAt: this.now, command, rolling, batch: -1 },
      step: removes ? 'remove' : kind === 'create' || isBare ? 'provision' : changes,
      ...(quiet && !isBare && { batches: [] }),
    };
    body.updatedAt = this.now;
    this.become(
      kind === 'create' ? 'Launching' : kind === 'terminate' ? 'Terminating' : 'Updating',
    );
    const [message, text] = STARTS[kind];
    this.say('INFO', message, status(text));
  }

  abort(): void {
    const { operation } = this.body;
    if (!operation || operation.aborted) return;
    operation.aborted = true;
    this.become('Aborting');
    this.say('INFO', 'abortEnvironmentUpdate is starting.', status('Environment update aborted'));
  }

  configure(settings: Setting[]): void {
    this.body.settings = settings;
  }

  become(state: Status): void {
    this.state.status = state;
  }

  /** Logs are wanted of every instance. */
  wantTail(): void {
    this.body.numbers += 1;
    this.body.tail = { number: this.body.numbers, at: this.now, urls: {} };
    this.say('INFO', 'requestEnvironmentInfo is starting.');
    for (const { id } of this.records) this.#rings.add(id);
  }

  tailed(id: string, number: number, url: string): void {
    const { tail } = this.body;
    if (tail?.number !== number || tail.urls[id] || !this.body.instances[id]) return;
    tail.urls[id] = { url, at: this.now };
    this.say('INFO', `[Instance: ${id}] Successfully finished tailing 5 log(s)`);
  }

  // What becomes of the work outside.

  provisioned(resources: Resources, made: readonly Said[]): void {
    const { operation } = this.body;
    if (operation?.step !== 'provision') return;
    this.body.resources = resources;
    for (const { severity, message, told } of made) this.say(severity, message, told);
    operation.step = 'instances';
    operation.deadline = this.now + LAUNCH_MS + this.timeoutMs;
    this.say('INFO', 'Waiting for EC2 instances to launch. This may take a few minutes.');
  }

  resized(): void {
    const { operation } = this.body;
    if (operation?.step === 'resize') operation.step = 'batches';
  }

  removed(): void {
    const { body } = this;
    const { operation } = body;
    if (operation?.step !== 'remove') return;
    for (const { id } of this.records) this.#gone(id);
    if (body.resources?.balancer)
      this.say(
        'INFO',
        `Deleted load balancer named: ${body.resources.balancer.arn}`,
        other('Load balancer deleted'),
      );
    if (body.resources)
      this.say(
        'INFO',
        `Deleted Auto Scaling group named: ${body.resources.group}`,
        other('Auto Scaling group deleted'),
      );
    delete body.resources;
    delete body.endpoint;
    body.instances = {};
    if (operation.kind === 'rebuild') {
      operation.step = 'provision';
      return;
    }
    delete body.operation;
    body.terminatedAt = this.now;
    body.updatedAt = this.now;
    this.state.cname = undefined;
    this.become('Terminated');
    this.say(
      ...(['INFO', 'terminateEnvironment completed successfully.'] as const),
      status('Environment termination successful'),
    );
  }

  /** @param now all of the group that do not end; with where a single one is */
  seen(now: readonly string[], endpoint: { address: string; port: number } | undefined): void {
    const { body } = this;
    const operation = body.operation;
    if (!body.resources || operation?.step === 'remove' || operation?.step === 'provision') return;
    for (const { id } of this.records) if (!now.includes(id)) this.#gone(id);
    for (const id of now) {
      if (body.instances[id]) continue;
      const command = {
        number: body.release.deployment,
        kind: 'deploy',
        release: body.release,
      } as const;
      body.instances[id] = { id, since: this.now, phase: 'told', command };
      this.#rings.add(id);
      this.say('INFO', `Added instance [${id}] to your environment.`, other('Instance added'));
    }
    if (endpoint) body.endpoint = endpoint;
    // Where an instance was that has gone, somebody else's may be next.
    else if (!isBalanced(this.state)) delete body.endpoint;
  }

  #gone(id: string): void {
    delete this.body.instances[id];
    this.say('INFO', `Removed instance [${id}] from your environment.`, other('Instance removed'));
  }

  left(id: string): void {
    const record = this.body.instances[id];
    if (record?.phase !== 'leaving') return;
    record.out = true;
    record.phase = 'told';
    this.#rings.add(id);
  }

  /** It is in the balancer; where that was waited for, it is well there. */
  joined(id: string): void {
    const record = this.body.instances[id];
    if (!record || (record.phase !== 'joining' && !record.out)) return;
    if (record.phase === 'joining') record.phase = 'idle';
    delete record.out;
  }

  /** @returns whether it is an instance of this environment */
  reported(id: string, report: Report): boolean {
    const record = this.body.instances[id];
    if (!record) return false;
    record.reportedAt = this.now;
    for (const name of ['runs', 'unwell', 'system'] as const) {
      if (report[name] === undefined) delete record[name];
      else Object.assign(record, { [name]: report[name] });
    }
    if (record.phase !== 'told' || report.finished !== record.command.number) return true;
    if (report.failure !== undefined) {
      record.failure = report.failure;
      record.phase = 'idle';
      this.say('ERROR', `[Instance: ${id}] Command failed on instance. ${report.failure}`);
    } else record.phase = isBalanced(this.state) ? 'joining' : 'idle';
    return true;
  }

  /** Tells an instance to do something, or to leave the balancer first. */
  tell(record: InstanceRecord, command: Command, leaves = false): void {
    record.command = command;
    delete record.failure;
    record.phase = leaves ? 'leaving' : 'told';
    if (!leaves) this.#rings.add(record.id);
  }

  /** Whoever has not come to an end has failed. */
  expire(records: readonly InstanceRecord[], why: string): void {
    for (const record of records) {
      if (record.phase === 'idle') continue;
      if (record.phase === 'leaving') record.out = true;
      record.phase = 'idle';
      record.failure = why;
    }
  }

  get timeoutMs(): number {
    return numberOf(this.state, NS.command, 'Timeout') * 1000;
  }

  operation(): Operation | undefined {
    return this.body.operation;
  }

  forget(): void {
    this.#forget = true;
  }

  finish(): Step {
    const { state } = this;
    const key = environmentKey(state);
    const work = workOf(state);
    state.body.said += this.#said.length;
    const changed = JSON.stringify(state) !== this.#before;
    const newWork = work !== undefined && JSON.stringify(work) !== this.#work;
    return {
      writes: {
        ...(changed && !this.#forget && { changed: state }),
        said: this.#said,
        ...(this.#forget && { forget: true as const }),
      },
      work: newWork ? [{ reconciler: FLEET, key }] : [],
      rings: [...this.#rings].map((id) => instanceTopic(key, id)),
      wakeAt: this.#forget ? undefined : this.#wakeAt(),
    };
  }

  #wakeAt(): number | undefined {
    const { state, now } = this;
    const { terminatedAt, operation } = state.body;
    if (terminatedAt !== undefined) return terminatedAt + SHOWN_MS;
    const times = [operation?.deadline, silentAt(state, now)].filter((at) => at !== undefined);
    return least(times);
  }
}
