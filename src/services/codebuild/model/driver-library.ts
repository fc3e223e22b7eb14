/**
 * The constant part of the driver, in POSIX shell (dash, bash, busybox). Names begin with `__cb_`. Rules:
 *
 * - Descriptor 7 carries reports, 8 the driver's own log lines; commands get neither.
 * - The user's shell options (-e, -u, -x, -f, -v) hold for the user's commands only: they are taken off behind each
 *   command and put before the next. PATH, IFS and functions may be the user's: the driver calls what it
 *   needs by absolute path or through `command`, and quotes.
 * - `progress` holds where the shell instance is, as assignments; written before and after each command.
 *   When the instance dies, the outer script finds `__cb_running=1` and hands the exit status to the next.
 * - A command may delete the driver's files. An instance that is running goes on without them (`command` before a special
 *   builtin keeps a redirection that fails from ending it); when it has ended, there is no next one.
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
# CB-F1: what the last build has left, in files of its own; a build does without what cannot be unpacked. Of what broke off
# on its way here there is no mark behind it: a part of a cache would be kept for the next build in place of the whole.
__cb_unpack() {
  [ -e "$__cb_dir/cache-$1.tar" ] || return 0
  { [ -s "$__cb_dir/cache-whole" ] && mkdir -p "$2" && tar -xf "$__cb_dir/cache-$1.tar" -C "$2"; } || __cb_log "The cache below $2 cannot be unpacked"
  rm -f "$__cb_dir/cache-$1.tar"
}
# CB-A23: says which keys its cache has. The server brings what there is of them, and then the lines for the log; one that
# is away must not keep the build for ever.
__cb_cache() {
  command printf 'cache %s\\n' "$(echo $("$__cb_shell" "$__cb_dir/keys.sh" 7>&- 8>&-))" >&7
  [ -n "\${1-}" ] || return 0
  __cb_left=6000
  while ! [ -e "$__cb_dir/cache-ready" ] && [ "$__cb_left" -gt 0 ]; do
    sleep 0.1 2>/dev/null || sleep 1
    __cb_left=$((__cb_left - 1))
  done
  [ -e "$__cb_dir/cache-ready" ] || { __cb_log "The server did not bring the cache"; return 0; }
  __cb_stamp
  while IFS= read -r __cb_said; do __cb_line "$__cb_said"; done <"$__cb_dir/cache-ready"
}
# CB-A5: \`run-as\`. Runs the phases as another user, with the descriptors and the environment that there are.
__cb_as() {
  __cb_name=$1
  shift
  if chroot "--userspec=$__cb_name" / true 2>/dev/null; then
    chroot "--userspec=$__cb_name" / "$__cb_shell" "$@"
  else
    su -m -s "$(command -v "$__cb_shell")" "$__cb_name" "$@"
  fi
}
__cb_is_me() {
  [ -z "$1" ] || [ "$1" = "$(id -un)" ] || [ "$1" = "$(id -u)" ]
}
# Why the build cannot become that user; nothing when it can.
__cb_cannot() {
  if __cb_is_me "$1"; then return; fi
  if ! id -u "$1" >/dev/null 2>&1; then
    echo "run-as: there is no user $1 here"
  # All that the user's shell notes there is the build's own.
  elif ! chown -R -h "$1" "$__cb_dir" 2>/dev/null || ! __cb_as "$1" -c : >/dev/null 2>&1; then
    echo "run-as: the build has no right to become the user $1: that takes an executor with users of its own, such as Docker"
  elif ! __cb_as "$1" "$__cb_dir/readable" >/dev/null 2>&1; then
    echo "run-as: the user $1 cannot be used here: it may not read the build's directory"
  fi
}
__cb_start() {
  if __cb_is_me "$__cb_user"; then
    "$__cb_shell" "$__cb_dir/phases.sh" "$__cb_user"
  else
    chown -R -h "$__cb_user" "$__cb_dir"
    __cb_as "$__cb_user" "$__cb_dir/phases.sh" "$__cb_user"
  fi
}
__cb_supervise() {
  command -v "$__cb_shell" >/dev/null || __cb_fault "The shell $__cb_shell is not in the build image"
  __cb_before=none __cb_user=
  while :; do
    __cb_start
    __cb_status=$?
    [ ! -e "$__cb_dir/done" ] || exit 0
    # Of a build that went to its end all the same the server knows it.
    if ! [ -e "$__cb_dir/phases.sh" ] || ! [ -e "$__cb_dir/progress" ]; then
      command printf 'broken A command has deleted files in %s, which the build runs from: no more can be run\\n' "$__cb_dir" >&7
      exit 70
    fi
    if [ -e "$__cb_dir/want" ]; then
      IFS= read -r __cb_want <"$__cb_dir/want"
      rm -f "$__cb_dir/want"
      : >"$__cb_dir/readable"
      __cb_why=$(__cb_cannot "$__cb_want")
      [ -n "$__cb_why" ] && printf '%s\\n' "$__cb_why" >"$__cb_dir/refused" || __cb_user=$__cb_want
      __cb_before=none
      continue
    fi
    __cb_progress=$(cat "$__cb_dir/progress")
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
__cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_options= __cb_refusal= __cb_was= __cb_home=$HOME __cb_message=
# No phase before this one has failed.
__cb_sound=1
# Another user has another home, unless the build's authors have said where it is.
__cb_at_home() {
  [ -z "$__cb_home_given" ] || return 0
  HOME=$__cb_home
  while IFS=: read -r __cb_name __cb_x __cb_id __cb_x __cb_x __cb_dir_of __cb_x; do
    [ "$__cb_name" != "$__cb_user" ] && [ "$__cb_id" != "$__cb_user" ] || HOME=$__cb_dir_of
  done </etc/passwd
  export HOME
}
if [ -e "$__cb_dir/progress" ]; then
  . "$__cb_dir/environment" 2>/dev/null
  [ ! -e "$__cb_dir/variables" ] || . "$__cb_dir/variables" 2>/dev/null
  . "$__cb_dir/progress"
  __cb_died=
  [ ! -e "$__cb_dir/died" ] || . "$__cb_dir/died"
  IFS= read -r __cb_cwd <"$__cb_dir/cwd"
  cd "$__cb_cwd" 2>/dev/null || cd "$__cb_src"
  command rm -f "$__cb_dir/died" "$__cb_dir/variables"
  __cb_user=\${1-}
  [ "$__cb_was" = "$__cb_user" ] || __cb_at_home
else
  . "$__cb_dir/env.sh"
  CODEBUILD_BUILD_SUCCEEDING=1
  export CODEBUILD_BUILD_SUCCEEDING
  cd "$__cb_src"
  __cb_user=\${1-}
fi
set --
# CB-A30: ignored where no debug session is. Only bash takes such a name for a function, and only outside of its POSIX mode.
case "$__cb_debug:\${SHELLOPTS-}:" in
  ::|:*:posix:*) alias codebuild-breakpoint=: codebuild-resume=: ;;
  :*) eval 'codebuild-breakpoint() { :; }; codebuild-resume() { :; }' ;;
esac
__cb_save() {
  command printf '__cb_next=%s __cb_in=%s __cb_resume=%s __cb_running=%s __cb_tries=%s\\n__cb_failed=%s __cb_failed_at=%s __cb_failed_with=%s __cb_options=%s __cb_was=%s __cb_sound=%s\\n' \\
    "$__cb_next" "$__cb_in" "$__cb_resume" "$__cb_running" "$__cb_tries" \\
    "$__cb_failed" "$__cb_failed_at" "$__cb_failed_with" "$__cb_options" "$__cb_user" "$__cb_sound" >|"$__cb_dir/progress"
} 2>/dev/null
__cb_keep() {
  command export -p >|"$__cb_dir/environment"
  pwd >|"$__cb_dir/cwd"
} 2>/dev/null
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
  command printf '%s %s %s\\n' "$1" "$2" "$(__cb_hex "$3")" >&7
}
# @param $1 phase $2 how often it may be tried again $3 who runs it, or - for whoever
__cb_phase_begin() {
  [ "$__cb_next" = "$1" ] || return 1
  if [ "$3" != - ] && [ "$3" != "$__cb_user" ] && [ -z "$__cb_refusal" ]; then
    if [ ! -e "$__cb_dir/refused" ]; then
      __cb_dump
      __cb_save
      command printf '%s\\n' "$3" >|"$__cb_dir/want"
      exit 0
    fi
    IFS= read -r __cb_refusal <"$__cb_dir/refused"
    command rm -f "$__cb_dir/refused"
  fi
  [ "$__cb_in" != "$1" ] || return 0
  __cb_in=$1 __cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_tries=$2 __cb_message=
  __cb_log "Entering phase $1"
  command printf 'begin %s %s\\n' "$1" "\${__cb_time%% *}" >&7
  if [ -n "$__cb_refusal" ]; then __cb_refuse CLIENT_ERROR "$__cb_refusal"
  elif [ "$1" = INSTALL ]; then __cb_runtimes
  fi
}
__cb_runtimes() { :; }
# The phase fails before its first command.
__cb_refuse() {
  __cb_code=$1 __cb_message=$2 __cb_failed=2 __cb_tries=0 __cb_refusal=
  CODEBUILD_BUILD_SUCCEEDING=0
  export CODEBUILD_BUILD_SUCCEEDING
}
__cb_hex() {
  command printf %s "$1" | "$__cb_od" -An -v -tx1 | "$__cb_tr" -d ' \\n'
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
  if [ "$2" = commands ] && [ "$__cb_failed" != 0 ]; then return 1; fi
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
    __cb_log "Command did not exit successfully $__cb_text exit status $__cb_status"
    # What failed first is why the phase did, whatever its \`finally\` comes to.
    if [ -z "$__cb_failed_at" ] || [ -z "$__cb_message" ]; then
      : "\${__cb_failed_at:=$__cb_resume}" "\${__cb_failed_with:=$__cb_status}"
      __cb_message="Error while executing command: $__cb_text. Reason: exit status $__cb_status"
    fi
    [ -z "$__cb_pauses" ] || "$__cb_dir/bin/codebuild-breakpoint" "the command that failed, $__cb_text" 7>&- 8>&-
  fi
  __cb_keep
  __cb_save
}
# CB-J9: runs commands as it is told of them by a pipe, each once and in a shell of its own.
__cb_sandbox() {
  command mkdir -p "$__cb_dir/commands" && command mkfifo "$__cb_dir/commands/ask" || return 1
  command exec 9<>"$__cb_dir/commands/ask"
  while IFS= read -r __cb_id <&9; do
    case $__cb_id in ''|*[!0-9a-f-]*) continue ;; esac
    __cb_file=$__cb_dir/commands/$__cb_id
    mkdir "$__cb_file.taken" 2>/dev/null || continue
    __cb_log "Running command execution $__cb_id"
    command printf 'command %s %s\\n' "$__cb_id" "\${__cb_time%% *}" >&7
    "$__cb_shell" "$__cb_file.sh" >"$__cb_file.out" 2>"$__cb_file.err" </dev/null 7>&- 8>&- 9>&-
    __cb_status=$?
    cat "$__cb_file.out" "$__cb_file.err" 2>/dev/null
    __cb_log "Command execution $__cb_id exit status $__cb_status"
    command printf 'command %s %s %s\\n' "$__cb_id" "\${__cb_time%% *}" "$__cb_status" >&7
  done
}
__cb_phase_end() {
  if [ "$__cb_failed" = 0 ]; then
    __cb_next=$2
    __cb_log "Phase complete: $1 State: SUCCEEDED"
    command printf 'end %s SUCCEEDED %s\\n' "$1" "\${__cb_time%% *}" >&7
    __cb_line "Phase context status code:  Message: "
  elif [ "$__cb_tries" -gt 0 ] && command printf '%s\\n' "$__cb_message" | "$__cb_grep" -qE -e "$4"; then
    __cb_tries=$((__cb_tries - 1)) __cb_failed=0 __cb_failed_at= __cb_failed_with= __cb_resume=$5
    __cb_message= CODEBUILD_BUILD_SUCCEEDING=$__cb_sound
    export CODEBUILD_BUILD_SUCCEEDING
    __cb_log "Retrying phase $1, $__cb_tries more tries"
    __cb_dump
    __cb_save
    exit 0
  else
    __cb_next=$3 __cb_sound=0
    __cb_log "Phase complete: $1 State: FAILED"
    if [ -n "$__cb_failed_at" ]; then
      __cb_code=COMMAND_EXECUTION_ERROR
      command printf 'end %s FAILED %s %s %s\\n' "$1" "\${__cb_time%% *}" "$__cb_failed_at" "$__cb_failed_with" >&7
    else
      command printf 'end %s REFUSED %s %s %s\\n' "$1" "\${__cb_time%% *}" "$__cb_code" "$(__cb_hex "$__cb_message")" >&7
    fi
    __cb_line "Phase context status code: $__cb_code Message: $__cb_message"
  fi
  __cb_in=
  __cb_save
}
[ -e "$__cb_dir/environment" ] || { __cb_keep; __cb_save; }
trap __cb_dying 0
`;

export const DRIVER_LIBRARY = { outer, inner };
