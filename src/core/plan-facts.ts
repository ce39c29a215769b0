import type { Section } from './digest.ts';
import type { Hex } from './ids.ts';

/** Everything that must be equal on all machines, as values that can be shown: what `experiment.lock` holds. */
export interface PlanFacts {
  readonly pool: PoolFacts;
  readonly config: ConfigFacts;
  /** In order of their names. */
  readonly machines: readonly MachineFacts[];
  /** The cells of `header.csv`; `null`: the file is empty and the header is generated. */
  readonly header: readonly string[] | null;
  /** The code fingerprint. */
  readonly code: string;
  readonly planDigest: Hex;
}

interface PoolFacts {
  readonly digest: Hex;
  readonly jobs: number;
  /** Arguments of the first and the last job, canonical JSON. */
  readonly first: string;
  readonly last: string;
}

/** What of `runner.config` belongs to the digests: effective values, after environment and flags. */
export interface ConfigFacts {
  readonly order: string;
  readonly random: Section;
  readonly sections: Readonly<Record<string, Section>>;
}

export interface MachineFacts {
  readonly name: string;
  /** Exact: `2.5`. */
  readonly weight: string;
  readonly cores: number;
}
