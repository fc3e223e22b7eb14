import type { Buildspec } from './buildspec.ts';
import type { Debugging } from './debug.ts';
import { DRIVER_LIBRARY } from './driver-library.ts';
import { RUNTIMES } from './driver-runtimes.ts';
import { COMMAND_PHASES, type CommandPhase, nextPhase, type Step, steps } from './phases.ts';
import { quote } from './shell-word.ts';

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
  /** By runtime: versions that the build finds for itself. */
  runtimes?: Record<string, string>;
  /** The keys of its cache as the buildspec has them, and whether the build waits for what it has kept. */
  cache?: { keys: string[]; waits: boolean } | undefined;
  /** Variables whose last value is reported. */
  reported: string[];
  /** The commands of `debugFiles` are there. */
  debug?: Debugging | undefined;
  /** Its one command runs what StartCommandExecution brings. */
  sandbox?: boolean;
}

/** The files of a driver: name to content, all for mode 0600. */
export interface Driver {
  'driver.sh': string;
  'phases.sh': string;
  'env.sh': string;
  'keys.sh'?: string;
}

/** CB-A30: nothing where no debug session is. Inside of other commands the shell knows them (driver-library.ts). */
const DEBUG_COMMAND = /^\s*codebuild-(breakpoint|resume)\s*$/;
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
  return {
    ...{ 'driver.sh': outer(input), 'phases.sh': inner(input), 'env.sh': envFile(input) },
    ...(input.cache && { 'keys.sh': keysFile(input, input.cache.keys) }),
  };
}

/** Prints the keys, in hexadecimal digits, each in a shell of its own. In such a document quotes are what they are. */
function keysFile({ directory, sourceDirectory }: DriverInput, keys: string[]): string {
  const begin = [`. ${quote(`${directory}/env.sh`)}`, `cd ${quote(sourceDirectory)}`];
  const print = (key: string) => {
    const script = `cat <<__cb_key\n${key}\n__cb_key\n`;
    return `printf k; ( eval ${quote(script)} </dev/null ) | od -An -v -tx1 | tr -d ' \\n'; echo`;
  };
  return [...begin, ...keys.map(print), ''].join('\n');
}

function envFile(input: DriverInput): string {
  const lines = Object.entries(input.environment)
    .filter(([name]) => settable(name))
    .map(([name, value]) => `export ${name}=${quote(value.replaceAll('\0', ''))}\n`);
  const bin = `${input.directory}/bin`;
  // Behind what the image has.
  const path = `case ":$PATH:" in *:${quote(bin)}:*) ;; *) export PATH="$PATH":${quote(bin)} ;; esac\n`;
  return lines.join('') + path;
}

function outer({ spec, directory, sourceDirectory, prelude, cache }: DriverInput): string {
  return [
    `__cb_dir=${quote(directory)}`,
    `__cb_shell=${spec.shell}`,
    DRIVER_LIBRARY.outer,
    '__cb_stamp',
    ...prelude.map((line) => `__cb_line ${quote(line)}`),
    ...(cache ? [`__cb_cache ${cache.waits ? 'waits' : ''}`] : []),
    `__cb_unpack source ${quote(sourceDirectory)}`,
    '__cb_unpack home "$HOME"',
    '__cb_unpack root /',
    '__cb_supervise',
    '',
  ].join('\n');
}

function inner(input: DriverInput): string {
  const { spec, directory, sourceDirectory } = input;
  const all = steps(spec).map((step, index) => ({ ...step, index }));
  const phases = (Object.keys(COMMAND_PHASES) as CommandPhase[]).map((phase) =>
    phaseScript(
      input,
      phase,
      all.filter((step) => step.phase === phase),
    ),
  );
  return [
    `__cb_dir=${quote(directory)}`,
    `__cb_src=${quote(sourceDirectory)}`,
    `__cb_shell=${spec.shell}`,
    `__cb_debug=${input.debug ? 'yes' : ''}`,
    `__cb_pauses=${input.debug?.pausesOnFailure ? 'yes' : ''}`,
    `__cb_home_given=${Object.hasOwn(input.environment, 'HOME') ? 'yes' : ''}`,
    DRIVER_LIBRARY.inner,
    ...runtimeFunctions(input.runtimes ?? {}),
    ...phases,
    '__cb_leave',
    ...input.reported.filter((name) => VARIABLE_NAME.test(name)).map(reportVariable),
    ...Object.entries(input.names).map(reportName),
    'command printf "done\\n" >&7',
    '# The file tells the outer script that this was the end.',
    '{ : >"$__cb_dir/done"; } 2>/dev/null',
    '',
  ].join('\n');
}

/** What the first phase begins with. */
function runtimeFunctions(runtimes: Record<string, string>): string[] {
  const asked = Object.entries(runtimes).map(
    ([name, version]) =>
      `  [ "$__cb_failed" != 0 ] || __cb_runtime ${quote(name)} ${quote(version)}`,
  );
  return asked.length > 0 ? [RUNTIMES, ['__cb_runtimes() {', ...asked, '}'].join('\n')] : [];
}

function phaseScript(
  { spec, debug, sandbox }: DriverInput,
  phase: CommandPhase,
  own: (Step & { index: number })[],
): string {
  const onFailure = spec.phases[COMMAND_PHASES[phase]]?.onFailure ?? { kind: 'default' };
  const [retries, pattern] =
    onFailure.kind === 'retry' ? [onFailure.retries, onFailure.pattern ?? ''] : [0, ''];
  const onSuccess = nextPhase(phase, 'SUCCEEDED', onFailure);
  const onError = nextPhase(phase, 'FAILED', onFailure);
  const run = (command: string) => {
    if (sandbox) return '__cb_sandbox';
    const [, word] = DEBUG_COMMAND.exec(command) ?? [];
    if (!word) return runner(spec.version);
    return debug ? `"$__cb_dir/bin/codebuild-${word}" 7>&- 8>&-` : ':';
  };
  return [
    `if __cb_phase_begin ${phase} ${retries} ${own.length > 0 ? quote(userOf(spec, phase)) : '-'}; then`,
    ...own.map(
      ({ index, block, command }) =>
        `if __cb_begin ${index} ${block} ${quote(command)}; then\n${run(command)}\n{ __cb_end $?; } 2>/dev/null; fi`,
    ),
    `__cb_phase_end ${phase} ${onSuccess} ${onError} ${quote(pattern)} ${(own[0]?.index ?? 0) - 1}`,
    'fi',
  ].join('\n');
}

/** CB-A5, CB-A16: empty for root, as whom the build begins. */
function userOf(spec: Buildspec, phase: CommandPhase): string {
  const user = spec.phases[COMMAND_PHASES[phase]]?.runAs ?? spec.runAs ?? '';
  return user === 'root' || user === '0' ? '' : user;
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
