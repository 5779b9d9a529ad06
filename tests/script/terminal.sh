#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A campaign in a terminal that stops it (^Z), that holds its output (^S), that belongs to another
# job, and that goes away; and SIGSTOP from anywhere. No sample is lost, the campaign never waits for
# a terminal, and a sample during which it stood still says so.
# shellcheck source=tests/script/lib/common.sh
. tests/script/lib/common.sh
need_guests

cd "$scratch" || exit 1
"$python" - "$program" <<'PYTHON' || fail "see above"
import json, os, pty, select, signal, sys, termios, time, fcntl

program = sys.argv[1]
RUNS = 12


def need(condition, *text):
    if not condition:
        print(*text)
        os._exit(1)


class Terminal:
    """This process leads a session whose terminal it holds the other end of."""

    def __init__(self):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def start(self, name, stdout=None, foreground=True, runs=RUNS):
        self.path, self.foreground = name + ".json", foreground
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            if foreground:
                os.tcsetpgrp(self.slave, os.getpgrp())
            for each in (signal.SIGTTOU, signal.SIGHUP):
                signal.signal(each, signal.SIG_DFL)
            out = os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o644) if stdout else self.slave
            for fd, at in ((self.slave, 0), (out, 1), (self.slave, 2)):
                os.dup2(fd, at)
            os.execv(program, [program, "run", "--guest-mem", "64M", "--touch", "50%", "--pin",
                               "demand,none", "--warmup", "0", "--runs", str(runs), "--no-plots",
                               "-o", self.path])
        time.sleep(0.05)  # it sets its group first

    def read(self):
        """Or its output would hold it up once the terminal is full."""
        while select.select([self.master], [], [], 0)[0]:
            os.read(self.master, 4096)

    def lines(self):
        try:
            with open(self.path + ".journal", "rb") as file:
                return file.read().count(b"\n")
        except FileNotFoundError:
            return 0

    def until(self, condition, what, reads=True):
        end = time.monotonic() + 60
        while not condition():
            need(time.monotonic() < end, self.path, "in 60 s: no", what)
            if reads:
                self.read()
            time.sleep(0.01)

    def until_samples(self, count):
        self.until(lambda: self.lines() > count, "%d samples" % count)

    def wait(self, reads=True):
        """Until it ends or is stopped: ("exit", code) or ("stop", signal)."""
        said = []

        def looked():
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid:
                said.append(("stop", os.WSTOPSIG(status)) if os.WIFSTOPPED(status) else
                            ("exit", os.waitstatus_to_exitcode(status)))
            return bool(said)

        self.until(looked, "end", reads)
        return said[0]

    def go_on(self):
        os.tcsetpgrp(self.slave, self.pid)
        os.kill(-self.pid, signal.SIGCONT)

    def ends_well(self, runs=RUNS):
        end = self.wait()
        need(end in (("exit", 0), ("exit", 5)), self.path, end)
        return self.samples(runs)

    def samples(self, runs=RUNS):
        with open(self.path) as file:
            document = json.load(file)
        need(document["complete"], self.path, "is not complete")
        samples = [s for cell in document["cells"] for s in cell["samples"]]
        need(len(samples) == 2 * runs, self.path, len(samples), "samples")
        need(not any("failed" in s["flags"] for s in samples), self.path, "has failed ones")
        return samples


def stood_still(samples, pause_s):
    """Whoever took that long says why; and some did."""
    told = [s for s in samples if "this process was stopped" in s["detail"]]
    need(all("disturbed" in s["flags"] for s in told), "not flagged")
    for s in samples:
        long = s["working_set_ns"] >= pause_s * 1e9
        need(not long or s in told, "took", s["working_set_ns"], "ns and says", s["flags"],
             s["detail"])
    need(told, "no sample tells of it")


def stopped(t, name, stop, go_on):
    t.start(name)
    for turn in range(4):
        t.until_samples(3 * turn + 2)
        time.sleep(0.013 * turn)
        stop()
        need(t.wait()[0] == "stop", name, "was not stopped")
        time.sleep(0.7)
        go_on()
    stood_still(t.ends_well(), 0.7)


def another_jobs(t):
    attributes = termios.tcgetattr(t.slave)
    attributes[3] |= termios.TOSTOP
    termios.tcsetattr(t.slave, termios.TCSANOW, attributes)
    os.tcsetpgrp(t.slave, os.getpgrp())
    t.start("background", stdout="table", foreground=False)
    t.ends_well()
    # With its table there, too: stopped for that, when all of it is in the document.
    os.tcsetpgrp(t.slave, os.getpgrp())
    t.start("background-table", foreground=False)
    end = t.wait()
    need(end == ("stop", signal.SIGTTOU), "in the background:", end)
    t.samples()
    t.go_on()
    t.ends_well()
    attributes[3] &= ~termios.TOSTOP
    termios.tcsetattr(t.slave, termios.TCSANOW, attributes)


def held(t):
    t.start("held")
    t.until_samples(2)
    os.write(t.master, b"\x13")
    t.until(lambda: os.path.exists("held.json"), "document while ^S holds it", reads=False)
    t.samples()
    os.write(t.master, b"\x11")
    t.ends_well()


def gone(t):
    t.start("gone", runs=1000)
    t.until_samples(3)
    os.close(t.master)
    there = t.lines()
    t.until(lambda: t.lines() > there + 1, "further sample without a terminal", reads=False)
    os.kill(-t.pid, signal.SIGHUP)  # as a shell passes it on that has lost its terminal
    end = t.wait(reads=False)
    need(end == ("exit", 128 + signal.SIGHUP), "the terminal goes away:", end)
    with open("gone.json") as file:
        document = json.load(file)
    need(document["stopped_by"] == "SIGHUP", document["stopped_by"])
    need(sum(len(c["samples"]) for c in document["cells"]) >= 3, "what was measured is lost")
    need(not os.path.exists("gone.json.journal"), "a journal beside the document")


child = os.fork()
if child == 0:
    os.setsid()
    t = Terminal()
    for part in (
        lambda: stopped(t, "suspended", lambda: os.write(t.master, b"\x1a"), t.go_on),
        lambda: stopped(t, "sigstop", lambda: os.kill(t.pid, signal.SIGSTOP),
                        lambda: os.kill(t.pid, signal.SIGCONT)),
        lambda: another_jobs(t), lambda: held(t), lambda: gone(t)):
        part()
    os._exit(0)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
PYTHON
no_process_of "$program"
