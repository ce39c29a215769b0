/** What a report takes, in milliseconds: measured 50 + 2 for each thousand jobs, on one core. */
const [fixedMs, msPerJob] = [60, 0.003];
/** It must not be felt: nothing is written that takes more than this part of the time that the session took. */
const partMax = 0.02;

/** Whether a report at the end of a session would be worth its time: `sessionMs` is how long that took. */
export function isReportCheap(settled: number, sessionMs: number): boolean {
  return fixedMs + msPerJob * settled <= partMax * sessionMs;
}
