/**
 * The shell that is process 1 of the container. An engine starts a container that has ended again when it is told
 * to; this makes the command run once all the same: the directory is made by one start only, and later starts end
 * with the first one's status. `trap : TERM` keeps it alive until the command has ended by the signal.
 */
export const WRAPPER = `
root=$1
shift
mkdir -p "$root"
mkdir "$root/.work" 2>/dev/null || exit "$(cat "$root/.work/exit" 2>/dev/null || echo 137)"
trap : TERM INT HUP
cd "$root"
"$@" </dev/null
code=$?
echo "$code" >"$root/.work/exit"
exit "$code"
`;

/** The same for a machine, whose command runs at each start. */
export const MACHINE_WRAPPER = `
root=$1
shift
mkdir -p "$root"
trap : TERM INT HUP
cd "$root"
"$@" </dev/null
`;

/** What `stop` puts into a container that was never started, so that it never runs. */
export const NEVER_RUN: Record<string, string> = { '.work/exit': '143\n' };
