/** What a report takes, in milliseconds: measured 50 + 2 for each thousand jobs, on one core. */
const [fixedMs, msPerJob] = [60, 0.003];
/** It must not be felt: nothing is written that takes more than this part of the time that the session took. */
const partMax = 0.02;
/** Where one of an earlier session is there, which says what is no longer so. */
const anewMs = 2_000;

/**
 * Whether a report at the end of a session would be worth its time: `sessionMs` is how long that took; `isThere`: there is one of
 * before.
 */
export function isReportCheap(settled: number, sessionMs: number, isThere: boolean): boolean {
  return fixedMs + msPerJob * settled <= Math.max(partMax * sessionMs, isThere ? anewMs : 0);
}
