"""Types something in an interactive shell and says what the line is after a tab.

shell.py SHELL SCRIPT RESULT TYPED: the shell reads SCRIPT, TYPED and a tab are typed, and the line as the shell has it then
is written to the file RESULT.
"""
import os
import pty
import select
import signal
import sys
import time

SHELLS = {
    "bash": (
        ["bash", "--norc", "--noprofile", "-i"],
        "source {script}; bind -x '\"\\C-t\": printf %s \"$READLINE_LINE\" >{result}'",
    ),
    "zsh": (
        ["zsh", "-f", "-i"],
        "autoload -U compinit; compinit -D -u; source {script}; "
        "shown() {{ print -rn -- \"$BUFFER\" >{result} }}; zle -N shown; bindkey '^T' shown",
    ),
    "fish": (["fish", "--no-config", "-i"], "source {script}; bind \\ct 'commandline >{result}'"),
}


def read(terminal, quiet, most=20):
    """Everything until nothing has come for so long."""
    end = time.time() + most
    while time.time() < end and select.select([terminal], [], [], quiet)[0]:
        try:
            if not os.read(terminal, 65536):
                return
        except OSError:
            return


def main():
    shell, script, result, typed = sys.argv[1:]
    argv, setup = SHELLS[shell]
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(argv[0], argv)
    read(terminal, 0.5)
    os.write(terminal, (setup.format(script=script, result=result) + "\r").encode())
    read(terminal, 0.5)
    os.write(terminal, typed.encode() + b"\t")
    end = time.time() + 20
    while not os.path.exists(result) and time.time() < end:
        read(terminal, 0.5)
        os.write(terminal, b"\x14")
        read(terminal, 0.2)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


main()
