/** In the environment of all that the work starts, so that what left its group, its session and its parents is found. */
export const MARKER = 'SLIPWAY_WORK';

/** In place of output that found no room; begins a line of its own. */
const LOST = 'Output was lost here: the disk was full.';

/**
 * The shell that is leader of the work's session. It takes the state directory, the work's id, its control group (or
 * nothing) and the command as arguments, and keeps all that a later server needs in files of that directory:
 *
 * - `started`: made exclusively, so that of several starts (a server that crashed before it knew) one wins;
 * - `pid`: its process id, the boot id of the machine and the start time, which together name a process for ever;
 * - `pumps`: the processes that write `stdout` and `stderr`. The work itself has pipes only (`out`, `err`), which
 *   nobody can cut off or write over: `echo x > /dev/stdout` opens its output anew. Once both ends are open the pipes
 *   can be opened for writing alone, so that the work does not take its own output away;
 * - `status`: the exit status, once the command and what it left behind have ended;
 * - `exit`: the same, once both outputs are complete too.
 *
 * All but the first are written over what work-dir.ts put there, in place, and then renamed: that needs no room on a
 * disk that the work has filled. The pumps wait for room. Of its output the log can lose what `cat` held, and says
 * so; of its reports nothing: each piece is written at its place until it is there whole.
 *
 * `trap : TERM` keeps the shell alive when its group is told to end, yet is not inherited by the command
 * (an ignored signal would be). At the end it ends what the command left behind: its process group, all that carries
 * the marker, and its control group. What took the marker off where there is no control group, and holds a pipe, has a
 * second until its pump is ended: one in which that did not wait for room (`NAME.reading` and `NAME.calm` are there), and
 * after which it sleeps with all its children, where that can be seen: a pump that a busy machine keeps from running may
 * hold what it has read, or have more to read.
 */
export const WRAPPER = `
cd "$1" || exit 1
id=$2 group=$3
shift 3
set -C
true 2>/dev/null >started || exit 0
set +C
trap : TERM INT HUP
mkfifo -m 666 out err || exit 1
: >out.reading
: >err.reading
: >out.calm
: >err.calm
there() { [ -e started ] || kill -s KILL -- -$$; }
pump_output() {
  exec <out
  until cat >>stdout; do
    mv out.reading out.waiting
    mv out.calm out.waited
    sleep 1
    until dd if=/dev/zero of=room bs=1024 count=256; do there; sleep 1; done
    rm room
    printf '\\n%s\\n' '${LOST}' >>stdout
    mv out.waiting out.reading
  done
}
pump_reports() {
  exec <err
  at=0
  while piece=$(dd bs=4096 count=1; echo .); piece=\${piece%.}; [ -n "$piece" ]; do
    mv err.reading err.waiting
    until printf %s "$piece" | dd of=stderr bs=1 seek="$at" conv=notrunc; do
      mv err.calm err.waited
      there
      sleep 1
    done
    at=$(wc -c <stderr)
    mv err.waiting err.reading
  done
}
idle() {
  [ -e /proc/$$/task/$$/children ] || return 0
  read -r state </proc/$1/stat || return 1
  case \${state##*) } in S*) ;; *) return 1 ;; esac
  for child in $(cat /proc/$1/task/$1/children); do idle $child || return 1; done
}
end_pump() {
  until
    until [ -e "$1.reading" ]; do sleep 1; done
    mv "$1.waited" "$1.calm"
    sleep 1
    [ -e "$1.reading" ] && [ -e "$1.calm" ] && idle "$2"
  do :; done
  kill -s KILL "$2"
}
(trap '' TERM INT HUP; pump_output) 2>/dev/null &
pump1=$!
(trap '' TERM INT HUP; pump_reports) 2>/dev/null &
pump2=$!
exec 5>out 6>err
chmod 222 out err
echo "$pump1 $pump2" 1<>pumps
boot=- times=-
if [ -r /proc/$$/stat ]; then
  read -r boot </proc/sys/kernel/random/boot_id
  read -r times </proc/$$/stat
  times=\${times##*)}
fi
echo "$$ $boot $times" 1<>pid
${MARKER}=$id "$@" >&5 2>&6 5>&- 6>&- </dev/null
code=$?
exec 5>&- 6>&-
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
[ -z "$group" ] || echo 1 >"$group/cgroup.kill"
until printf '%03d\\n' "$code" 1<>exit.new && mv exit.new status; do there; sleep 1; done
(end_pump out $pump1) >/dev/null 2>&1 &
(end_pump err $pump2) >/dev/null 2>&1 &
wait $pump1 $pump2 2>/dev/null
mv status exit
kill -s KILL -- -$$
`;
