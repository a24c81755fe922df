"""Runs a command on a terminal of its own and prints what stands there in the end.

terminal.py [-i SECONDS] [-b BAR] [-a ANSWER] COMMAND…: -i sends an interrupt after so many seconds, -b one as soon as a
bar says so much, both from the keyboard; -a answers the question.
The last line is the exit code. Only what indicatif and plain text need of a terminal is understood.
"""
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import fcntl

COLUMNS, ROWS = 100, 40


class Screen:
    def __init__(self):
        self.lines, self.row, self.column = [[]], 0, 0

    def at(self, row):
        while len(self.lines) <= row:
            self.lines.append([])
        return self.lines[row]

    def put(self, char):
        if self.column >= COLUMNS:
            self.row, self.column = self.row + 1, 0
        line = self.at(self.row)
        line.extend(" " * (self.column + 1 - len(line)))
        line[self.column] = char
        self.column += 1

    def feed(self, text):
        pattern = r"\x1b\[([?0-9;]*)([A-Za-z])|\x1b.|(.)"
        for match in re.finditer(pattern, text, re.S):
            number, letter, char = match.groups()
            if letter:
                count = int(number) if number.isdigit() else 1
                if letter == "A":
                    self.row = max(0, self.row - count)
                elif letter == "B":
                    self.row += count
                elif letter == "G":
                    self.column = count - 1
                elif letter == "K":
                    del self.at(self.row)[0 if number == "2" else self.column:]
                elif letter == "J":
                    del self.at(self.row)[self.column:]
                    del self.lines[self.row + 1:]
            elif char == "\r":
                self.column = 0
            elif char == "\n":
                self.row, self.column = self.row + 1, 0
                self.at(self.row)
            elif char:
                self.put(char)

    def shown(self):
        return "\n".join("".join(line).rstrip() for line in self.lines).rstrip()


def main():
    words, interrupt, bar, answer = sys.argv[1:], None, None, None
    while words[0].startswith("-"):
        option, value, *words = words
        if option == "-i":
            interrupt = float(value)
        elif option == "-b":
            bar = re.compile("[\u2801-\u28ff] " + value)
        else:
            answer = value
    child, terminal = pty.fork()
    if child == 0:
        # Whoever started the tests may ignore the keyboard (nohup, a job in the background); their users do not.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvp(words[0], words)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen, raw, began, most = Screen(), b"", time.time(), 0
    while time.time() < began + 60:
        if interrupt is not None and time.time() > began + interrupt:
            os.write(terminal, b"\x03")
            interrupt = None
        if not select.select([terminal], [], [], 0.05)[0]:
            continue
        try:
            some = os.read(terminal, 65536)
        except OSError:
            break
        if not some:
            break
        raw += some
        if bar is not None and bar.search(raw.decode(errors="replace")):
            bar, interrupt = None, 0
        if answer is not None and b"Enter a value" in raw:
            os.write(terminal, answer.encode() + b"\n")
            answer = None
    else:
        print("it does not end, and was killed")
        os.kill(child, signal.SIGKILL)
    screen.feed(raw.decode(errors="replace"))
    print(screen.shown())
    _, status = os.waitpid(child, 0)
    bars = len(re.findall(r"cluster\.\w+\.\w+(?:\[\d+\])?: ", raw.decode(errors="replace")))
    print(f"bars drawn: {'many' if bars > 5 else bars}")
    print(f"exit code {os.waitstatus_to_exitcode(status)}")


main()
