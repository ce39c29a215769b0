/** All time comes from here; the simulator has its own. */
export interface Clock {
  /** Milliseconds since 1970 at the start, from then on by a clock that never goes back. */
  nowMs(): number;
  /** Calls once, at this time or soon after; returns what cancels it. */
  setTimer(atMs: number, call: () => void): () => void;
}

/** Longer waits overflow a JavaScript timer; whoever waits longer is called early and asks again. */
const waitMaxMs = 2 ** 31 - 1;

export function systemClock(): Clock {
  const originMs = Date.now() - performance.now();
  const nowMs = (): number => originMs + performance.now();
  return {
    nowMs,
    setTimer: (atMs, call) => {
      // Node cuts off what is less than a millisecond, and counts from when the event loop looked at the clock last: who is
      // called early has to wake up twice.
      const timer = setTimeout(call, Math.min(waitMaxMs, Math.max(0, Math.ceil(atMs - nowMs()) + 1)));
      return () => clearTimeout(timer);
    },
  };
}
