/**
 * The constant part of the driver, in POSIX shell (dash, bash, busybox). Names begin with `__cb_`. Rules:
 *
 * - Descriptor 7 carries reports, 8 the driver's own log lines; commands get neither.
 * - The user's shell options (-e, -u, -x, -f, -v) hold for the user's commands only: they are taken off behind each
 *   command and put before the next. PATH, IFS and functions may be the user's: the driver calls what it
 *   needs by absolute path or through `command`, and quotes.
 * - `progress` holds where the shell instance is, as assignments; written before and after each command.
 *   When the instance dies, the outer script finds `__cb_running=1` and hands the exit status to the next.
 */
const common = `
__cb_date=$(command -v date)
__cb_stamp() {
  __cb_time=$("$__cb_date" -u '+%s.%N %Y/%m/%d %H:%M:%S')
}
# A line with the time of the last one: a look at the clock is a process.
__cb_line() {
  command printf '[Container] %s %s\\n' "\${__cb_time#* }" "$1" >&8
}
__cb_log() {
  __cb_stamp
  __cb_line "$1"
}
`;

const outer = `
umask 022
# Told to end, it must not take the end of its shell for a command's.
trap 'exit 143' TERM
exec 7>&2 8>&1 2>&1 </dev/null
${common}
__cb_fault() {
  __cb_log "$1"
  command printf 'fault %s\\n' "$1" >&7
  exit 70
}
__cb_supervise() {
  command -v "$__cb_shell" >/dev/null || __cb_fault "The shell $__cb_shell is not in the build image"
  __cb_before=none
  while :; do
    "$__cb_shell" "$__cb_dir/phases.sh"
    __cb_status=$?
    [ ! -e "$__cb_dir/done" ] || exit 0
    __cb_progress=
    [ ! -e "$__cb_dir/progress" ] || __cb_progress=$(cat "$__cb_dir/progress")
    [ "$__cb_progress" != "$__cb_before" ] || __cb_fault "The build's shell cannot go on: exit status $__cb_status"
    __cb_before=$__cb_progress
    case $__cb_progress in
      *__cb_running=1*) echo "__cb_died=$__cb_status" >"$__cb_dir/died" ;;
    esac
  done
}
`;

const inner = `
${common}
__cb_od=$(command -v od) __cb_tr=$(command -v tr) __cb_grep=$(command -v grep)
__cb_next=INSTALL __cb_in= __cb_resume=-1 __cb_running=0 __cb_died= __cb_tries=0
__cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_options=
if [ -e "$__cb_dir/progress" ]; then
  . "$__cb_dir/environment" 2>/dev/null
  [ ! -e "$__cb_dir/variables" ] || . "$__cb_dir/variables" 2>/dev/null
  . "$__cb_dir/progress"
  __cb_died=
  [ ! -e "$__cb_dir/died" ] || . "$__cb_dir/died"
  IFS= read -r __cb_cwd <"$__cb_dir/cwd"
  cd "$__cb_cwd" 2>/dev/null || cd "$__cb_src"
  command rm -f "$__cb_dir/died" "$__cb_dir/variables"
else
  . "$__cb_dir/env.sh"
  CODEBUILD_BUILD_SUCCEEDING=1
  export CODEBUILD_BUILD_SUCCEEDING
  cd "$__cb_src"
fi
# CB-A30: ignored where no debug session is. Only bash takes such a name for a function, and only outside of its POSIX mode.
case ":\${SHELLOPTS-}:" in
  ::|*:posix:*) alias codebuild-breakpoint=: codebuild-resume=: ;;
  *) eval 'codebuild-breakpoint() { :; }; codebuild-resume() { :; }' ;;
esac
__cb_save() {
  command printf '__cb_next=%s __cb_in=%s __cb_resume=%s __cb_running=%s __cb_tries=%s\\n__cb_failed=%s __cb_failed_at=%s __cb_failed_with=%s __cb_options=%s\\n' \\
    "$__cb_next" "$__cb_in" "$__cb_resume" "$__cb_running" "$__cb_tries" \\
    "$__cb_failed" "$__cb_failed_at" "$__cb_failed_with" "$__cb_options" >|"$__cb_dir/progress"
}
__cb_keep() {
  export -p >|"$__cb_dir/environment"
  pwd >|"$__cb_dir/cwd"
}
__cb_leave() {
  __cb_options=
  case $- in *e*) __cb_options=e ;; esac
  case $- in *u*) __cb_options=\${__cb_options}u ;; esac
  case $- in *f*) __cb_options=\${__cb_options}f ;; esac
  case $- in *v*) __cb_options=\${__cb_options}v ;; esac
  case $- in *x*) __cb_options=\${__cb_options}x ;; esac
  [ -z "$__cb_options" ] || set "+$__cb_options"
}
__cb_dying() {
  { __cb_leave; } 2>/dev/null
  [ "$__cb_running" = 0 ] || __cb_dump
} 2>/dev/null
__cb_dump() {
  __cb_keep
  if [ -n "\${BASH_VERSION-}" ]; then
    { declare -p; declare -f; } >|"$__cb_dir/variables"
  else
    set >|"$__cb_dir/variables"
  fi
} 2>/dev/null
__cb_report() {
  command printf '%s %s ' "$1" "$2" >&7
  command printf %s "$3" | "$__cb_od" -An -v -tx1 | "$__cb_tr" -d ' \\n' >&7
  command printf '\\n' >&7
}
__cb_phase_begin() {
  [ "$__cb_next" = "$1" ] || return 1
  [ "$__cb_in" != "$1" ] || return 0
  __cb_in=$1 __cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_tries=$2
  __cb_log "Entering phase $1"
  command printf 'begin %s %s\\n' "$1" "\${__cb_time%% *}" >&7
}
__cb_begin() {
  if [ "$1" -lt "$__cb_resume" ]; then return 1; fi
  if [ "$1" -eq "$__cb_resume" ]; then
    if [ -n "$__cb_died" ]; then
      __cb_text=$3 __cb_block=$2
      __cb_end "$__cb_died"
      __cb_died=
    fi
    return 1
  fi
  if [ "$2" = commands ] && [ "$__cb_failed" = 1 ]; then return 1; fi
  if [ "$2" = finally ] && [ "$__cb_failed" = 2 ]; then return 1; fi
  __cb_resume=$1 __cb_running=1 __cb_block=$2
  __cb_save
  __cb_log "Running command $3"
  __cb_text=$3
  __cb_command=\${__cb_options:+set -$__cb_options
}$3
}
__cb_end() {
  __cb_status=$1
  { __cb_leave; } 2>/dev/null
  __cb_running=0
  if [ "$__cb_status" -ne 0 ]; then
    CODEBUILD_BUILD_SUCCEEDING=0
    export CODEBUILD_BUILD_SUCCEEDING
    if [ "$__cb_block" = finally ]; then __cb_failed=2; else __cb_failed=1; fi
    if [ -z "$__cb_failed_at" ]; then __cb_failed_at=$__cb_resume __cb_failed_with=$__cb_status; fi
    __cb_log "Command did not exit successfully $__cb_text exit status $__cb_status"
    __cb_message="Error while executing command: $__cb_text. Reason: exit status $__cb_status"
  fi
  __cb_keep
  __cb_save
}
__cb_phase_end() {
  if [ "$__cb_failed" = 0 ]; then
    __cb_next=$2
    __cb_log "Phase complete: $1 State: SUCCEEDED"
    command printf 'end %s SUCCEEDED %s\\n' "$1" "\${__cb_time%% *}" >&7
    __cb_line "Phase context status code:  Message: "
  elif [ "$__cb_tries" -gt 0 ] && command printf '%s\\n' "$__cb_message" | "$__cb_grep" -qE -e "$4"; then
    __cb_tries=$((__cb_tries - 1)) __cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_resume=$5
    __cb_log "Retrying phase $1, $__cb_tries more tries"
    __cb_dump
    __cb_save
    exit 0
  else
    __cb_next=$3
    __cb_log "Phase complete: $1 State: FAILED"
    command printf 'end %s FAILED %s %s %s\\n' "$1" "\${__cb_time%% *}" "$__cb_failed_at" "$__cb_failed_with" >&7
    __cb_line "Phase context status code: COMMAND_EXECUTION_ERROR Message: $__cb_message"
  fi
  __cb_in=
  __cb_save
}
[ -e "$__cb_dir/environment" ] || __cb_keep
trap __cb_dying 0
`;

export const DRIVER_LIBRARY = { outer, inner };
