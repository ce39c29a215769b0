import { encodeBlock, roundTimes, type Success } from '../core/journal/encode-block.ts';
import { spellCrc } from '../core/journal/line.ts';
import type { JournalSession } from '../core/journal/record.ts';
import type { Block, Outcome } from '../core/outcome.ts';
import { checksum } from '../runtime/checksum.ts';
import { type ResultsShape, spellRows } from '../runtime/results-text.ts';
import type { Prepared } from './prepare.ts';
import { foldOutcome, spellJob } from './spell-job.ts';

interface About {
  readonly prepared: Prepared;
  readonly session: JournalSession;
  readonly layout: ResultsShape;
}

/** Outcomes that were told one by one, as the blocks that they make. */
export function blocksOf(outcomes: readonly Outcome[], about: About): readonly Block[] {
  const groups: [Success, ...Success[]][] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'failed') continue;
    const last = groups.at(-1);
    if (last?.[0].worker === outcome.worker && last[0].attempt === outcome.attempt) last.push(outcome);
    else groups.push([outcome]);
  }
  return groups.map((group) => blockOf(group, about));
}

function blockOf(successes: [Success, ...Success[]], { prepared, session, layout }: About): Block {
  const [first, ...more] = successes;
  const { worker, attempt } = first;
  const folded = successes.map((success) => foldOutcome(success, spellJob(prepared, success.job), session));
  const rows = folded.flatMap(({ outcome: { result } }) => (result.status === 'succeeded' ? result.rows : []));
  const width = rows[0]?.length ?? 0;
  const csv = Buffer.from(spellRows(layout, layout.width ?? width, folded));
  const proof = { bytes: csv.length, crc: spellCrc(checksum(csv)) };
  const times = successes.map(({ runMs }) => runMs);
  return {
    worker,
    attempt,
    jobs: successes.map(({ job }) => job),
    sumMs: times.reduce((sum, ms) => sum + ms, 0),
    maxMs: times.reduce((most, ms) => Math.max(most, ms), 0),
    width,
    hasFiles: successes.some(({ files }) => files !== undefined),
    body: Buffer.from(
      encodeBlock([roundTimes(first), ...more.map(roundTimes)], (job) => spellJob(prepared, job), proof),
    ),
    csv,
  };
}
