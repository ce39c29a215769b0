"""What all peers in Python have in common: the job (the same as in job.mjs), the list of jobs, what is reported."""
import hashlib, json, os, time

JOBS = int(os.environ["JOBS"])
BLOCKS = int(os.environ.get("BLOCKS", "0"))
CHUNK = int(os.environ.get("CHUNK", "1"))
BLOCK = b"\1" * 16_384


def trivial(args):
    n, half, name = args
    return n, half, n + len(name)


def hash_blocks(args):
    digest = hashlib.sha256()
    for _ in range(BLOCKS):
        digest.update(BLOCK)
    return args[0], args[1], digest.digest()[0]


job = hash_blocks if BLOCKS > 0 else trivial


def list_jobs(start=0, stop=JOBS):
    return [(n, n / 2, f"s{n % 10}") for n in range(start, stop)]


def run(call):
    """`call` maps the job over a list and returns the list of results; the pool is warm by then."""
    call(list_jobs(0, 2))
    jobs = list_jobs()
    started = time.perf_counter()
    report(started, list(call(jobs)))


def report(started, results):
    span_ms = 1_000 * (time.perf_counter() - started)
    print(json.dumps({"spanMs": span_ms, "jobs": len(results), "sum": sum(result[2] for result in results)}))
