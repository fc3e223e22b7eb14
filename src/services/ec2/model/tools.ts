import { AGENT_PID, ROOT, SERVER_PORT, TOOLS } from './boot.ts';

// Programs that every instance has, in a volume of its own.

/** The `slipway` command, of which an instance has the agent alone. */
export const SLIPWAY = `#!/bin/sh
export NODE_COMPILE_CACHE=/var/cache/slipway
exec ${TOOLS}/bin/node --disable-warning=ExperimentalWarning --max-semi-space-size=4 ${TOOLS}/src/cli/main.ts "$@"
`;

/** As the official agent's service script: start, stop, status, restart. What runs is started again when it ends. */
export const AGENT = `#!/bin/sh
pid=${AGENT_PID}
running() { [ -e "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; }
start() {
  running && return 0
  mkdir -p /var/log/aws/codedeploy-agent /run
  : >${ROOT}/agent.enabled
  AWS_ENDPOINT_URL=\${AWS_ENDPOINT_URL:-http://127.0.0.1:${SERVER_PORT}}
  export AWS_ENDPOINT_URL
  setsid /bin/sh -c 'echo $$ >"$0"
    trap "kill \\$child 2>/dev/null; wait \\$child; exit 0" TERM
    while :; do
      "$1" agent & child=$!
      wait $child
      sleep 2 & child=$!
      wait $child
    done' "$pid" ${TOOLS}/bin/slipway >>/var/log/aws/codedeploy-agent/codedeploy-agent.out 2>&1 </dev/null &
  i=0
  until running || [ $i -ge 50 ]; do i=$((i + 1)); sleep 0.1; done
}
stop() {
  running && kill -TERM "$(cat "$pid")"
  rm -f "$pid" ${ROOT}/agent.enabled
}
case "$1" in
  start) start; echo "The AWS CodeDeploy agent is running as PID $(cat "$pid")" ;;
  stop) stop; echo "Stopping codedeploy-agent" ;;
  restart) stop; sleep 1; start ;;
  status)
    if running; then echo "The AWS CodeDeploy agent is running as PID $(cat "$pid")"
    else echo "error: No AWS CodeDeploy agent running"; exit 3; fi ;;
  *) echo "usage: codedeploy-agent start|stop|restart|status"; exit 2 ;;
esac
`;

/**
 * Elastic Beanstalk's agent of one of its environments, which runs the application there: what ends is started again.
 */
export const BEANSTALK = `#!/bin/sh
AWS_ENDPOINT_URL=\${AWS_ENDPOINT_URL:-http://127.0.0.1:${SERVER_PORT}}
NODE_COMPILE_CACHE=/var/cache/slipway
export AWS_ENDPOINT_URL NODE_COMPILE_CACHE
mkdir -p /var/log /run
setsid /bin/sh -c 'while :; do
  "$0" --disable-warning=ExperimentalWarning --max-semi-space-size=4 "$1" "$2"
  sleep 2
done' ${TOOLS}/bin/node ${TOOLS}/src/agent/beanstalk/main.ts "$1" >>/var/log/eb-engine.log 2>&1 </dev/null &
`;

/**
 * What stands at the download address of the tutorial, in the place of AWS's install script: the agent is in the instance
 * already, and what installs it starts it, now and at each start of the instance.
 */
export const INSTALL = `#!/bin/sh
case "$1" in
  auto | rpm | deb) ;;
  *) echo "usage: install auto|rpm|deb"; exit 2 ;;
esac
if [ ! -x ${TOOLS}/bin/codedeploy-agent ]; then
  echo "This is no instance of a Slipway server: register it (aws deploy register) and run slipway agent."
  exit 1
fi
ln -sf ${TOOLS}/bin/codedeploy-agent /usr/local/bin/codedeploy-agent
mkdir -p /etc/init.d
ln -sf ${TOOLS}/bin/codedeploy-agent /etc/init.d/codedeploy-agent
command -v service >/dev/null 2>&1 || { printf '#!/bin/sh\\nname=$1\\nshift\\nexec "/etc/init.d/$name" "$@"\\n' >/usr/local/bin/service; chmod 755 /usr/local/bin/service; }
exec ${TOOLS}/bin/codedeploy-agent start
`;
