from distributed import Client, LocalCluster

import work

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        work.run(lambda jobs: client.gather(client.map(work.job, jobs, pure=False)))
