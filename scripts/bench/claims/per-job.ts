import { atMost, type Bench, type Claim, microsPerJob, type Report } from '../claim.ts';
import type { Measured } from '../harness/process.ts';
import { interleave, median } from '../harness/rounds.ts';
import { formatNumber, renderTable } from '../harness/table.ts';
import { leastProgram } from '../peers.ts';

const kinds = ['tuples', 'objects', 'product'] as const;
const [leastTuples, leastProduct] = [leastProgram('tuples'), leastProgram('product')];

export const perJob: Claim = {
  name: 'per-job',
  title: 'A million trivial jobs, 2 workers',
  run(bench: Bench): Report {
    const jobs = bench.smoke ? 1_000 : 1_000_000 * bench.scale;
    const chunked = bench.peers.filter((peer) => peer.version !== undefined && peer.jobsMax >= 1_000_000);
    const contenders = new Map<string, () => Measured>([
      ...kinds.map((kind) => [kind, () => bench.program({ experiment: kind, jobs })] as const),
      ...[leastTuples, leastProduct, ...chunked].map((peer) => [peer.name, () => peer.run({ jobs })] as const),
    ]);
    const runs = interleave(contenders, bench.rounds, bench.tell);
    const micros = (name: string): number => microsPerJob(runs.get(name) ?? [], jobs);
    const mainOf = (name: string): number => (1e6 * median((runs.get(name) ?? []).map((it) => it.mainCpuS))) / jobs;
    const cpuOf = (name: string): number => (1e6 * median((runs.get(name) ?? []).map((it) => it.cpuS))) / jobs;
    const best = Math.min(...chunked.map(({ name }) => micros(name)));
    const row = (name: string): string[] => [name, ...[micros, cpuOf, mainOf].map((of) => formatNumber(of(name)))];
    return {
      findings: [
        atMost('per job, arguments as JSON: a list of tuples', 2, 'µs', micros('tuples'), micros(leastTuples.name)),
        atMost('per job, arguments as JSON: objects of an async iterable', 2, 'µs', micros('objects')),
        atMost('per job, `product`', 0.8, 'µs', micros('product'), micros(leastProduct.name)),
        {
          what: 'per job, `product`, against multiprocessing at its best chunk',
          target: 'ahead',
          measured: Number.isFinite(best)
            ? `${formatNumber(best / micros('product'))} times as fast`
            : 'peer is absent',
          ...(Number.isFinite(best) && { least: `${formatNumber(best / micros(leastProduct.name))} times as fast` }),
          reached: Number.isFinite(best) ? micros('product') < best : undefined,
        },
        atMost(
          'processor time of the main process per job, `product`',
          0.6,
          'µs',
          mainOf('product'),
          mainOf(leastProduct.name),
        ),
        atMost(
          'processor time of the main process per job, tuples',
          0.6,
          'µs',
          mainOf('tuples'),
          mainOf(leastTuples.name),
        ),
      ],
      details: [
        `${jobs.toLocaleString('en')} jobs; whole process, start and end included. Peers write nothing to disk.`,
        renderTable(
          ['', 'µs a job', 'processor µs a job, all processes', 'of the main process'],
          [...runs.keys()].map(row),
        ),
      ],
    };
  },
};
