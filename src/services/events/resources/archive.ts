import { at, byName, defineResource, type Named, on } from '../../../kit/resource.ts';
import { archiveNotFound, replayNotFound } from '../errors.ts';
import { type Archive, findArchive } from '../store/archives.ts';
import { findReplay, type Replay } from '../store/replays.ts';

export const archive = defineResource<string | undefined, Named, Archive>({
  type: 'AWS::Events::Archive',
  ...byName('events', 'archive/'),
  find: (db, { name, ...owner }) => findArchive(db, owner, name),
  notFound: ({ name }) => archiveNotFound(name),
});

export const replay = defineResource<string | undefined, Named, Replay>({
  type: 'AWS::Events::Replay',
  ...byName('events', 'replay/'),
  find: (db, { name, ...owner }) => findReplay(db, owner, name),
  notFound: ({ name }) => replayNotFound(name),
});

interface NamesArchive {
  ArchiveName: string | undefined;
}
interface NamesReplay {
  ReplayName: string | undefined;
}

export const onArchive = on(archive, ({ ArchiveName }: NamesArchive) => ArchiveName);
export const atArchive = at(archive, ({ ArchiveName }: NamesArchive) => ArchiveName);
export const onReplay = on(replay, ({ ReplayName }: NamesReplay) => ReplayName);
export const atReplay = at(replay, ({ ReplayName }: NamesReplay) => ReplayName);
