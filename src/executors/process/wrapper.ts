/** In the environment of all that the work starts, so that what left its group, its session and its parents is found. */
export const MARKER = 'SLIPWAY_WORK';

/**
 * The shell that is leader of the work's session. It takes the state directory, the work's id and the command as
 * arguments, and keeps all that a later server needs in files of that directory:
 *
 * - `started`: made exclusively, so that of several starts (a server that crashed before it knew) one wins;
 * - `pid`: its process id, the boot id of the machine and the start time, which together name a process for ever;
 * - `pumps`: the processes that write `stdout` and `stderr`. The work itself has pipes only (`out`, `err`), which
 *   nobody can cut off or write over: `echo x > /dev/stdout` opens its output anew;
 * - `exit`: the status, with a line end that tells a whole file from one half written. It comes when both
 *   outputs are complete.
 *
 * `trap : TERM` keeps the shell alive when its group is told to end, yet is not inherited by the command
 * (an ignored signal would be). At the end it ends what the command left behind: its group, and all that carries
 * the marker. What took the marker off and holds a pipe has a second until the pumps are ended.
 */
export const WRAPPER = `
cd "$1" || exit 1
id=$2
shift 2
set -C
true 2>/dev/null >started || exit 0
set +C
trap : TERM INT HUP
mkfifo -m 666 out err || exit 1
(trap '' TERM INT HUP; exec cat <out >>stdout) &
pump1=$!
(trap '' TERM INT HUP; exec cat <err >>stderr) &
pump2=$!
echo "$pump1 $pump2" >pumps
boot=- times=-
if [ -r /proc/$$/stat ]; then
  read -r boot </proc/sys/kernel/random/boot_id
  read -r times </proc/$$/stat
  times=\${times##*)}
fi
echo "$$ $boot $times" >pid
${MARKER}=$id "$@" >out 2>err </dev/null
code=$?
trap '' TERM INT HUP
kill -s TERM -- -$$ 2>/dev/null
rounds=0
while [ -d /proc/$$ ] && [ $rounds -lt 50 ]; do
  rounds=$((rounds + 1)) left=
  for file in $(grep -lsF "${MARKER}=$id" /proc/[0-9]*/environ); do
    file=\${file#/proc/} left=1
    kill -s KILL "\${file%/environ}" 2>/dev/null
  done
  [ -n "$left" ] || break
done
(sleep 1; kill -s KILL $pump1 $pump2) >/dev/null 2>&1 &
wait $pump1 $pump2 2>/dev/null
echo "$code" >exit
kill -s KILL -- -$$
`;
