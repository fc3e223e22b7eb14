import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { PhaseFailure } from '../model/build-state.ts';
import type { Buildspec } from '../model/buildspec.ts';
import { expandPath } from '../model/file-choice.ts';
import { chooseRuntimes, RUNTIMES_FILE, readRuntimes } from '../model/runtimes.ts';
import { SpecError } from '../model/yaml-reader.ts';
import { MAX_TEXT_BYTES } from '../sources/source.ts';
import type { Session } from './session.ts';

/** A buildspec with what its runtimes take. */
export interface WithRuntimes {
  /** Its install phase begins with the image's own commands for them. */
  spec: Buildspec;
  /** All that were chosen. */
  runtimes: Record<string, string>;
  /** Those that the build finds for itself (model/driver-runtimes.ts). */
  others: Record<string, string>;
}

/**
 * `runtime-versions` (CB-A20): by the image's own runtimes.yml, where it has one.
 * @throws PhaseFailure in AWS's words for what it does not offer
 */
export async function withRuntimes(
  session: Session,
  spec: Buildspec,
  { values, image }: { values: Record<string, string>; image: string | undefined },
): Promise<WithRuntimes> {
  const wanted = Object.fromEntries(
    Object.entries(spec.runtimeVersions).map(([name, text]) => [name, expandPath(text, values)]),
  );
  const none = Object.keys(wanted).length === 0;
  const text = none || image === undefined ? undefined : await runtimesOf(session);
  if (text === undefined) return { spec, runtimes: wanted, others: wanted };
  const { versions, commands, others } = chooseRuntimes(wanted, read(text));
  const { install = { commands: [], finally: [], onFailure: { kind: 'default' } } } = spec.phases;
  const begun = { ...install, commands: [...commands, ...install.commands] };
  return {
    spec: { ...spec, phases: { ...spec.phases, install: begun } },
    ...{ runtimes: { ...versions, ...others }, others },
  };
}

function read(text: string) {
  try {
    return readRuntimes(text);
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    throw new PhaseFailure('YAML_FILE_ERROR', `${RUNTIMES_FILE} of the image: ${error.message}`);
  }
}

/** The image's file; undefined where it has none. */
async function runtimesOf({ platform, stored, signal }: Session): Promise<string | undefined> {
  let tar: Readable;
  try {
    tar = await platform.executors.copyOut(stored.run.handle ?? '', RUNTIMES_FILE);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    return undefined;
  }
  const parser = extract();
  const feeding = pipeline(tar, parser as unknown as NodeJS.WritableStream, { signal });
  feeding.catch(() => {});
  let text: string | undefined;
  for await (const entry of parser) {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of Readable.from(entry)) {
      size += chunk.length;
      if (size <= MAX_TEXT_BYTES) chunks.push(chunk);
    }
    text ??= Buffer.concat(chunks).toString();
  }
  await feeding;
  return text;
}
