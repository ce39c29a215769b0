import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteText } from '../../../src/core/byte-text.ts';
import { CsvLines } from '../../../src/core/csv-line.ts';
import { hex, machineName } from '../../../src/core/ids.ts';
import { BlockText } from '../../../src/core/journal/block-text.ts';
import { encodeLine, encodeSpeltLine } from '../../../src/core/journal/line.ts';
import { encodeHeader, encodeSession } from '../../../src/core/journal/record.ts';
import { planOrder } from '../../../src/core/order.ts';
import { checksum } from '../../../src/runtime/checksum.ts';
import { quoteCell } from '../../../src/runtime/quote-cell.ts';

/** What `plan --json` says, as far as it is needed here. */
export interface PlanJson {
  readonly experimentDigest: string;
  readonly planDigest: string;
  readonly seed: string;
  readonly codeFingerprint: string;
  readonly jobs: { readonly total: number };
  readonly machines: readonly {
    readonly machine: string;
    readonly weight: string;
    readonly cores: number;
    readonly jobs: { readonly total: number };
  }[];
}

/** The row of a job of the experiment `merged`, as JSON and CSV spell it. */
const rowOf = (job: number): string => `${Math.floor(job / 100)},${job % 100},${Math.sqrt(job)}`;

const jobsPerBlock = 1_000;
const startMs = 1_764_030_000_000;
const shape = {
  ...{ includeStartTime: true, includeJobInterval: true, includeJobStartTime: true, includeJobId: true },
  ...{ includeJobDoneTime: false, includeMachine: false, includeAttempt: false, includeSeed: false },
  ...{ includeArguments: false, timestamps: 'iso' as const },
};

/**
 * Writes the run folders of all machines of a plan, journal and results.csv, by the code of the workers: as if each had
 * run its share in blocks of a thousand. Returns the folders' names.
 */
export function writeFolders(home: string, plan: PlanJson): readonly string[] {
  const order = planOrder(plan.jobs.total, hex(plan.planDigest), 'shuffled');
  let from = 0;
  return plan.machines.map(({ machine, jobs }) => {
    const folder = `bench.${machine}`;
    mkdirSync(join(home, folder));
    const to = from + jobs.total;
    writeShare(join(home, folder), plan, machine, (position) =>
      position < to - from ? order.at(from + position) : undefined,
    );
    from = to;
    return folder;
  });
}

function writeShare(
  folder: string,
  plan: PlanJson,
  machine: string,
  jobAt: (position: number) => number | undefined,
): void {
  writeFileSync(join(folder, 'results.csv'), 'Run Start Time,Job Running Time,Job Start Time,Job ID,n,half,sum\n');
  const [journal, results] = [openSync(join(folder, 'journal.jsonl'), 'w'), openSync(join(folder, 'results.csv'), 'a')];
  for (const [seq, body] of openingOf(plan, machine).entries()) writeSync(journal, encodeLine(seq, body, checksum));
  const seed = plan.seed;
  const block = new BlockText(1, new CsvLines({ shape, sessionStartedAtMs: startMs, machine, seed }, quoteCell));
  for (let position = 0, seq = 2; ; seq++) {
    for (; block.jobs < jobsPerBlock; position++) {
      const job = jobAt(position);
      if (job === undefined) break;
      const text = rowOf(job);
      const startedAtMs = startMs + Math.floor(position / 40);
      const times = { startedAtMs, endedAtMs: startedAtMs, runMicros: 3 + (job % 50) };
      const argsJson = `[${Math.floor(job / 100)},${job % 100}]`;
      const call = { index: job, attempt: 1, occurrence: 0, putArgs: (args: ByteText) => args.put(argsJson) };
      block.add({ job: call, ...times }, [{ json: text, csv: text, width: 3 }], undefined, 3);
    }
    if (block.jobs === 0) break;
    const { body, csv } = block.take((bytes) => checksum(bytes));
    writeSync(results, csv);
    for (const piece of encodeSpeltLine(seq, body, checksum)) {
      if (typeof piece === 'string') writeSync(journal, piece);
      else writeSync(journal, piece);
    }
  }
  closeSync(journal);
  closeSync(results);
}

function openingOf(plan: PlanJson, machine: string): readonly string[] {
  const { experimentDigest, planDigest, seed, codeFingerprint, jobs, machines } = plan;
  const header = encodeHeader({
    ...{ experiment: 'bench', machine: machineName(machine), seed, stream: 'same' },
    ...{ experimentDigest: hex(experimentDigest), planDigest: hex(planDigest), total: jobs.total, share: 0 },
    plan: {
      ...{ random: {}, sections: {}, order: 'shuffled' },
      machines: machines.map(({ machine: name, weight, cores }) => ({ name, weight, cores })),
    },
  });
  const who = { host: 'bench', pid: 1, cores: 1, target: 'bench', versions: {} };
  return [header, encodeSession({ startedAtMs: startMs, codeFingerprint: hex(codeFingerprint), ...who })];
}
