"""Runs one command and appends its wall time in microseconds and its peak of resident memory in KiB to a file.

    python3 -I -S measure.py FIGURES OUT ERR COMMAND…

A process begins with the peak of the one that forks it, so that whoever measures has to be small: this has some 9 MB. Of a
command that starts others (a shell), the peak is that of the largest of them.
"""

import os
import sys
import time


def main():
    figures, out, err, *command = sys.argv[1:]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    start = time.monotonic_ns()
    child = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, out, flags, 0o666),
            (os.POSIX_SPAWN_OPEN, 2, err, flags, 0o666),
        ],
    )
    _, status, usage = os.wait4(child, 0)
    spent = (time.monotonic_ns() - start) // 1000
    # KiB on Linux, bytes on macOS.
    peak = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    with open(figures, "a", encoding="utf-8") as file:
        file.write(f"{spent} {peak}\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
