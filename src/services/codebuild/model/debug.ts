import type { EnvironmentVariable } from '@aws-sdk/client-codebuild';
import { quote } from './shell-word.ts';

/** A build that somebody may look into while it runs (CB-J10). */
export interface Debugging {
  /** It pauses where a command fails, as at a breakpoint. */
  pausesOnFailure?: true;
}

/** The variable of StartBuild by which one asks for that; AWS has no member for it. It is taken out again. */
const PAUSE_ON_FAILURE = 'SLIPWAY_PAUSE_ON_FAILURE';

export const isDebugVariable = ({ name }: EnvironmentVariable): boolean =>
  name === PAUSE_ON_FAILURE;

/** What StartBuild asks for. */
export function debuggingOf(
  enabled: boolean | undefined,
  variables: EnvironmentVariable[],
): Debugging | undefined {
  if (!enabled) return undefined;
  const pauses = variables.some((each) => isDebugVariable(each) && each.value === 'true');
  return pauses ? { pausesOnFailure: true } : {};
}

/** What Session Manager calls a build: its UUID. */
export const sessionTargetOf = (id: string): string => `codebuild:${id.split(':')[1] ?? id}`;

/** Of the driver's directory. */
export const SESSION_SCRIPT = 'session.sh';

/**
 * The commands of a build with a debug session (CB-A30), as files of the driver's directory. A pause waits at a pipe, so
 * that it costs nothing and ends at once; what the session's shell needs of the paused one lies beside it.
 */
export function debugFiles(directory: string, buildId: string): Record<string, string> {
  return {
    'bin/codebuild-breakpoint': `#!/bin/sh
dir=${quote(directory)}
export -p >"$dir/paused.env" && pwd >"$dir/paused.cwd" && rm -f "$dir/resume" && mkfifo "$dir/resume" || {
  echo "codebuild-breakpoint: the build cannot pause: $dir cannot be written to" >&2
  exit 0
}
say() { printf '[Container] %s %s\\n' "$(date -u '+%Y/%m/%d %H:%M:%S')" "$1"; }
: >"$dir/paused"
say ${quote(PAUSED)}"\${1-breakpoint}"
say ${quote(`To look around: aws ssm start-session --target ${sessionTargetOf(buildId)}, or: slipway shell ${buildId}`)}
say 'To go on, in there: codebuild-resume'
read -r _ <"$dir/resume"
rm -f "$dir/paused" "$dir/paused.env" "$dir/paused.cwd" "$dir/resume"
say 'Resumed'
`,
    'bin/codebuild-resume': `#!/bin/sh
dir=${quote(directory)}
# Of several only one finds it paused.
if mv "$dir/paused" "$dir/resumed" 2>/dev/null; then
  rm -f "$dir/resumed"
  echo >"$dir/resume"
else
  echo 'codebuild-resume: this build is not paused'
fi
`,
    [SESSION_SCRIPT]: `dir=${quote(directory)}
for file in "$dir/env.sh" "$dir/environment" "$dir/paused.env"; do
  [ ! -e "$file" ] || . "$file" 2>/dev/null
done
for file in "$dir/paused.cwd" "$dir/cwd"; do
  [ -e "$file" ] && IFS= read -r where <"$file" && cd "$where" 2>/dev/null && break
done
unset dir file where
case ":$PATH:" in *:${directory}/bin:*) ;; *) PATH=$PATH:${quote(directory)}/bin ;; esac
[ $# = 0 ] || exec "\${BASH:-sh}" -c "$1"
command -v bash >/dev/null && exec bash -i
exec sh -i
`,
  };
}

/** How the log says that a build is paused; where follows. */
export const PAUSED = 'Paused at: ';
