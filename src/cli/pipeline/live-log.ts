import { printable } from '../../lib/printable.ts';
import type { Server } from '../server.ts';
import { buildLog, type Reading } from './build-log.ts';
import type { Output } from './output.ts';
import { tailOf } from './tail.ts';
import type { ActionView, ExecutionView } from './view.ts';

/** A log that is being read. */
interface ActionReading extends Reading {
  /** Its action had ended before it was read the last time. */
  complete?: boolean;
}

/** Each call writes what the builds of an execution have said since the one before, and why a deployment failed. */
export function liveLog(server: Server, output: Output, json: boolean | undefined) {
  const readBuild = buildLog(server);
  const readings = new Map<string, ActionReading>();
  const write = ({ stage, name }: ActionView, line: string) =>
    output.write(
      json
        ? `${JSON.stringify({ type: 'log', stage, action: name, line })}\n`
        : `    | ${printable(line)}\n`,
    );
  return async ({ stages }: ExecutionView): Promise<void> => {
    for (const action of stages.flatMap((stage) => stage.actions)) {
      const id = action.actionExecutionId;
      const reading = (id && readings.get(id)) || {};
      if (!id || reading.complete) continue;
      readings.set(id, reading);
      const ended = action.status !== 'InProgress';
      if (action.provider === 'CodeBuild')
        await readBuild(action.externalExecutionId, reading, (line) => write(action, line));
      // A build that never began has no log, and says why by its phases.
      if (action.status === 'Failed' && !reading.stream)
        for (const line of await tailOf(server, action).catch(() => [])) write(action, line);
      reading.complete = ended;
    }
  };
}
