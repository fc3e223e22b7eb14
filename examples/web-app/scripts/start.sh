#!/bin/sh
# Starts the application in the background; PORT comes from the machine's own environment.
set -eu
cd "${INSTANCE_PREFIX:-}/opt/web-app"
setsid node src/server.js >web-app.log 2>&1 </dev/null &
echo $! >web-app.pid
