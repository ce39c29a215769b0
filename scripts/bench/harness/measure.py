"""Runs one command as a whole process and prints what it cost, as JSON. Node can neither wait for a child's resource
usage nor open a pseudo-terminal; Python does both with its standard library.

Its one argument is JSON: words, cwd, env, terminal (stderr is a pseudo-terminal), sampleS (0: no samples), timeoutS."""
import fcntl, json, os, pty, select, signal, struct, subprocess, sys, termios, time

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of(pid):
    """User and system time of this process alone, all its threads, its children not; works on a zombie too."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_of(pid):
    """The most resident memory it has had, in KiB; None once it has ended."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1])


def open_stderr(terminal):
    if not terminal:
        return os.pipe()
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    return master, slave


def read_some(descriptor):
    try:
        return os.read(descriptor, 1 << 16)
    except (BlockingIOError, OSError):  # a terminal whose last writer has gone says EIO
        return b""


class Watch:
    def __init__(self, spec):
        self.sample_s, self.deadline = spec["sampleS"], time.monotonic() + spec["timeoutS"]
        self.samples, self.peak, self.timed_out = [], 0, False
        reader, writer = open_stderr(spec["terminal"])
        self.started_at, self.began = time.time(), time.monotonic()
        self.child = subprocess.Popen(
            spec["words"], cwd=spec["cwd"], env=spec["env"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=writer, start_new_session=True)
        os.close(writer)
        self.out, self.err = self.child.stdout.fileno(), reader
        self.text = {self.out: b"", self.err: b""}
        self.gone = os.pidfd_open(self.child.pid)

    def take_sample(self):
        self.samples.append([time.monotonic() - self.began, cpu_of(self.child.pid)])
        self.peak = max(self.peak, peak_of(self.child.pid) or 0)

    def read(self, descriptor):
        data = read_some(descriptor)
        self.text[descriptor] = (self.text[descriptor] + data)[-100_000:]
        return len(data) > 0

    def until_gone(self):
        """Reads what it writes, so that it never waits for a reader, until it ends."""
        open_ones, next_sample = {self.out, self.err}, time.monotonic()
        while True:
            wait_s = self.sample_s or 1
            ready, _, _ = select.select([*open_ones, self.gone], [], [], wait_s)
            if self.sample_s and time.monotonic() >= next_sample:
                self.take_sample()
                next_sample = time.monotonic() + self.sample_s
            if self.gone in ready:
                return
            for descriptor in ready:
                if not self.read(descriptor):
                    open_ones.discard(descriptor)
            if time.monotonic() > self.deadline and not self.timed_out:
                self.timed_out = True
                os.killpg(self.child.pid, signal.SIGKILL)

    def balance(self):
        wall_s = time.monotonic() - self.began
        main_s = cpu_of(self.child.pid)
        _, status, usage = os.wait4(self.child.pid, 0)
        for descriptor in (self.out, self.err):
            os.set_blocking(descriptor, False)
            while self.read(descriptor):
                pass
        return {
            "code": os.waitstatus_to_exitcode(status), "timedOut": self.timed_out,
            "startedAtS": self.started_at, "wallS": wall_s,
            "cpuS": usage.ru_utime + usage.ru_stime, "mainCpuS": main_s,
            "mainPeakKib": self.peak, "samples": self.samples,
            "stdout": self.text[self.out].decode("utf8", "replace"),
            "stderr": self.text[self.err][-2_000:].decode("utf8", "replace"),
        }


watch = Watch(json.loads(sys.argv[1]))
watch.until_gone()
json.dump(watch.balance(), sys.stdout)
