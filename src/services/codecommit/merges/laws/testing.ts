import type { ServiceContext } from '../../../../kit/service.ts';
import type { OpenRepository } from '../../resources/repository.ts';
import { makeMerge } from '../merge.ts';
import { checkMergeSettings } from '../request.ts';
import type { Case, Merged, MergeGround, Unmerged, Version } from '../testing.ts';

/** For tests and long runs: what holds of every merge, as `git merge` would have it. */

export const LEVELS = ['FILE_LEVEL', 'LINE_LEVEL'] as const;
export const STRATEGIES = ['NONE', 'ACCEPT_SOURCE', 'ACCEPT_DESTINATION', 'AUTOMERGE'] as const;
export type Level = (typeof LEVELS)[number];
export type Strategy = (typeof STRATEGIES)[number];

const SIDE_STAGE = { KEEP_BASE: 1, KEEP_DESTINATION: 2, KEEP_SOURCE: 3 } as const;
type Kept = keyof typeof SIDE_STAGE;

/** What somebody who resolves conflicts by hand would choose: another thing for each path. */
function chosen(index: number): Kept | 'USE_NEW_CONTENT' | 'delete' {
  const all = [
    'KEEP_SOURCE',
    'USE_NEW_CONTENT',
    'KEEP_BASE',
    'delete',
    'KEEP_DESTINATION',
  ] as const;
  return all[index % all.length] ?? 'delete';
}

const ctx = {
  signal: new AbortController().signal,
  clock: { now: () => new Date(1_700_000_000_000) },
  principal: { arn: 'arn:aws:iam::111111111111:user/mary' },
} as unknown as ServiceContext;

/** Cases, merged at once here and by `git merge`. @returns what differs */
export async function breach(
  ground: MergeGround,
  cases: readonly Case[],
  { level, strategy }: { level: Level; strategy: Strategy },
): Promise<string | undefined> {
  const { git } = ground;
  const destination = await ground.branch(...cases.map(({ ours }) => ours));
  const source = await ground.branch(...cases.map(({ theirs }) => theirs));
  if (destination === source) return undefined;
  const gitsLevel = strategy === 'AUTOMERGE' ? 'LINE_LEVEL' : level;
  const merged = await ground.merge({ ours: destination, theirs: source }, gitsLevel);
  const byHand = strategy === 'AUTOMERGE' ? merged.unmerged.map(resolutionOf) : [];
  const settings = checkMergeSettings({
    ...{ conflictDetailLevel: level, conflictResolutionStrategy: strategy },
    conflictResolution: {
      replaceContents: byHand.flatMap((one) => ('replacementType' in one ? [one] : [])),
      deleteFiles: byHand.filter((one) => !('replacementType' in one)),
    },
  });
  const repository = { git } as OpenRepository;
  const request = { ...{ repository, source, destination, settings }, option: OPTION };
  const made = await makeMerge(ctx, request).then(
    ({ treeId }) => treeId,
    ({ name, message }: Error) =>
      [MANUAL, CONTRADICTION].includes(name) ? name : `${name}: ${message}`,
  );
  const expected = await expectedOf(ground, { ...merged, strategy, destination, source });
  return made === expected ? undefined : `${made} where git has ${expected}`;
}

const OPTION = 'THREE_WAY_MERGE' as const;
const MANUAL = 'ManualMergeRequiredException';
/** A file in a folder that is to be a file. */
const CONTRADICTION = 'InvalidConflictResolutionException';

function resolutionOf({ path }: Unmerged, index: number) {
  const filePath = Buffer.from(path, 'latin1').toString();
  const how = chosen(index);
  if (how === 'delete') return { filePath };
  const content = how === 'USE_NEW_CONTENT' ? { content: Buffer.from('by hand\n') } : {};
  return { filePath, replacementType: how, ...content };
}

async function expectedOf(
  ground: MergeGround,
  found: Merged & { strategy: Strategy; destination: string; source: string },
): Promise<string> {
  const { ended, unmerged, strategy } = found;
  if (ended === 'conflicts' && (strategy === 'NONE' || unmerged.length === 0)) return MANUAL;
  if (ended === 'conflicts') {
    const sides = {
      KEEP_BASE: await filesOf(ground, ground.base),
      KEEP_DESTINATION: await filesOf(ground, found.destination),
      KEEP_SOURCE: await filesOf(ground, found.source),
    };
    const marked = await markedOf(ground, unmerged);
    const removed: string[] = [];
    const added = new Map<string, string>();
    for (const [index, one] of unmerged.entries()) {
      const how = strategy === 'AUTOMERGE' ? chosen(index) : keptBy(strategy);
      const settled = settledBy(one, how, { ...found, sides, marked });
      removed.push(...settled.removed);
      if (settled.added) added.set(one.path, settled.added);
    }
    const paths = [...added.keys()];
    if (paths.some((path) => paths.some((other) => other.startsWith(`${path}/`))))
      return CONTRADICTION;
    // By hand, as somebody would tell the index.
    const info = [...removed, ...added.values()].join('');
    await ground.run(['update-index', '-z', '--index-info'], info);
  }
  return (await ground.run(['write-tree', '--missing-ok'])).trim();
}

const keptBy = (strategy: Strategy): Kept =>
  strategy === 'ACCEPT_SOURCE' ? 'KEEP_SOURCE' : 'KEEP_DESTINATION';

const NOTHING = '0'.repeat(40);
/** `by hand\n` as git names it. */
const BY_HAND = '304919f768ce7888a297d82098c4ab7c8dfbd434';

/** What becomes of the paths of an index. */
function settledBy(
  { path, stages, aside }: Unmerged,
  how: ReturnType<typeof chosen>,
  {
    paths,
    sides,
    marked,
  }: { paths: string[]; sides: Record<Kept, Map<string, Version>>; marked: Set<string> },
): { removed: string[]; added?: string } {
  const side = Object.hasOwn(sides, how) ? sides[how as Kept] : undefined;
  let version: Version | undefined;
  if (how === 'USE_NEW_CONTENT') {
    const modes = [2, 3, 1].map((stage) => stages.get(stage)?.mode);
    const mode = modes.find((one) => one !== undefined && one !== '160000') ?? '100644';
    version = { mode, id: BY_HAND };
  } else if (how !== 'delete') version = stages.get(SIDE_STAGE[how]);
  // What git has merged, with its marks, is nobody's version.
  if (version && side && marked.has(version.id))
    version = side.get(path) ?? (how === 'KEEP_BASE' ? undefined : version);
  const isFolder = !version && [...(side?.keys() ?? [])].some((one) => one.startsWith(`${path}/`));
  const below = paths.filter((one) => one.startsWith(`${path}/`));
  // A file that gives way to a folder of that name goes alone.
  const gone = [...aside, path, ...(isFolder ? [] : below)];
  const removed = gone.map((name) => `0 ${NOTHING}\t${name}\0`);
  return version ? { removed, added: `${version.mode} ${version.id}\t${path}\0` } : { removed };
}

async function filesOf({ run }: MergeGround, commit: string): Promise<Map<string, Version>> {
  const listed = (await run(['ls-tree', '-r', '-z', commit])).split('\0').filter(Boolean);
  return new Map(
    listed.map((record): [string, Version] => {
      const [about = '', path = ''] = record.split('\t');
      const [mode = '', , id = ''] = about.split(' ');
      return [path, { mode, id }];
    }),
  );
}

/** Blobs with git's marks in them. */
async function markedOf({ run }: MergeGround, unmerged: readonly Unmerged[]): Promise<Set<string>> {
  const isFile = ({ mode }: Version) => mode === '100644' || mode === '100755';
  const versions = unmerged.flatMap(({ stages }) => [...stages.values()]).filter(isFile);
  const said = await run(['cat-file', '--batch'], versions.map(({ id }) => `${id}\n`).join(''));
  const marked = new Set<string>();
  for (const object of said.split(/^(?=[0-9a-f]{40} blob \d+$)/m))
    if (object.includes('<<<<<<< ') && object.includes('>>>>>>> ')) marked.add(object.slice(0, 40));
  return marked;
}
