# SPDX-License-Identifier: GPL-2.0-only
"""The host's end of the serial port over which a guest is told what to do; guest/serve.sh is the
other one."""

import os
import re
import time

# What the guest says when it can be told something, and what it is told at the end.
READY = "guest: ready"
CLOSE = "close"
DONE_LINE = re.compile(r"^done \d+$")
# A guest that is told the same more often than this in a row does not do it.
SAME_AT_MOST = 4
# Between the lines of one guest and those of the next, which goes on where it ended.
ANOTHER_GUEST = "guest: another"


class Conversation:
    """Tells a guest one thing at a time. `ask` is given all that this guest and those before it
    have printed, and gives the next command, or None to close."""

    def __init__(self, process, folder, printed, ask, on_line):
        self._process, self._printed, self._ask, self._on_line = process, printed, ask, on_line
        self._log = open(os.path.join(folder, "results.log"), "wb")
        self._rest, self._commands = b"", []
        self.lines = []
        self.last_growth = time.monotonic()
        self.unanswered = None
        os.set_blocking(process.stdout.fileno(), False)

    def poll(self):
        data = self._process.stdout.read()
        if not data:
            return
        self._log.write(data)
        self._log.flush()
        self.last_growth = time.monotonic()
        *whole, self._rest = (self._rest + data).split(b"\n")
        for raw in whole:
            self._hear(raw.decode("utf-8", "replace").rstrip("\r"))

    def close(self):
        self._log.close()

    def _hear(self, line):
        if DONE_LINE.match(line) or line == READY:
            self._tell()
            return
        self.lines.append(line)
        self._on_line(line)

    def _tell(self):
        command = self._ask(self._printed + self.lines) or CLOSE
        self._commands.append(command)
        if self._commands[-SAME_AT_MOST - 1:] == [command] * (SAME_AT_MOST + 1):
            self.unanswered = command
        try:
            self._process.stdin.write(command.encode() + b"\n")
        except BrokenPipeError:
            pass  # The guest has just ended, which is judged by what it has printed.
