import { spawnSync } from 'node:child_process';
import type { Build } from '@aws-sdk/client-codebuild';
import { peakMb } from '../../bench/process.ts';
import { has } from '../../conformance/run.ts';
import { type BuildGround, buildGround, type Executor, IMAGE, type Spec } from './build-ground.ts';
import type { Values } from './main.ts';

const COMMAND_PHASES = ['install', 'pre_build', 'build', 'post_build'];
const PHASES = [
  ...['PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD', 'BUILD', 'POST_BUILD'],
  ...['UPLOAD_ARTIFACTS', 'FINALIZING'],
];
const LINES = 40;
/** AWS says that a stop is immediate. */
const STOPPED_WITHIN_MS = 1000;
const GIGABYTE = 1_000_000_000;
const LONG_MS = 600_000;
/** Of the server, whatever its builds do. */
const MOST_MB = 700;

/** Builds that are stopped and killed in each phase, and such as do what they should not: each has a true end, and the server none. */
export async function soakBuilds(values: Values): Promise<string[]> {
  const found: string[] = [];
  for (const executor of values.executor.split(',') as Executor[]) {
    if (executor === 'docker' && !has('docker', 'image', 'inspect', IMAGE)) {
      found.push(`docker: there is no image ${IMAGE} (tools/test-image makes it)`);
      continue;
    }
    const tell = (what: string, said: string[]) => {
      const words = said.length === 0 ? 'holds' : said.join('; ');
      process.stdout.write(`${executor}: ${what}: ${words}\n`);
      for (const each of said) found.push(`${executor}: ${what}: ${each}`);
    };
    await onGround(executor, async (ground) => {
      for (const phase of PHASES) tell(`kill -9 in ${phase}`, await killed(ground, phase));
    });
    await onGround(executor, async (ground) => {
      for (const phase of PHASES) tell(`StopBuild in ${phase}`, await stopped(ground, phase));
      for (const [what, its] of Object.entries(MISDEEDS)) {
        if (its.on && its.on !== executor) continue;
        tell(what, await misdeed(ground, its));
        tell(`${what}, kill -9 in it`, await misdeed(ground, its, true));
      }
    });
  }
  return found;
}

async function onGround(executor: Executor, run: (ground: BuildGround) => Promise<void>) {
  const ground = await buildGround(executor);
  try {
    await run(ground);
  } finally {
    await ground.server.stop();
  }
}

/** What each phase says, line by line, and a file that takes a moment to upload. */
const talking = (): Spec => ({
  commands: Object.fromEntries(
    COMMAND_PHASES.map((phase) => [
      phase,
      [`i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo "${phase} $i"; sleep 0.03; done`],
    ]),
  ),
  files: ['file'],
});

async function killed(ground: BuildGround, phase: string): Promise<string[]> {
  const { server } = ground;
  const id = await ground.start(talking());
  const hit = await ground.reached(id, phase);
  await server.kill();
  await server.restart();
  const build = await ground.ended(id);
  const lines = (await ground.log(build)).split('\n').filter((line) => /^\w+ \d+$/.test(line));
  const wanted = COMMAND_PHASES.flatMap((one) =>
    Array.from({ length: LINES }, (_, i) => `${one} ${i + 1}`),
  );
  return [
    ...(hit ? [] : ['the phase was over before it was seen']),
    ...isEnd(build, ['SUCCEEDED']),
    ...(lines.join() === wanted.join() ? [] : ['its log is not whole']),
  ];
}

async function stopped(ground: BuildGround, phase: string): Promise<string[]> {
  // An upload that would take hours; what is not there takes no room.
  const sparse = ['truncate -s 400G big'];
  const spec = talking();
  const id = await ground.start(
    phase === 'UPLOAD_ARTIFACTS' ? { commands: { build: sparse }, files: ['big'] } : spec,
  );
  if (!(await ground.reached(id, phase))) return ['the phase was over before it was seen'];
  const { build, ms } = await ground.stop(id);
  // What has ended but for clearing away has its end already.
  const ends = phase === 'FINALIZING' ? ['STOPPED', 'SUCCEEDED'] : ['STOPPED'];
  const late = `it took ${ms.toFixed(0)} ms`;
  return [...isEnd(build, ends), ...(ms > STOPPED_WITHIN_MS ? [late] : [])];
}

interface Misdeed {
  command: string;
  ends: string[];
  on?: Executor;
  /** Done once it has begun. */
  meanwhile?(ground: BuildGround, id: string): Promise<unknown>;
  check?(log: string, build: Build): string | false;
}

const MISDEEDS: Record<string, Misdeed> = {
  'a gigabyte of output': {
    command: `head -c ${GIGABYTE} /dev/zero | tr "\\0" x | fold -w 999`,
    ends: ['SUCCEEDED'],
  },
  'binary output': {
    command: 'head -c 5000000 /dev/urandom; echo; echo the end',
    ends: ['SUCCEEDED'],
    check: (log) => !/^the end$/m.test(log) && 'what follows it is not in the log',
  },
  'a command that closes stdout': {
    command: 'exec >&-; echo lost || true',
    ends: ['SUCCEEDED'],
  },
  'docker kill': {
    command: 'echo begun; sleep 300',
    on: 'docker',
    ends: ['FAILED', 'FAULT'],
    async meanwhile(_, id) {
      spawnSync('docker', ['kill', `slipway-build-${id.split(':')[1]}`]);
    },
  },
  'out of memory': {
    // More than BUILD_GENERAL1_SMALL has, in the memory of its processes.
    command: 'head -c 6g /dev/zero | tail',
    on: 'docker',
    ends: ['FAILED', 'FAULT'],
  },
  'a fork bomb': {
    command: 'bomb() { bomb | bomb & }; bomb; sleep 5; echo still here',
    on: 'docker',
    ends: ['STOPPED'],
    async meanwhile(ground, id) {
      await ground.stop(id);
    },
  },
};

/** @param dies the server is killed once it has begun, and started again */
async function misdeed(ground: BuildGround, its: Misdeed, dies = false): Promise<string[]> {
  const { server } = ground;
  const id = await ground.start({ commands: { build: [its.command] } });
  const hit = !(dies || its.meanwhile) || (await ground.reached(id, 'BUILD'));
  // Of the one that is killed, too: the next has a memory of its own.
  const before = dies ? peakMb({ pid: server.pid }) : 0;
  if (dies) await server.kill();
  if (dies) await server.restart();
  await its.meanwhile?.(ground, id);
  const build = await ground.ended(id, LONG_MS);
  const wrong = its.check?.(await ground.log(build), build);
  // It serves, and builds what comes next.
  const after = await ground.ended(await ground.start({ commands: { build: ['true'] } }));
  const used = Math.max(before, peakMb({ pid: server.pid }));
  return [
    ...(hit ? [] : ['it was over before it was seen']),
    ...isEnd(build, its.ends),
    ...(wrong ? [wrong] : []),
    ...isEnd(after, ['SUCCEEDED']),
    ...(used > MOST_MB ? [`the server took ${used} MB`] : []),
  ];
}

function isEnd({ buildStatus, phases = [] }: Build, ends: string[]): string[] {
  if (ends.includes(`${buildStatus}`)) return [];
  const contexts = phases.flatMap((phase) => phase.contexts ?? []);
  return [`it is ${buildStatus}: ${contexts.map(({ message }) => message).join(' ')}`];
}
