import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LOGS } from './layout.ts';

const LINES = 100;
const MOST_BYTES = 64 * 1024;

/** The last hundred lines of each log of the application and of the agent. */
export async function tailOf(): Promise<string> {
  const names = (await readdir(LOGS)).filter(
    (name) => name === 'eb-engine.log' || name.endsWith('.stdout.log'),
  );
  const parts: string[] = [];
  for (const name of names.sort()) {
    const text = await endOf(join(LOGS, name));
    const last = text
      .split('\n')
      .slice(-LINES - 1)
      .join('\n');
    parts.push(
      `-------------------------------------\n${LOGS}/${name}\n-------------------------------------\n${last}`,
    );
  }
  return parts.join('\n');
}

async function endOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - MOST_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}
