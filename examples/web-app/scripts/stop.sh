#!/bin/sh
# Stops the running application, if there is one. INSTANCE_PREFIX is empty on a machine of its own.
set -u
pid_file="${INSTANCE_PREFIX:-}/opt/web-app/web-app.pid"
[ -f "$pid_file" ] || exit 0
kill "$(cat "$pid_file")" 2>/dev/null
rm -f "$pid_file"
