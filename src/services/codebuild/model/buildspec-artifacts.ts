import { setOwn } from '../../../lib/own.ts';
import type { Place, YamlReader } from './yaml-reader.ts';

export interface ArtifactSpec {
  files: string[];
  name?: string;
  discardPaths: boolean;
  baseDirectory?: string;
  excludePaths: string[];
  enableSymlinks: boolean;
  s3Prefix?: string;
}

const ARTIFACT_KEYS = [
  'type',
  'files',
  'name',
  'discard-paths',
  'base-directory',
  'exclude-paths',
  'enable-symlinks',
  's3-prefix',
];

/** `artifacts` of a buildspec (CB-A22); the primary one has no files where there are only others. */
export function readArtifacts(
  reader: YamlReader,
  place: Place | undefined,
): { artifacts?: ArtifactSpec; secondaryArtifacts: Record<string, ArtifactSpec> } {
  if (!place || reader.isNull(place)) return { secondaryArtifacts: {} };
  const keys = reader.known(place, [...ARTIFACT_KEYS, 'secondary-artifacts']);
  const secondary = keys.get('secondary-artifacts');
  const secondaryArtifacts: Record<string, ArtifactSpec> = {};
  for (const [id, at] of reader.members(secondary)) {
    const artifact = readArtifact(reader, at, reader.known(at, ARTIFACT_KEYS), true);
    setOwn(secondaryArtifacts, id, artifact);
  }
  const artifacts = readArtifact(reader, place, keys, secondary === undefined);
  return { ...(artifacts.files.length > 0 ? { artifacts } : {}), secondaryArtifacts };
}

function readArtifact(
  reader: YamlReader,
  place: Place,
  keys: Map<string, Place>,
  filesRequired: boolean,
): ArtifactSpec {
  const files = reader.texts(keys.get('files'));
  if (filesRequired && files.length === 0) reader.refuse(place, 'has no files');
  const name = reader.text(keys.get('name'));
  const baseDirectory = reader.text(keys.get('base-directory'));
  const s3Prefix = reader.text(keys.get('s3-prefix'));
  return {
    files,
    ...(name ? { name } : {}),
    discardPaths: reader.flag(keys.get('discard-paths')),
    ...(baseDirectory ? { baseDirectory } : {}),
    excludePaths: reader.texts(keys.get('exclude-paths')),
    enableSymlinks: reader.flag(keys.get('enable-symlinks')),
    ...(s3Prefix ? { s3Prefix } : {}),
  };
}
