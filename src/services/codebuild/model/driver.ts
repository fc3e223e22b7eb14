import type { Buildspec } from './buildspec.ts';
import { DRIVER_LIBRARY } from './driver-library.ts';
import { COMMAND_PHASES, type CommandPhase, nextPhase, type Step, steps } from './phases.ts';

/** What the driver needs besides the buildspec. */
export interface DriverInput {
  spec: Buildspec;
  /** Where the driver's files are, as the build sees it. */
  directory: string;
  /** The primary source: where the commands begin. */
  sourceDirectory: string;
  environment: Record<string, string>;
  /** Printed to the log before the first phase. */
  prelude: string[];
  /** Names of artifacts that the shell evaluates at the end, by artifact id. */
  names: Record<string, string>;
  /** Variables whose last value is reported. */
  reported: string[];
}

/** The files of a driver: name to content, all for mode 0600. */
export interface Driver {
  'driver.sh': string;
  'phases.sh': string;
  'env.sh': string;
}

/** CB-A30: nothing where no debug session is. Inside of other commands the shell knows them (driver-library.ts). */
const IGNORED = /^\s*codebuild-(breakpoint|resume)\s*$/;
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names that a shell keeps to itself, or that would break the driver. */
const SHELLS_OWN = /^(PPID|UID|EUID|IFS|BASHOPTS|SHELLOPTS|BASH_.*|__cb_.*)$/;

/** Whether the build's shell can be given a variable of this name. */
export function settable(name: string): boolean {
  return VARIABLE_NAME.test(name) && !SHELLS_OWN.test(name);
}

/**
 * The shell scripts that run a buildspec's phases, so that a build goes on without the server. The outer
 * one (driver.sh) starts the inner one (phases.sh), which runs all commands in one shell instance as
 * version 0.2 says. When a command ends that shell (`exit`, `set -e`, a syntax error), the outer one starts
 * another, which takes up the environment and goes on behind that command.
 *
 * Standard output is the build's log. On standard error the driver, and only it, reports (see report.ts).
 */
export function makeDriver(input: DriverInput): Driver {
  return { 'driver.sh': outer(input), 'phases.sh': inner(input), 'env.sh': envFile(input) };
}

/** Text as one word of a POSIX shell. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function envFile(input: DriverInput): string {
  const lines = Object.entries(input.environment)
    .filter(([name]) => settable(name))
    .map(([name, value]) => `export ${name}=${quote(value.replaceAll('\0', ''))}\n`);
  return lines.join('');
}

function outer({ spec, directory, prelude }: DriverInput): string {
  return [
    `__cb_dir=${quote(directory)}`,
    `__cb_shell=${spec.shell}`,
    DRIVER_LIBRARY.outer,
    '__cb_stamp',
    ...prelude.map((line) => `__cb_line ${quote(line)}`),
    '__cb_supervise',
    '',
  ].join('\n');
}

function inner(input: DriverInput): string {
  const { spec, directory, sourceDirectory } = input;
  const all = steps(spec).map((step, index) => ({ ...step, index }));
  const phases = (Object.keys(COMMAND_PHASES) as CommandPhase[]).map((phase) =>
    phaseScript(
      spec,
      phase,
      all.filter((step) => step.phase === phase),
    ),
  );
  return [
    `__cb_dir=${quote(directory)}`,
    `__cb_src=${quote(sourceDirectory)}`,
    `__cb_shell=${spec.shell}`,
    DRIVER_LIBRARY.inner,
    ...phases,
    '__cb_leave',
    ...input.reported.filter((name) => VARIABLE_NAME.test(name)).map(reportVariable),
    ...Object.entries(input.names).map(reportName),
    'command printf "done\\n" >&7',
    '# The file tells the outer script that this was the end.',
    ': >"$__cb_dir/done"',
    '',
  ].join('\n');
}

function phaseScript(
  spec: Buildspec,
  phase: CommandPhase,
  own: (Step & { index: number })[],
): string {
  const onFailure = spec.phases[COMMAND_PHASES[phase]]?.onFailure ?? { kind: 'default' };
  const [retries, pattern] =
    onFailure.kind === 'retry' ? [onFailure.retries, onFailure.pattern ?? ''] : [0, ''];
  const onSuccess = nextPhase(phase, 'SUCCEEDED', onFailure);
  const onError = nextPhase(phase, 'FAILED', onFailure);
  const run = (command: string) => (IGNORED.test(command) ? ':' : runner(spec.version));
  return [
    `if __cb_phase_begin ${phase} ${retries}; then`,
    ...own.map(
      ({ index, block, command }) =>
        `if __cb_begin ${index} ${block} ${quote(command)}; then\n${run(command)}\n{ __cb_end $?; } 2>/dev/null; fi`,
    ),
    `__cb_phase_end ${phase} ${onSuccess} ${onError} ${quote(pattern)} ${(own[0]?.index ?? 0) - 1}`,
    'fi',
  ].join('\n');
}

/**
 * How a command is run. `eval` at the top level, not in a function, for `declare`; the driver's own
 * descriptors are closed, so that nothing of the build writes there by accident.
 */
function runner(version: Buildspec['version']): string {
  return version === '0.1'
    ? '"$__cb_shell" -c "$__cb_command" 7>&- 8>&-'
    : 'eval "$__cb_command" 7>&- 8>&-';
}

function reportVariable(name: string): string {
  return `[ "\${${name}+set}" != set ] || __cb_report variable ${name} "$${name}"`;
}

/** In a shell of its own: what the name does must not hurt the driver. */
function reportName([id, text]: [string, string]): string {
  const script = `command printf %s "${text.replaceAll('"', '\\"')}"`;
  return `__cb_value=$(eval ${quote(script)} 2>/dev/null 7>&- 8>&-) && __cb_report name ${quote(id)} "$__cb_value"`;
}
