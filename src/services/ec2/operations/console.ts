import type { Platform } from '../../../kit/service.ts';
import { CONSOLE_BYTES } from '../limits.ts';
import type { Instance } from '../model/instance.ts';
import { atInstance } from '../resources/instance.ts';
import { ec2 } from './declare.ts';
import { needAll } from './power.ts';

/** What is read of a console, which may have written for days: it is read from its beginning. */
const READ_MS = 10_000;
/** Without more for so long, all that there is has come. */
const QUIET_MS = 300;

export const getConsoleOutput = ec2(
  'getConsoleOutput',
  atInstance,
  async (ctx, _input, located) => {
    const [instance] = await needAll(ctx.db, ctx, [located]);
    const output = instance ? await consoleOf(ctx, instance) : undefined;
    return {
      InstanceId: located.name,
      Timestamp: ctx.clock.now(),
      ...(output && { Output: output.toString('base64') }),
    };
  },
);

/** The end of what an instance has written, of all its starts. */
async function consoleOf(
  { executors }: Pick<Platform, 'executors'>,
  { handle }: Instance,
): Promise<Buffer | undefined> {
  if (handle === undefined) return undefined;
  const enough = new AbortController();
  let quiet = setTimeout(() => enough.abort(), READ_MS);
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(READ_MS)]);
  let tail = Buffer.alloc(0);
  try {
    for await (const bytes of executors.logs(handle, { signal })) {
      tail = Buffer.concat([tail, bytes as Buffer]).subarray(-CONSOLE_BYTES);
      clearTimeout(quiet);
      quiet = setTimeout(() => enough.abort(), QUIET_MS);
    }
    return tail;
  } finally {
    clearTimeout(quiet);
  }
}
