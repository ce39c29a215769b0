from multiprocessing import Pool

import work

if __name__ == "__main__":
    with Pool(2) as pool:
        work.run(lambda jobs: pool.map(work.job, jobs, chunksize=work.CHUNK))
