import type { JobIndex } from '../core/ids.ts';
import type { SpeltJob } from '../core/journal/record.ts';
import type { SettledPart } from '../core/journal/settled.ts';
import { JobLeftovers } from '../runtime/job-leftovers.ts';
import type { Outside } from '../runtime/outside.ts';
import { ResultsFile } from '../runtime/results-file.ts';
import { logsPath } from '../runtime/run-folder.ts';
import { RunLog } from '../runtime/run-log.ts';
import { EngineFeed } from './engine/engine-feed.ts';
import { HandOut } from './hand-out.ts';
import { OutcomeKeeper } from './keep-outcomes.ts';
import { StatusKeeper } from './keep-status.ts';
import { resultsLayoutOf } from './results-layout.ts';
import type { ShareRequest } from './share-request.ts';

/** What a session writes beside its journal, and hands to others. */
export interface SessionParts {
  readonly log: RunLog;
  readonly status: StatusKeeper;
  readonly resultsPath: string;
  readonly results: ResultsFile;
  readonly handOut: HandOut;
  readonly feed: EngineFeed | undefined;
  readonly leftovers: JobLeftovers;
  readonly keeper: OutcomeKeeper;
}

/** What they ask of the session. */
export interface SessionSources {
  readonly journalBytes: () => number;
  readonly retried: () => number;
  /** All that is settled and told, from the journal. */
  readonly recall: () => Iterable<SettledPart>;
  readonly warn: (message: string) => void;
  readonly spell: (job: JobIndex) => SpeltJob;
}

export function openSessionParts(
  request: ShareRequest,
  folder: string,
  outside: Outside,
  { journalBytes, retried, recall, warn, spell }: SessionSources,
): SessionParts {
  const layout = resultsLayoutOf(request, folder);
  const results = new ResultsFile({ ...layout, recall, onTrouble: warn }, outside);
  const handOut = new HandOut(request, warn);
  const feed = request.engine && new EngineFeed(request.engine, request);
  const leftovers = new JobLeftovers(folder);
  return {
    log: new RunLog(logsPath(folder), request.prepared.resolved.settings.logging),
    status: new StatusKeeper(folder, { journalBytes, retried }),
    resultsPath: layout.path,
    ...{ results, handOut, feed, leftovers },
    keeper: new OutcomeKeeper({ results, handOut, feed, leftovers, spell }),
  };
}
