/**
 * The shell that runs as leader of the work's session. It takes the state directory and the command as
 * arguments, and keeps all that a later server needs in files there:
 *
 * - `started`: made exclusively, so that of several starts (a server that crashed before it knew) one wins;
 * - `pid`: its process id, the boot id of the machine and the start time, which together name a process for ever;
 * - `stdout`, `stderr`: written by the command itself, so there is no gap when the server goes away;
 * - `exit`: the status, with a line end that tells a whole file from one half written.
 *
 * `trap : TERM` keeps the shell alive when its group is told to end, yet is not inherited by the command
 * (an ignored signal would be). At the end it ends what the command left in the background.
 */
export const WRAPPER = `
cd "$1" || exit 1
shift
set -C
true 2>/dev/null >started || exit 0
set +C
trap : TERM INT HUP
boot=- times=-
if [ -r /proc/$$/stat ]; then
  read -r boot </proc/sys/kernel/random/boot_id
  read -r times </proc/$$/stat
  times=\${times##*)}
fi
echo "$$ $boot $times" >pid
"$@" >>stdout 2>>stderr </dev/null
code=$?
trap '' TERM INT HUP
kill -s TERM -- -$$ 2>/dev/null
echo "$code" >exit
kill -s KILL -- -$$
`;
