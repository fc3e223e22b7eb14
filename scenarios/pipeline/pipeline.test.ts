import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { eachDialect } from '../../src/db/testing.ts';
import { startPipelineServer } from '../../src/services/codepipeline/testing.ts';
import { Player, type Scenario } from './scenario.ts';

// Each file beside this one is a pipeline, what people and providers do, and what must follow.

const folder = import.meta.dirname;
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

eachDialect('pipeline scenarios', (makeDatabase) => {
  for (const file of files) {
    const scenario = parse(readFileSync(join(folder, file), 'utf8')) as Scenario;
    it(`${scenario.rows}: ${scenario.title}`, async () => {
      const server = await startPipelineServer(await makeDatabase());
      try {
        const player = new Player(server, scenario);
        for (const step of scenario.steps) {
          const what = JSON.stringify(Object.entries(step)[0]);
          const happened = await player.play(step);
          if (step.error !== undefined) expect(happened, what).toContain(step.error);
          else expect(happened, what).toEqual(step.then ?? []);
        }
        expect(await player.ends()).toEqual(scenario.ends);
        const lost = scenario.steps.filter((step) => 'lose answer' in step).length;
        const starts = [...server.providers.starts.values()].reduce((sum, n) => sum + n, 0);
        expect(starts - server.providers.starts.size, 'started again').toBe(lost);
      } finally {
        await server.stop();
      }
    });
  }
});
