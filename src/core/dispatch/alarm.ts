/** Later than this after the time asked for, something held up the whole process: suspension, an overloaded machine. */
const toleranceMs = 250;
/** Longest sleep, so that a suspension is noticed when it is over and not only at the next time limit. */
const sleepMaxMs = 10_000;
/** So late is nobody for want of a core: the machine was suspended, which counts each time. */
const suspendedMs = 60_000;
/** How often in a row other lateness counts. */
const excusesMax = 10;

/**
 * When `Dispatch` wants to be told the time again. Notices when that came late: while this process could not run,
 * answers lay unread and jobs may have been suspended too, so that time must not be held against them.
 */
export class Alarm {
  #atMs: number = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  #excusesInARow = 0;

  /**
   * To be called with every event. Returns how much every limit is to be put off, in ms: when within the time since the
   * last event the process was held up is not known. Not for ever in a row, or an endless job would outlive its limit on
   * a machine that is always late.
   */
  excuse(nowMs: number, isTick: boolean): number {
    const [atMs, lastMs] = [this.#atMs, this.#lastMs];
    this.#lastMs = nowMs;
    if (isTick || nowMs >= atMs) this.#atMs = Number.POSITIVE_INFINITY;
    if (nowMs < atMs) return 0;
    const lateMs = nowMs - atMs;
    if (lateMs <= toleranceMs) this.#excusesInARow = 0;
    if (lateMs <= toleranceMs || (lateMs < suspendedMs && this.#excusesInARow >= excusesMax)) return 0;
    this.#excusesInARow++;
    return nowMs - Math.max(lastMs, atMs - sleepMaxMs) + toleranceMs;
  }

  /** What to ask for; nothing where the call that is due already comes early enough. */
  ask(atMs: number, nowMs: number): number | undefined {
    if (atMs === Number.POSITIVE_INFINITY) return undefined;
    const wakeMs = Math.max(nowMs, Math.min(atMs, nowMs + sleepMaxMs));
    if (wakeMs >= this.#atMs) return undefined;
    this.#atMs = wakeMs;
    return wakeMs;
  }
}
