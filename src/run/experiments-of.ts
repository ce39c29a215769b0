import { groupAlike, whyOtherExperiment } from '../core/journal/one-experiment.ts';
import type { FolderStatus } from './status.ts';

/** Runs of one experiment, and what they come to together. */
export interface ExperimentStatus {
  readonly experiment: string;
  readonly statuses: readonly [FolderStatus, ...FolderStatus[]];
  readonly jobs: FolderStatus['jobs'];
}

/** Runs told apart by experiment, also those of one name whose seed or settings differ: their jobs are no common whole. */
export function experimentsOf(statuses: readonly FolderStatus[]): readonly ExperimentStatus[] {
  const areAlike = (a: FolderStatus, b: FolderStatus): boolean =>
    a.header === undefined || b.header === undefined
      ? a.experiment === b.experiment
      : whyOtherExperiment(a.header, b.header).length === 0;
  return groupAlike(statuses, areAlike).map((group) => {
    const counted = group.filter((one) => !isToldByOther(one, group));
    return { experiment: group[0].experiment, statuses: group, jobs: sumOf(counted) };
  });
}

export function sumOf(all: readonly Pick<FolderStatus, 'jobs'>[]): FolderStatus['jobs'] {
  const sum = { total: 0, done: 0, failed: 0, retried: 0 };
  for (const { jobs } of all) {
    for (const name of ['total', 'done', 'failed', 'retried'] as const) sum[name] += jobs[name];
  }
  return sum;
}

/** Of a campaign that goes on, one folder tells what all machines have done; the others would count it again. */
function isToldByOther({ folder, isOfCampaign }: FolderStatus, all: readonly FolderStatus[]): boolean {
  if (!isOfCampaign) return false;
  const tellers = all.filter((it) => it.isOfCampaign && it.state === 'running');
  const settled = ({ jobs }: FolderStatus): number => jobs.done + jobs.failed;
  const [most] = tellers.sort((a, b) => settled(b) - settled(a));
  return most !== undefined && most.folder !== folder;
}
