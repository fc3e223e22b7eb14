import { Readable } from 'node:stream';
import { extract, pack } from 'tar-stream';
import type { Platform } from '../../../kit/service.ts';
import { MAX_COMMAND_OUTPUT_BYTES } from '../limits.ts';
import { mask } from '../model/mask.ts';
import type { Report } from '../model/report.ts';
import { takesCommands } from '../model/sandbox.ts';
import type { SandboxCommand } from '../model/sandbox-command.ts';
import type { StoredBuild } from '../store/builds.ts';
import * as store from '../store/commands.ts';
import { type Session, secretTexts } from './session.ts';
import { DRIVER_DIRECTORY } from './work-place.ts';

/** Tells a sandbox of the commands that it does not know yet, in their order. It runs each once, however often it is told. */
export async function tellCommands(platform: Platform, stored: StoredBuild): Promise<void> {
  const { handle = '', root = '' } = stored.run;
  const directory = `${root}/${DRIVER_DIRECTORY}/commands`;
  for (const command of await store.unasked(platform.db, stored, stored.id)) {
    if (takesCommands(stored)) {
      const file = pack();
      file.entry({ name: `${command.id}.sh`, mode: 0o600 }, `${command.command}\n`);
      file.finalize();
      await platform.executors.copyIn(handle, directory, Readable.from(file));
      const ask = `until [ -p "$1/ask" ]; do sleep 0.1; done; echo "$2" >"$1/ask"`;
      const words = ['/bin/sh', '-c', ask, 'slipway-ask', directory, command.id];
      const { status, output } = await platform.executors.exec(handle, words);
      output.resume();
      await status;
    }
    await platform.transaction((tx) => change(tx, stored, command.id, { asked: true }));
  }
}

/** What the sandbox says of a command: that it has begun, or how it ended. */
export async function noteCommand(
  session: Session,
  report: Report & { kind: 'command' },
): Promise<void> {
  const { platform, stored } = session;
  const { id, at, exitStatus } = report;
  const ended =
    exitStatus === undefined
      ? { startTime: at }
      : {
          ...{ endTime: at, exitCode: exitStatus },
          output: await said(session, `${id}.out`),
          error: await said(session, `${id}.err`),
        };
  await platform.transaction((tx) => change(tx, stored, id, ended));
}

async function change(
  tx: Parameters<typeof store.updateCommand>[0],
  stored: StoredBuild,
  id: string,
  changed: Partial<SandboxCommand>,
): Promise<void> {
  const [command] = await store.findCommands(tx, stored, stored.id, [id]);
  // A sandbox that writes its driver's reports itself names what it likes.
  if (!command || command.exitCode !== undefined) return;
  await store.updateCommand(tx, stored, stored.id, { ...command, ...changed });
}

/** The beginning of what a command has printed. The whole is in the log. */
async function said(session: Session, name: string): Promise<string> {
  const { platform, stored } = session;
  const { handle = '', root = '' } = stored.run;
  const path = `${root}/${DRIVER_DIRECTORY}/commands/${name}`;
  const bytes: Buffer[] = [];
  let length = 0;
  try {
    const tar = await platform.executors.copyOut(handle, path);
    const parser = extract();
    tar.on('error', (error) => parser.destroy(error)).pipe(parser);
    entries: for await (const entry of parser) {
      for await (const chunk of entry) {
        bytes.push(chunk as Buffer);
        length += (chunk as Buffer).length;
        if (length >= MAX_COMMAND_OUTPUT_BYTES) break entries;
      }
    }
    tar.destroy();
  } catch {
    // The sandbox has deleted it, or put something else there.
  }
  const text = Buffer.concat(bytes).subarray(0, MAX_COMMAND_OUTPUT_BYTES).toString();
  return mask(text, secretTexts(session));
}
