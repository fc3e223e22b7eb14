"""Runs aws commands in forks of one process: most of what a command takes is the import of its modules, which is done once here.

Prints the path of a socket. A connection is one command: a line of JSON with args, env and cwd is answered by JSON with code,
stdout and stderr. Ends with its standard input, and what it has begun with it.
"""

import contextlib
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import sys
import tempfile
import time

BEFORE = dict(os.environ)
import awscli.clidriver  # noqa: E402
import awscli.customizations  # noqa: E402
import botocore  # noqa: E402

# Where its models are: it says so in its environment, for itself.
ADDED = {name: value for name, value in os.environ.items() if BEFORE.get(name) != value}


def call(args):
    sys.argv = ["aws", *args]
    try:
        return awscli.clidriver.main() or 0
    except SystemExit as ended:
        return ended.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def in_fork(work):
    """Forks, and returns its id; the fork does the work and ends with what that returns."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            code = work()
        finally:
            os._exit(code)
    return pid


def command(asked, out, err):
    for fd, file in ((1, out.fileno()), (2, err.fileno()), (0, os.open(os.devnull, os.O_RDONLY))):
        os.dup2(file, fd)
    os.environ.clear()
    os.environ.update({**asked["env"], **ADDED})
    time.tzset()
    os.chdir(asked["cwd"])
    return call(asked["args"])


def answer(connection):
    with connection.makefile("r", encoding="utf-8") as lines:
        asked = json.loads(lines.readline())
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        _, status = os.waitpid(in_fork(lambda: command(asked, out, err)), 0)
        said = {"code": os.waitstatus_to_exitcode(status)}
        for name, file in (("stdout", out), ("stderr", err)):
            file.seek(0)
            said[name] = file.read().decode(errors="replace")
    connection.sendall(json.dumps(said).encode())
    return 0


def warm():
    """Imports what a command imports. Not more than its version is asked for: a call would start threads, and they are lost in a fork."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    call(["--version"])
    for package in (botocore, awscli.customizations):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


def main():
    os.setpgrp()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    told = os.fdopen(os.dup(1), "w")
    warm()
    place = tempfile.mkdtemp(prefix="aws-host-")
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.join(place, "socket"))
            server.listen(64)
            print(server.getsockname(), file=told, flush=True)
            while server in select.select([sys.stdin, server], [], [])[0]:
                connection, _ = server.accept()
                with connection:
                    in_fork(lambda: answer(connection))
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.killpg(0, signal.SIGTERM)


main()
