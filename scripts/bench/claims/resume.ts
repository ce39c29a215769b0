import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { atMost, type Bench, type Claim, type Report } from '../claim.ts';
import { readFirstNotes } from '../harness/notes.ts';
import { inFolder } from '../harness/program.ts';
import { interleave, median } from '../harness/rounds.ts';

export const resume: Claim = {
  name: 'resume',
  title: 'Resume of a million settled jobs',
  run(bench: Bench): Report {
    const settled = bench.smoke ? 200 : 1_000_000 * bench.scale;
    // Enough beyond the failing job that some are left when the first session has stopped.
    const jobs = settled + 50_000;
    const words = ['-o', 'run.order=given'];
    const environment = { FAILING: String(settled) };
    return inFolder((before) => {
      const halting = [...words, '-o', 'run.halt=soon,fail=1', '-o', 'run.retries=0'];
      bench.program({ experiment: 'resumed', jobs, words: halting, environment, folder: before, expectedCode: 5 });
      const once = (): number =>
        inFolder((folder) => {
          cpSync(before, folder, { recursive: true });
          const notes = join(folder, 'notes');
          const again = { experiment: 'resumed', jobs, words, folder, expectedCode: 3 };
          const { startedAtS } = bench.program({ ...again, environment: { ...environment, NOTES: notes } });
          const [began] = readFirstNotes(notes);
          if (began === undefined) throw new Error('the second session ran no job');
          return began - 1_000 * startedAtS;
        });
      const times = interleave(new Map([['resume', once]]), bench.rounds, bench.tell).get('resume') ?? [];
      return {
        findings: [atMost(`resume of ${settled} settled jobs, to the first new job`, 1.5, 's', median(times) / 1_000)],
        details: ['From before the program’s start; journal and results as the first session left them.'],
      };
    });
  },
};
