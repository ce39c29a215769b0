import { join } from 'node:path';
import { atMost, type Bench, type Claim, type Report } from '../claim.ts';
import { readFirstNotes } from '../harness/notes.ts';
import { inFolder } from '../harness/program.ts';
import { interleave, median } from '../harness/rounds.ts';

export const start: Claim = {
  name: 'start',
  title: 'Start to first job, and to many workers',
  run(bench: Bench): Report {
    const many = bench.smoke ? 4 : 64;
    const stayMs = bench.smoke ? 500 : 6_000;
    const contenders = new Map([
      ['first job', () => msUntil(bench, 1, { jobs: 2, cores: 2, stayMs: 100 })],
      [`${many} workers`, () => msUntil(bench, many, { jobs: many, cores: many, stayMs })],
    ]);
    const times = interleave(contenders, bench.rounds, bench.tell);
    return {
      findings: [
        atMost('start to first job, 2 workers, no questions', 150, 'ms', median(times.get('first job') ?? [])),
        atMost(`start until ${many} workers run a job`, 2_500, 'ms', median(times.get(`${many} workers`) ?? [])),
      ],
      details: ['In an empty folder; jobs note when they begin, against the time just before the program was started.'],
    };
  },
};

/** From before the program's start until the `wanted`th worker began its first job. */
function msUntil(
  { program }: Bench,
  wanted: number,
  { jobs, cores, stayMs }: { readonly jobs: number; readonly cores: number; readonly stayMs: number },
): number {
  return inFolder((folder) => {
    const notes = join(folder, 'notes');
    const environment = { NOTES: notes, STAY_MS: String(stayMs) };
    const { startedAtS } = program({ experiment: 'notes', jobs, cores, folder, environment });
    const began = readFirstNotes(notes)[wanted - 1];
    if (began === undefined) throw new Error(`${wanted} workers never ran a job at the same time`);
    return began - 1_000 * startedAtS;
  });
}
