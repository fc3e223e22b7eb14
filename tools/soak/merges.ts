import fc from 'fast-check';
import { breach, LEVELS, STRATEGIES } from '../../src/services/codecommit/merges/laws/testing.ts';
import {
  cases,
  mergeGround,
  ReferenceAborted,
} from '../../src/services/codecommit/merges/testing.ts';
import type { Values } from './main.ts';

/** The part of the merges that `git merge` itself may abort. */
const MOST_EXCLUDED = 0.01;

/** Merges of branches that have gone different ways, by each level and strategy, beside `git merge`. @returns what does not hold */
export async function soakMerges(values: Values): Promise<string[]> {
  const ground = await mergeGround();
  const found: string[] = [];
  const excluded: string[] = [];
  const all = fc.sample(cases, { numRuns: Number(values.cases), seed: Number(values.seed) });
  for (const [index, one] of all.entries()) {
    for (const level of LEVELS)
      for (const strategy of STRATEGIES) {
        const which = `${level} ${strategy}`;
        const differs = await breach(ground, [one], { level, strategy }).catch((error: Error) => {
          if (!(error instanceof ReferenceAborted)) return `${error}`;
          excluded.push(`${which}: ${error.message}: ${JSON.stringify(one)}`);
          return undefined;
        });
        if (differs) found.push(`${which}: ${differs}: ${JSON.stringify(one)}`);
      }
    if ((index + 1) % 100 === 0) process.stdout.write(`${index + 1} cases\n`);
  }
  await ground.close();
  const merges = all.length * LEVELS.length * STRATEGIES.length;
  process.stdout.write(`${merges} merges, ${excluded.length} without a reference\n`);
  for (const one of excluded) process.stdout.write(`no reference: ${one}\n`);
  // A few are git's own trouble; of more nothing would be known.
  if (excluded.length > merges * MOST_EXCLUDED)
    found.push(`git merge itself aborts ${excluded.length} of ${merges} merges`);
  return found;
}
