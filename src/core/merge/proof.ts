import { hashTexts } from '../hash.ts';
import type { Hex } from '../ids.ts';
import { encodeJson } from '../json.ts';

/** What merge proves of its results: the head of `proof.json`. `results` and the list of ranges: `results-hash.ts`. */
export interface ProofHead {
  readonly version: 1;
  readonly experiment: string;
  readonly experimentDigest: Hex;
  /** Over all jobs in their order: what the indices in the results stand for. */
  readonly poolDigest: Hex;
  readonly seed: string;
  readonly stream: string;
  /** Every job of the pool succeeded, exactly one result of each counts, and all files are there. */
  readonly complete: boolean;
  readonly jobs: {
    readonly total: number;
    readonly done: number;
    readonly failed: number;
    readonly missing: number;
  };
  readonly rows: number;
  /** SHA-256 over identities and result cells. */
  readonly results: Hex;
  readonly layout: ProofLayout;
  /** By whom the results that count were computed. */
  readonly machines: readonly MachineCount[];
  /** Jobs by the code that settled them. */
  readonly codes: Readonly<Record<string, number>>;
  /** Journals by the plan they began with. */
  readonly plans: Readonly<Record<string, number>>;
  readonly checked: Checked;
  /** What was wrong with the journals; their other lines count. */
  readonly problems: readonly string[];
  readonly conflicts: {
    /** What `--on-conflict` said. */
    readonly decidedBy: string | null;
    readonly count: number;
    /** The first of them. */
    readonly jobs: readonly { readonly job: number; readonly machines: readonly string[] }[];
  };
}

/** How `results.csv` is laid out. */
export interface ProofLayout {
  /** How many cells of a line stand before the results. */
  readonly metaCells: number;
  /** Which of them, from 0, is the job's index; null where it is not among them. */
  readonly jobIdCell: number | null;
  readonly header: readonly string[];
}

export interface MachineCount {
  readonly machine: string;
  readonly done: number;
  readonly failed: number;
}

/** How much was looked at. */
export interface Checked {
  readonly journals: number;
  readonly bytes: number;
  /** Outcomes whose lines had the right checksum, whose sequence and whose arguments were held against the pool. */
  readonly outcomes: number;
  /** Jobs that were computed more than once by the same code, with equal results. */
  readonly equalDuplicates: number;
  /** Outcomes that stood in more than one of the journals (copies of the same folder). */
  readonly copies: number;
  /** Successes that other code had with another result; not counted. */
  readonly ofOtherCode: number;
  /** Files of jobs whose SHA-256 was held against the journal. */
  readonly files: number;
  readonly filesBytes: number;
}

/** Ties the head together, so that a change by hand is noticed. It keeps nobody from sealing it anew. */
export function sealProof(head: ProofHead): Hex {
  return hashTexts('job-splitter/proof/v1', encodeJson(head));
}
