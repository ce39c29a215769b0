import { atLeast, type Bench, type Claim, type Finding, microsPerJob, type Report, timesFaster } from '../claim.ts';
import type { Measured } from '../harness/process.ts';
import { interleave } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { leastProgram } from '../peers.ts';

const limits = new Map([
  ['multiprocessing, chunk 1', 10],
  ['piscina', 10],
  ['jest-worker, processes', 15],
]);
const leastTuples = leastProgram('tuples');

export const peers: Claim = {
  name: 'peers',
  title: 'Trivial jobs against the peers',
  run(bench: Bench): Report {
    const jobsFor = (jobsMax: number): number => (bench.smoke ? 100 : Math.min(100_000, jobsMax));
    const present = bench.peers.filter(({ version, language }) => version !== undefined && language !== 'shell');
    const sizes = [...new Set(present.map(({ jobsMax }) => jobsFor(jobsMax)))];
    const contenders = new Map<string, () => Measured>([
      ...sizes.map((jobs) => [ours(jobs), () => bench.program({ experiment: 'tuples', jobs })] as const),
      [leastTuples.name, () => leastTuples.run({ jobs: jobsFor(100_000) })],
      ...present.map((peer) => [peer.name, () => peer.run({ jobs: jobsFor(peer.jobsMax) })] as const),
    ]);
    const runs = interleave(contenders, bench.rounds, bench.tell);
    const times = (name: string, jobs: number): number => timesFaster(runs.get(ours(jobs)) ?? [], runs.get(name) ?? []);
    const finding = (name: string): Finding => {
      const peer = present.find((it) => it.name === name);
      const value = peer === undefined ? undefined : times(name, jobsFor(peer.jobsMax));
      const least = peer && timesFaster(runs.get(leastTuples.name) ?? [], runs.get(name) ?? []);
      return atLeast(`against ${name}, 10^5 jobs`, limits.get(name) ?? 0, ' times as fast', value, least);
    };
    const rows = bench.peers
      .filter(({ language }) => language !== 'shell')
      .map(({ name, version, jobsMax }) => {
        const jobs = jobsFor(jobsMax);
        if (version === undefined) return [name, '–', 'absent', '–', '–'];
        const [theirs, own] = [
          microsPerJob(runs.get(name) ?? [], jobs),
          microsPerJob(runs.get(ours(jobs)) ?? [], jobs),
        ];
        return [name, String(jobs), formatNumber(theirs), formatNumber(own), formatNumber(times(name, jobs))];
      });
    return {
      findings: [...limits.keys()].map(finding),
      details: [
        'Whole process, start and end included; the same list of tuples as arguments. Peers keep results in memory.',
        renderTable(['peer', 'jobs', 'its µs a job', 'ours', 'times as fast'], rows),
      ],
    };
  },
};

function ours(jobs: number): string {
  return `job-splitter, ${jobs} jobs`;
}
