import { capabilityContract } from '../capabilities/contract.ts';
import { executorContract } from '../contract.ts';
import {
  DummyMachine,
  type DummyProcess,
  type DummyProgram,
  makeDummyExecutor,
} from './dummy-executor.ts';

const told = ({ terminate }: DummyProcess) =>
  new Promise<void>((resolve) => {
    if (terminate.aborted) resolve();
    terminate.addEventListener('abort', () => resolve());
  });

const file = async ({ files, changed }: DummyProcess, name: string) => {
  while (!files.has(name)) await changed();
};

const put = ({ files }: DummyProcess, name: string, body: string) =>
  files.set(name, { body: Buffer.from(body), mode: 0o644 });

type Step = (p: DummyProcess) => unknown;

/** A program of these steps. */
const run =
  (status: number, ...steps: Step[]): DummyProgram =>
  async (p) => {
    for (const step of steps) await step(p);
    return status;
  };
const print =
  (text: string): Step =>
  (p) =>
    p.print(text);
const go: Step = (p) => file(p, 'go');
const printEnvironment: Step = (p) => {
  const variables = { PATH: '/bin', HOME: '/', ...p.environment };
  for (const [name, value] of Object.entries(variables)) p.print(`${name}=${value}\n`);
};
const makeFiles: Step = (p) => {
  put(p, 'in/out.txt', 'made\n');
  put(p, 'in/deep/er/file', 'x\n');
  p.files.set('in/link', { body: Buffer.alloc(0), mode: 0o777, link: 'out.txt' });
};
const lines = Array.from({ length: 200 }, (_, index) => `line ${index + 1}\n`).join('');

/** The contract's shell scripts, as programs: by a piece of the script that names it. */
const PROGRAMS: [piece: string, program: DummyProgram][] = [
  ['cut > ', run(0, print('first\ncut\ntwo\nlast\n'), (p) => p.report('err\ntwo\nthree\n'))],
  ['head -c 3000000', run(4, print('\0'.repeat(3_000_000)))],
  ['trap "" TERM; echo done', run(0, print('done\n'), () => new Promise(() => {}))],
  ['; echo done', run(0, print('done\n'))],
  ['chmod 500 locked', run(0)],
  ['pwd', run(0, (p) => p.print(`${p.root}\n`))],
  ['true', run(0)],
  ['exit 7', run(7, print('out\n'), (p) => p.report('err\n'))],
  ['echo once', run(0, print('once\n'))],
  ['env', run(0, printEnvironment)],
  ['echo one; while', run(0, print('one\n'), go, print('two\n'))],
  ['echo one; exec', run(143, print('one\n'), told)],
  ['echo line $i', run(0, print(lines), go, print('end\n'))],
  ['echo tidy', run(3, print('ready\n'), told, print('tidy\n'))],
  ['trap ""', run(0, print('ready\n'), () => new Promise(() => {}))],
  ['echo ran', run(0, print('ran\n'))],
  ['sleep 60 &', run(0, print('started\n'))],
  ['here > ', run(143, (p) => put(p, 'file', 'here\n'), print('ready\n'), told)],
  ['exec sleep 60', run(143, told)],
  [
    'cat; exit 5',
    run(5, (p) => p.print(`${p.files.get('file')?.body}${p.files.get('stdin')?.body}`)),
  ],
  ['./run > out.txt', run(0, makeFiles)],
  ['ln -s / ', run(0)],
  ['echo a', run(0, print('a\n'))],
];

const machine = new DummyMachine();
const open = () =>
  makeDummyExecutor((command) => {
    const script = command.join(' ');
    const found = PROGRAMS.find(([piece]) => script.includes(piece));
    if (!found) throw new Error(`no program for ${script}`);
    return found[1];
  }, machine);
executorContract('dummy', { open });
capabilityContract('dummy', { open });
