from joblib import Parallel, delayed

import work

if __name__ == "__main__":
    with Parallel(n_jobs=2) as parallel:
        work.run(lambda jobs: parallel(delayed(work.job)(args) for args in jobs))
