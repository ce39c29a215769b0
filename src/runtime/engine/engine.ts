import type { JobIndex } from '../../core/ids.ts';

/** A body of the journal on its way to the server. */
export interface Delivery {
  /** The header of this machine's journal, and the session that the outcomes belong to. */
  readonly headerJson: string;
  readonly sessionJson: string;
  readonly body: Uint8Array;
  readonly jobs: readonly JobIndex[];
  readonly failed: boolean;
  /** What all took together; 0: it is not known. */
  readonly sumMs: number;
}

/** What an engine needs of the run that it feeds. */
export interface EngineRun {
  readonly cores: number;
  isSettledHere(job: JobIndex): boolean;
  /** All that the journal on this machine's disk holds. */
  recorded(): Iterable<Delivery>;
  supply(jobs: readonly JobIndex[]): void;
  /** Takes jobs away that have not begun; returns which. */
  withdraw(jobs: ReadonlySet<JobIndex>): readonly JobIndex[];
  /** Nothing more will come: no job is left anywhere, or the server was waited for in vain. */
  close(): void;
  warn(message: string): void;
  /** Other machines have recorded more. */
  othersSettled(jobs: number, failed: number): void;
}

/** How far a campaign is, everywhere. */
export interface CampaignCounts {
  readonly total: number;
  readonly settled: number;
  readonly failed: number;
}

/** How it stands when this machine leaves. */
export interface EngineEnd extends CampaignCounts {
  /** Why this machine leaves while jobs are left that it could run. */
  readonly why: string | undefined;
}

/** Where jobs come from and outcomes go, instead of this machine's own share. */
export interface Engine {
  /** As it was when this machine joined. */
  readonly counts: CampaignCounts;
  start(run: EngineRun): void;
  /** Outcomes that are on this machine's disk. */
  take(delivery: Delivery): void;
  /** Begins nothing new: gives back what has not begun. */
  stopTaking(): void;
  /** Hands in what is not yet recorded, gives back the rest, and leaves; ends in bounded time. */
  end(): Promise<EngineEnd>;
}
