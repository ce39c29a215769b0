import type { JobIndex } from '../core/ids.ts';
import { readBlock } from '../core/journal/block.ts';
import type { FoldedOutcome } from '../core/journal/fold.ts';
import type { JournalSession, SpeltJob } from '../core/journal/record.ts';
import type { Block, FailedOutcome } from '../core/outcome.ts';
import type { JobLeftovers } from '../runtime/job-leftovers.ts';
import type { ResultsFile } from '../runtime/results-file.ts';
import type { Balance } from './balance.ts';
import type { EngineFeed } from './engine/engine-feed.ts';
import type { HandOut } from './hand-out.ts';
import { foldFailure } from './spell-job.ts';

export interface KeeperParts {
  readonly results: ResultsFile;
  readonly handOut: HandOut;
  readonly feed: EngineFeed | undefined;
  readonly leftovers: JobLeftovers;
  readonly spell: (job: JobIndex) => SpeltJob;
}

export interface Durable {
  readonly blocks: readonly Block[];
  readonly failures: readonly FailedOutcome[];
}

/** What becomes of outcomes once the journal holds them: rows, counts, `onResult`, a campaign's share of it, what jobs left behind. */
export class OutcomeKeeper {
  readonly #parts: KeeperParts;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** `session`: in which they came about. */
  keep({ blocks, failures }: Durable, session: JournalSession, balance: Balance | undefined): void {
    const { results, handOut, feed, leftovers, spell } = this.#parts;
    const failed = failures.map((outcome) => foldFailure(outcome, spell(outcome.job), session));
    results.appendBlocks(blocks.map((block) => ({ ...block, outcomes: () => outcomesOf(block, session) })));
    for (const block of blocks) {
      balance?.addDone(block.jobs.length, session.codeFingerprint);
      if (handOut.isWanted) for (const folded of outcomesOf(block, session)) handOut.add(folded);
    }
    for (const folded of failed) balance?.addFailed(folded);
    feed?.take(blocks, failures, session);
    leftovers.removeOf(() => [...blocks.flatMap((block) => outcomesOf(block, session)), ...failed]);
  }
}

/** Read only where somebody asks for it. */
function outcomesOf({ body }: Block, session: JournalSession): readonly FoldedOutcome[] {
  return readBlock(body).map((outcome) => ({ outcome, session }));
}
