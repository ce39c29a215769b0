import type { BuildInfo } from '../../build-info.ts';
import type { OnConflict } from '../../core/merge/choose.ts';
import type { ProofHead } from '../../core/merge/proof.ts';
import type { AnyExperiment } from '../../experiment.ts';
import type { Prepared } from '../prepare.ts';
import type { Summary } from '../summary.ts';
import type { MissingJobs } from './missing.ts';

export type TableFormat = 'csv' | 'jsonl' | 'sqlite';

export interface MergeRequest {
  readonly experiment: AnyExperiment;
  readonly build: BuildInfo;
  readonly prepared: Prepared;
  /** Run folders, journals, gzipped journals. */
  readonly given: readonly string[];
  readonly formats: readonly TableFormat[];
  readonly onConflict: OnConflict | undefined;
  /** An earlier merge in which no job was missing may be replaced by one in which some are. */
  readonly isPartial?: boolean;
  /** How much is in memory at once, about; for tests. */
  readonly windowBytes?: number;
}

/** How far a campaign is that was not at its end when it was merged. */
export interface OpenCampaignState {
  /** Where it is, without a password. */
  readonly where: string;
  readonly total: number;
  readonly settled: number;
  /** Machines that take part now. */
  readonly atWork: readonly string[];
}

export interface MergeReport {
  readonly folder: string;
  readonly proof: ProofHead;
  readonly summary: Summary;
  readonly missing: readonly MissingJobs[];
  /** Of each machine, how many jobs it has done as well, with the result that counts for another one. */
  readonly equalOf: ReadonlyMap<string, number>;
  /** The missing jobs belong to nobody: machines took theirs from a campaign's queue. */
  readonly isOfCampaign: boolean;
  readonly openCampaigns: readonly OpenCampaignState[];
  /** What was in the folder stays: no job is missing there. This merge was thrown away. */
  readonly keptEarlier: boolean;
  readonly fileProblems: readonly string[];
  /** What is worth knowing and harms nothing. */
  readonly notices: readonly string[];
  /** What `reduce` threw. */
  readonly reduceProblem: string | undefined;
}
