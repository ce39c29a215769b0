from concurrent.futures import ProcessPoolExecutor

import work

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        work.run(lambda jobs: list(pool.map(work.job, jobs, chunksize=work.CHUNK)))
