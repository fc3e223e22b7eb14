import { setTimeout as sleep } from 'node:timers/promises';
import { CodePipelineClient } from '@aws-sdk/client-codepipeline';
import { clientConfig, type Server } from '../server.ts';
import { asker } from './answers.ts';
import { flakyReader } from './flaky.ts';
import { liveLog } from './live-log.ts';
import type { Output } from './output.ts';
import { tailReader } from './tail.ts';
import { changes, type Flaky, screen, type Tails } from './text.ts';
import { type ExecutionView, executionView, hasEnded } from './view.ts';

/** Nothing polls faster. */
const LOOK_EVERY_MS = 1_000;

export interface Followed {
  pipeline: string;
  executionId: string;
  json?: boolean | undefined;
  /** Shows what builds say while they say it. */
  live?: boolean | undefined;
}

/** Shows an execution until it ends: a terminal is drawn again, others get a line for each thing that happens. */
export async function follow(
  server: Server,
  { pipeline, executionId, json, live }: Followed,
  output: Output,
): Promise<ExecutionView> {
  const client = new CodePipelineClient(clientConfig(server));
  const ask = asker(client, pipeline, executionId);
  const tails = tailReader(server);
  const flaky = flakyReader(server);
  const show = json || live || !output.isTTY ? lines(output, json) : redrawn(output);
  const log = live ? liveLog(server, output, json) : undefined;
  for (;;) {
    const view = executionView(await ask());
    if (log) {
      show({ ...view, status: 'InProgress', stages: begun(view) }, NONE, NO_TESTS);
      await log(view);
      show(view, NONE, await flaky(view));
    } else show(view, await tails(view), await flaky(view));
    if (hasEnded(view)) return view;
    await sleep(LOOK_EVERY_MS);
  }
}

const NONE: Tails = new Map();
const NO_TESTS: Flaky = new Map();

/** As if nothing had ended: what an action says stands between its beginning and its end. */
const begun = ({ stages }: ExecutionView): ExecutionView['stages'] =>
  stages.map((stage) => ({
    ...stage,
    actions: stage.actions.map((action) =>
      action.status === 'Waiting'
        ? action
        : { ...action, status: 'InProgress', end: undefined, error: undefined, summary: undefined },
    ),
  }));

type Show = (view: ExecutionView, tails: Tails, flaky: Flaky) => void;

function lines(output: Output, json: boolean | undefined): Show {
  const told = new Set<string>();
  return (view, tails, flaky) => {
    for (const { kind, key, line, data } of changes(view, tails, flaky)) {
      if (told.has(`${kind} ${key}`)) continue;
      told.add(`${kind} ${key}`);
      output.write(`${json ? JSON.stringify({ type: kind, ...data }) : line}\n`);
    }
  };
}

function redrawn(output: Output): Show {
  let drawn = 0;
  return (view, tails, flaky) => {
    // A terminal that does not know its size says 0.
    const columns = output.columns || 80;
    const all = screen(view, tails, Date.now(), flaky).map((line) =>
      [...line].slice(0, columns).join(''),
    );
    // What has scrolled out of a terminal cannot be drawn over; the end is shown whole.
    const shown = hasEnded(view) ? all : all.slice(0, Math.max(1, (output.rows || 24) - 1));
    const up = drawn > 0 ? `\u001b[${drawn}A` : '';
    output.write(`${up}\r\u001b[J${shown.join('\n')}\n`);
    drawn = shown.length;
  };
}
