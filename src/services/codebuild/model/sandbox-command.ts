import type { CommandExecution } from '@aws-sdk/client-codebuild';
import { defined } from '../../../lib/defined.ts';
import type { BuildFacts } from './build-draft.ts';
import { sandboxArn } from './sandbox.ts';

/** A command of StartCommandExecution. */
export interface SandboxCommand {
  id: string;
  /** Of the commands of a sandbox, in the order in which they came. */
  number: number;
  /** The sandbox has been told of it. */
  asked: boolean;
  command: string;
  submitTime: Date;
  startTime?: Date;
  endTime?: Date;
  exitCode?: number;
  output?: string;
  error?: string;
}

/** As BatchGetCommandExecutions shows it. */
export function executionOf(
  { id, build }: Pick<BuildFacts, 'id' | 'build'>,
  command: SandboxCommand,
): CommandExecution {
  const { submitTime, startTime, endTime, exitCode } = command;
  return {
    ...{ id: command.id, sandboxId: id, sandboxArn: sandboxArn(build.arn ?? '') },
    ...{ submitTime, status: statusOf(command, build.buildComplete === true) },
    ...{ command: command.command, type: 'SHELL' },
    ...defined({ startTime, endTime, logs: build.logs }),
    ...defined({ exitCode: exitCode === undefined ? undefined : String(exitCode) }),
    // AWS's texts are never empty.
    ...defined({ standardOutputContent: command.output || undefined }),
    ...defined({ standardErrContent: command.error || undefined }),
  };
}

function statusOf({ startTime, exitCode }: SandboxCommand, over: boolean): string {
  if (exitCode !== undefined) return exitCode === 0 ? 'SUCCEEDED' : 'FAILED';
  if (over) return 'STOPPED';
  return startTime ? 'IN_PROGRESS' : 'SUBMITTED';
}
