#!/bin/sh
# Succeeds once the health check answers 200; gives up after ten seconds.
set -u
exec node -e '
const url = `http://127.0.0.1:${process.env.PORT ?? 8080}/health`;
const deadline = Date.now() + 10_000;
const attempt = async () => {
  const status = await fetch(url).then((r) => r.status, () => 0);
  if (status === 200) return console.log(`${url} answers 200`);
  if (status !== 0 || Date.now() > deadline) {
    console.error(`${url} answers ${status || "nothing"}`);
    process.exit(1);
  }
  setTimeout(attempt, 100);
};
attempt();
'
