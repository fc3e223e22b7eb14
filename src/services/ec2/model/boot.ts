/** Where an instance's own files are that it has of this server, apart from what its image has. */
export const ROOT = '/var/lib/slipway';
/** The volume with Node, the tunnel and the agent. */
export const TOOLS = '/opt/slipway';
/** There once metadata and server can be had: in memory, so that each start begins without. */
export const READY = '/dev/shm/slipway-ready';
export const AGENT_PID = '/run/codedeploy-agent.pid';
/** Where the server is for programs in the instance. */
export const SERVER_PORT = 4566;
export const METADATA_ADDRESS = '169.254.169.254';

/** The status of an instance that has shut itself down. Whatever else ends it, a machine that goes down too, ends it with another. */
export const SHUT_DOWN = 0;
const ENDED = 143;

/** What runs as the first program at each start. Its output is the console's. */
export const BOOT = `#!/bin/sh
boot=$(cat ${ROOT}/boot 2>/dev/null || echo 0)
boot=$((boot + 1))
echo "$boot" >${ROOT}/boot
echo "[slipway] instance $INSTANCE_ID starts ($boot)"
mkdir -p /var/log /usr/local/bin /usr/local/sbin
# Of programs that the last start had: their numbers are others' by now.
rm -f ${AGENT_PID}
trap 'echo "[slipway] instance stops"; exit ${ENDED}' TERM
trap 'echo "[slipway] instance shuts down"; exit ${SHUT_DOWN}' USR1
tries=0
until [ -e ${READY} ]; do
  tries=$((tries + 1))
  [ "$tries" -gt 600 ] && { echo "[slipway] no metadata after a minute"; break; }
  sleep 0.1 &
  wait $!
done
# A container has none: what ends its first program ends it.
if [ ! -e /sbin/shutdown ]; then
  for name in shutdown poweroff halt; do
    printf '#!/bin/sh\nkill -USR1 %s\n' $$ >/usr/local/sbin/$name
    chmod 755 /usr/local/sbin/$name
  done
fi
[ -e /usr/local/bin/slipway ] || ln -s ${TOOLS}/bin/slipway /usr/local/bin/slipway
if [ ! -e ${ROOT}/key.done ] && [ -e ${ROOT}/authorized_key ]; then
  : >${ROOT}/key.done
  for home in /root /home/ec2-user; do
    [ -d "$home" ] || continue
    mkdir -p "$home/.ssh"
    cat ${ROOT}/authorized_key >>"$home/.ssh/authorized_keys"
    chmod 700 "$home/.ssh"
    chmod 600 "$home/.ssh/authorized_keys"
    [ "$home" = /root ] || chown -R "$(stat -c %u:%g "$home")" "$home/.ssh"
  done
fi
# As cloud-init does: what has been put there runs at each start, before what runs once.
for script in /var/lib/cloud/scripts/per-boot/*; do
  [ -f "$script" ] && [ -x "$script" ] || continue
  "$script" &
  wait $!
done
if [ ! -e ${ROOT}/user-data.done ] && [ -e ${ROOT}/user-data ]; then
  # Before it begins: a script that ends its own instance is not run again.
  : >${ROOT}/user-data.done
  echo "[slipway] user data begins"
  { ${ROOT}/user-data 2>&1; echo "$?" >${ROOT}/user-data.status; } | tee -a /var/log/cloud-init-output.log &
  wait $!
  echo "[slipway] user data has ended with $(cat ${ROOT}/user-data.status 2>/dev/null)"
fi
if [ -e ${ROOT}/agent.enabled ]; then ${TOOLS}/bin/codedeploy-agent start; fi
echo "[slipway] instance is up"
while :; do
  sleep 3600 &
  wait $!
done
`;
