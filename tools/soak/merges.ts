import fc from 'fast-check';
import { breach, LEVELS, STRATEGIES } from '../../src/services/codecommit/merges/laws/testing.ts';
import { cases, mergeGround } from '../../src/services/codecommit/merges/testing.ts';
import type { Values } from './main.ts';

/** Merges of branches that have gone different ways, by each level and strategy, beside `git merge`. @returns what does not hold */
export async function soakMerges(values: Values): Promise<string[]> {
  const ground = await mergeGround();
  const found: string[] = [];
  const all = fc.sample(cases, { numRuns: Number(values.cases), seed: Number(values.seed) });
  for (const [index, one] of all.entries()) {
    for (const level of LEVELS)
      for (const strategy of STRATEGIES) {
        const differs = await breach(ground, [one], { level, strategy }).catch(String);
        if (differs) found.push(`${level} ${strategy}: ${differs}: ${JSON.stringify(one)}`);
      }
    if ((index + 1) % 100 === 0) process.stdout.write(`${index + 1} cases\n`);
  }
  await ground.close();
  return found;
}
