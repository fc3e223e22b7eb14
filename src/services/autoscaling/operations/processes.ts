import { invalid } from '../errors.ts';
import { PROCESSES, type Process } from '../model/group.ts';
import { stamp } from '../model/texts.ts';
import { onGroup } from '../resources/group.ts';
import { autoscaling, changed } from './declare.ts';

/** All of them, where none is named. */
function processes(named: readonly string[] = []): Process[] {
  if (named.length === 0) return [...PROCESSES];
  return [...new Set(named)].map((name) => {
    const found = PROCESSES.find((process) => process === name);
    if (!found) throw invalid(`Invalid scaling process: ${name}`);
    return found;
  });
}

export const suspendProcesses = autoscaling(
  'suspendProcesses',
  onGroup,
  async (ctx, { ScalingProcesses }, group) => {
    const wanted = processes(ScalingProcesses);
    await changed(ctx, group, ({ body, now }) => {
      const reason = `User suspended at ${stamp(now)}`;
      for (const process of wanted)
        if (!body.suspended.some((one) => one.process === process))
          body.suspended.push({ process, reason });
    });
    return {};
  },
);

export const resumeProcesses = autoscaling(
  'resumeProcesses',
  onGroup,
  async (ctx, { ScalingProcesses }, group) => {
    const wanted = processes(ScalingProcesses);
    await changed(ctx, group, ({ body }) => {
      body.suspended = body.suspended.filter(({ process }) => !wanted.includes(process));
    });
    return {};
  },
);

export const describeScalingProcessTypes = autoscaling(
  'describeScalingProcessTypes',
  {},
  async () => ({ Processes: PROCESSES.map((ProcessName) => ({ ProcessName })) }),
);
