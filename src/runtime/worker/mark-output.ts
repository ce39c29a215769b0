import { outputMark } from './messages.ts';

/**
 * Tells in what a job prints whose it is, where that changes: the parent sees only later which jobs are over. What a program
 * prints that a job started stands behind the last mark.
 */
export function markOutput(runningJob: () => number | undefined): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write: (...all: never[]) => boolean = stream.write.bind(stream);
    let markedJob: number | undefined;
    const marking = (...all: never[]): boolean => {
      const job = runningJob();
      if (job !== undefined && job !== markedJob) {
        markedJob = job;
        Reflect.apply(write, stream, [outputMark(job)]);
      }
      return write(...all);
    };
    Object.assign(stream, { write: marking });
  }
}
