/**
 * The commands by which a build of a fanout finds and runs its own part of the tests (CB-G4), in POSIX shell and awk, for
 * images that have no more. Files by name; they lie in the build's PATH.
 */
export const TEST_COMMANDS = {
  'bin/codebuild-glob-search': `#!/bin/sh
# Files below the working directory that match one of the patterns: * within a name, ** across directories.
if [ $# -eq 0 ]; then
  echo 'usage: codebuild-glob-search PATTERN...' >&2
  exit 2
fi
found=$(
  # What awk is given by -v has its backslashes read: by the environment it has not.
  __cb_patterns=$(for pattern; do printf '%s\\n' "$pattern"; done)
  export __cb_patterns
  find . ! -type d | LC_ALL=C sort | LC_ALL=C awk '
    function regex(glob,   at, c, text) {
      sub(/^\\.\\//, "", glob)
      for (at = 1; at <= length(glob); at++) {
        c = substr(glob, at, 1)
        if (substr(glob, at, 3) == "**/") { text = text "(.*/)?"; at += 2 }
        else if (substr(glob, at, 2) == "**") { text = text ".*"; at += 1 }
        else if (c == "*") text = text "[^/]*"
        else if (c == "?") text = text "[^/]"
        else if (c ~ /[A-Za-z0-9_\\/ -]/) text = text c
        else if (c == "^" || c == "\\\\") text = text "\\\\" c
        else text = text "[" c "]"
      }
      return "^" text "$"
    }
    BEGIN {
      number = split(ENVIRON["__cb_patterns"], globs, "\\n")
      for (i = 1; i <= number; i++) regexes[i] = regex(globs[i])
    }
    {
      name = substr($0, 3)
      for (i = 1; i <= number; i++) if (name ~ regexes[i]) { print name; break }
    }'
)
if [ -z "$found" ]; then
  echo "No files were found that match: $*" >&2
  exit 1
fi
printf '%s\\n' "$found"
`,
  'bin/codebuild-tests-run': `#!/bin/sh
# Runs a command with this build's part of the test files, which another command lists.
usage() {
  echo "codebuild-tests-run: $1" >&2
  echo 'usage: codebuild-tests-run --test-command COMMAND --files-search COMMAND [--sharding-strategy equal-distribution|stability]' >&2
  exit 2
}
test= search= strategy=equal-distribution
while [ $# -gt 0 ]; do
  case $1 in
    --*=*) option=\${1%%=*} value=\${1#*=} ;;
    --*)
      option=$1
      [ $# -gt 1 ] || usage "$1 has no value"
      shift
      value=$1
      ;;
    *) usage "unknown argument $1" ;;
  esac
  shift
  case $option in
    --test-command) test=$value ;;
    --files-search) search=$value ;;
    --sharding-strategy) strategy=$value ;;
    *) usage "unknown option $option" ;;
  esac
done
[ -n "$test" ] || usage '--test-command is missing'
[ -n "$search" ] || usage '--files-search is missing'
case $strategy in
  equal-distribution | stability) ;;
  *) usage "the sharding strategy $strategy is none" ;;
esac
files=$(sh -c "$search") || { echo "codebuild-tests-run: the search for files failed: $search" >&2; exit 1; }
[ -n "$files" ] || { echo "codebuild-tests-run: no files were found: $search" >&2; exit 1; }
CODEBUILD_CURRENT_SHARD_FILES=$(
  printf '%s\\n' "$files" | LC_ALL=C sort -u | LC_ALL=C awk \\
    -v strategy="$strategy" -v shard="\${CODEBUILD_CURRENT_SHARD:-0}" -v shards="\${CODEBUILD_TOTAL_SHARDS:-1}" '
    # As many as there are, over the shards in their order, so that no two differ by more than one.
    function equally(at,   least, more) {
      least = int(count / shards); more = count % shards
      if (at < more * (least + 1)) return int(at / (least + 1))
      return more + int((at - more * (least + 1)) / least)
    }
    # The shard that weighs most with this name: one shard more takes files from others, and moves none between them.
    function stably(name,   at, hash, weight, best, most) {
      hash = 7
      for (at = 1; at <= length(name); at++)
        hash = (hash * 31 + code[substr(name, at, 1)]) % 2147483647
      most = -1
      for (at = 0; at < shards; at++) {
        weight = (((hash + (at + 1) * 40503) % 2147483647) * 48271) % 2147483647
        weight = (weight * 69621 + at) % 2147483647
        if (weight > most) { most = weight; best = at }
      }
      return best
    }
    BEGIN { for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i }
    $0 != "" { names[count++] = $0 }
    END {
      for (i = 0; i < count; i++)
        if ((strategy == "stability" ? stably(names[i]) : equally(i)) == shard) print names[i]
    }'
)
export CODEBUILD_CURRENT_SHARD_FILES
if [ -z "$CODEBUILD_CURRENT_SHARD_FILES" ]; then
  echo 'codebuild-tests-run: there is no file for this part of the tests'
  exit 0
fi
case $test in
  # Who takes the files from there does not want them twice.
  *CODEBUILD_CURRENT_SHARD_FILES*) exec sh -c "$test" ;;
esac
list=$(printf '%s\\n' "$CODEBUILD_CURRENT_SHARD_FILES" | sed "s/'/'\\\\\\\\''/g; s/^/'/; s/\\$/'/" | tr '\\n' ' ')
exec sh -c "$test $list"
`,
  'bin/codebuild-hash-files': `#!/bin/sh
# One SHA-256 for all files of the source that match the patterns, in the order of their names.
if [ $# -eq 0 ]; then
  echo 'usage: codebuild-hash-files PATTERN...' >&2
  exit 2
fi
cd "\${CODEBUILD_SRC_DIR:-.}" || exit 1
found=$(codebuild-glob-search "$@") || exit 1
printf '%s\\n' "$found" | while IFS= read -r file; do sha256sum <"$file"; done | sha256sum | cut -c1-64
`,
} as const;
