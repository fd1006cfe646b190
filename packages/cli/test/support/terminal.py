"""Runs a command in a pseudo-terminal: terminal.py COLUMNS ROWS COMMAND...

What it prints goes to standard output as it is. A line `resize COLUMNS ROWS` on standard input changes the size, as a
window does; `type HEX` types these bytes, and `close` closes the window. Ends with the command's exit code; 128 and more: by a signal.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios


def set_size(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def main():
    columns, rows = int(sys.argv[1]), int(sys.argv[2])
    pid, terminal = pty.fork()
    if pid == 0:
        # The size must be right before the command asks for it.
        set_size(0, columns, rows)
        os.execvp(sys.argv[3], sys.argv[3:])
    set_size(terminal, columns, rows)
    sources = [terminal, 0]
    while terminal in sources:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready:
            line = sys.stdin.buffer.raw.read(1024)
            if not line:
                sources.remove(0)
            for order in line.decode().splitlines():
                name, *words = order.split()
                if name == "close":
                    sources.remove(terminal)
                    os.close(terminal)
                    break
                if name == "type":
                    os.write(terminal, bytes.fromhex(words[0]))
                    continue
                columns, rows = words
                set_size(terminal, int(columns), int(rows))
                os.kill(pid, signal.SIGWINCH)
        if terminal in ready and terminal in sources:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    sys.exit(code if code >= 0 else 128 - code)


main()
