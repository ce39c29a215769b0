"""Two bare loops, each over half of the jobs."""
import time
from multiprocessing import Pipe, Process

import work


def loop(end):
    start, stop = end.recv()
    end.send([work.job((n, n / 2, f"s{n % 10}")) for n in range(start, stop)])


if __name__ == "__main__":
    pairs = [Pipe() for _ in range(2)]
    loops = [Process(target=loop, args=(theirs,)) for _, theirs in pairs]
    for process in loops:
        process.start()
    time.sleep(0.2)
    started = time.perf_counter()
    for at, (mine, _) in enumerate(pairs):
        mine.send((at * work.JOBS // 2, (at + 1) * work.JOBS // 2))
    results = [result for mine, _ in pairs for result in mine.recv()]
    work.report(started, results)
    for process in loops:
        process.join()
