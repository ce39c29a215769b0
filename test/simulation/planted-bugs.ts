import type { Attempts } from '../../src/core/dispatch/attempts.ts';
import { Dispatch } from '../../src/core/dispatch/dispatch.ts';
import type { DispatchPolicy } from '../../src/core/dispatch/policy.ts';
import type { DispatchEffect, DispatchEvent } from '../../src/core/dispatch/protocol.ts';
import { JobQueue } from '../../src/core/dispatch/queue.ts';
import { type WorkerId, workerId } from '../../src/core/ids.ts';
import { type CommitEffect, GroupCommit } from '../../src/core/journal/commit.ts';
import type { Failure } from '../../src/core/outcome.ts';
import type { PlantedBug } from './planted-bug.ts';
import { joinText } from './simulated-sink.ts';

type Effects = readonly DispatchEffect[];

/** Hands some effects on changed, as a dispatcher with a bug would. */
abstract class Changed extends Dispatch {
  protected readonly attempts: Attempts;

  constructor(policy: DispatchPolicy, queue: JobQueue, attempts: Attempts) {
    super(policy, queue, attempts);
    this.attempts = attempts;
  }

  override step(event: DispatchEvent, nowMs: number): Effects {
    return this.change(super.step(event, nowMs), event);
  }

  protected abstract change(effects: Effects, event: DispatchEvent): Effects;

  /** Jobs that should have gone back free of charge are charged. */
  protected charge(effect: Extract<DispatchEffect, { type: 'give-back' }>): Effects {
    const { worker, assignments } = effect;
    const failure: Failure = { cause: 'crash', message: effect.why, stack: '' };
    return assignments.map((assignment) => {
      this.attempts.spend(assignment.job, { cause: 'crash' });
      return { type: 'retry', worker, assignment, failure };
    });
  }
}

class ChargesTheBatch extends Changed {
  protected change(effects: Effects): Effects {
    return effects.flatMap((effect) =>
      effect.type === 'give-back' && effect.assignments.length > 1 && effect.why.startsWith('its worker')
        ? this.charge(effect)
        : [effect],
    );
  }
}

class ChargesTheHeir extends Changed {
  protected change(effects: Effects): Effects {
    return effects.flatMap((effect) =>
      effect.type === 'give-back' && effect.assignments.length === 1 && effect.why.startsWith('its worker')
        ? this.charge(effect)
        : [effect],
    );
  }
}

class StopCharges extends Changed {
  protected change(effects: Effects): Effects {
    return effects.flatMap((effect) =>
      effect.type === 'give-back' && effect.why.startsWith('the run') ? this.charge(effect) : [effect],
    );
  }
}

class NeverWakes extends Changed {
  protected change(effects: Effects): Effects {
    return effects.filter(({ type }) => type !== 'wake');
  }
}

class NeverRecalls extends Changed {
  protected change(effects: Effects): Effects {
    return effects.filter(({ type }) => type !== 'recall');
  }
}

class NeverRecallsInDrain extends Changed {
  #isDraining = false;

  protected change(effects: Effects, event: DispatchEvent): Effects {
    this.#isDraining ||= event.type === 'stop' || effects.some(({ type }) => type === 'stopping');
    return this.#isDraining ? effects.filter(({ type }) => type !== 'recall') : effects;
  }
}

/** Lets what comes back from a recall lie. */
class ForgetsRecalled extends Dispatch {
  override step(event: DispatchEvent, nowMs: number): Effects {
    return super.step(event.type === 'recalled' ? { ...event, assignments: [] } : event, nowMs);
  }
}

/** Takes a recall for answered as soon as it has asked. */
class DoesNotWaitForRecalled extends Dispatch {
  override step(event: DispatchEvent, nowMs: number): Effects {
    const effects = super.step(event, nowMs);
    const asked = effects.flatMap((effect) => (effect.type === 'recall' ? [effect.worker] : []));
    return [...effects, ...asked.flatMap((worker) => super.step({ type: 'recalled', worker, assignments: [] }, nowMs))];
  }
}

class NeverHolds extends Dispatch {
  override step(event: DispatchEvent, nowMs: number): Effects {
    return super.step(event.type === 'hold' ? { type: 'tick' } : event, nowMs);
  }
}

class NeverSendsHome extends Changed {
  protected change(effects: Effects): Effects {
    return effects.filter(({ type }) => type !== 'dismiss' && type !== 'kill');
  }
}

/** Settles blocks that it should not listen to any more. */
class HearsTooMuch extends Changed {
  protected readonly dying: Set<WorkerId> = new Set<WorkerId>();

  protected change(effects: Effects, event: DispatchEvent): Effects {
    for (const effect of effects) if (effect.type === 'kill') this.dying.add(effect.worker);
    if (event.type !== 'succeeded' || !this.isHeard(event.block.worker)) return effects;
    if (effects.some(({ type }) => type === 'settle-block')) return effects;
    return [...effects, { type: 'settle-block', block: event.block }];
  }

  protected isHeard(worker: WorkerId): boolean {
    return this.dying.has(worker);
  }
}

class SettlesTwice extends HearsTooMuch {
  protected override isHeard(worker: WorkerId): boolean {
    return !this.dying.has(worker);
  }
}

/** Takes a worker for dead as soon as it was told to kill it. */
class DoesNotWaitForTheDead extends Dispatch {
  override step(event: DispatchEvent, nowMs: number): Effects {
    const effects = super.step(event, nowMs);
    const killed = effects.flatMap((effect) => (effect.type === 'kill' ? [effect.worker] : []));
    const end = { cause: 'crash', how: 'signal SIGKILL' } as const;
    return [
      ...effects,
      ...killed.flatMap((worker) => super.step({ type: 'worker-ended', worker: workerId(worker), end }, nowMs)),
    ];
  }
}

class LosesReturned extends JobQueue {
  override putBack(): void {
    // Forgotten.
  }
}

class RunsReturnedTwice extends JobQueue {
  override putBack(job: Parameters<JobQueue['putBack']>[0]): void {
    super.putBack(job);
    super.putBack(job);
  }
}

class NeverRetriesDisk extends GroupCommit {
  override failed(why: string, mayPass: boolean, nowMs: number): readonly CommitEffect[] {
    return super.failed(why, mayPass, nowMs).filter(({ type }) => type !== 'wake');
  }
}

/** Ends a run that somebody stopped only when the disk allows it. */
class NeverGivesUp extends GroupCommit {
  override giveUpAt(_atMs: number, nowMs: number): readonly CommitEffect[] {
    return super.giveUpAt(Number.POSITIVE_INFINITY, nowMs);
  }
}

/** Calls it done before it is. */
const tellsTooEarly: PlantedBug = {
  sink: (sink, { clock }) => ({
    flush: (text, positionBytes, done) => {
      clock.after(0.01, () => done({ ok: true, bytes: joinText(text).length }));
      sink.flush(text, positionBytes, () => undefined);
    },
  }),
};

/** A disk whose sync does nothing. */
const diskLies: PlantedBug = {
  sink: (_sink, { clock, disk }) => ({
    flush: (text, positionBytes, done) => {
      disk.write(positionBytes, joinText(text));
      clock.after(5, () => done({ ok: true, bytes: joinText(text).length }));
    },
  }),
};

/** After a failed sync it trusts what the failed try has written, and only syncs again. */
const trustsFailedSync: PlantedBug = {
  sink: (sink, { clock, disk }) => {
    let hasSyncFailed = false;
    return {
      flush: (text, positionBytes, done) => {
        if (hasSyncFailed) {
          hasSyncFailed = false;
          disk.sync();
          clock.after(1, () => done({ ok: true, bytes: joinText(text).length }));
          return;
        }
        sink.flush(text, positionBytes, (result) => {
          hasSyncFailed = !result.ok && result.why === 'input/output error';
          done(result);
        });
      },
    };
  },
};

const withoutUntil = (policy: DispatchPolicy): DispatchPolicy => ({ ...policy, untilMs: undefined });

/** All that the simulation must find. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'the disk lies': diskLies,
  'told before it is durable': tellsTooEarly,
  'trusts what a failed sync wrote': trustsFailedSync,
  'forgets what is settled': { forgetsSettled: true },
  'forgets failed attempts of earlier sessions': { forgetsAttempts: true },
  'kill does nothing': { killsNothing: true },
  'reuses line numbers': { reusesSeq: true },
  'leaves the torn tail': { keepsTornTail: true },
  'opens without a sync': { opensWithoutSync: true },
  'opens without writing the tail anew': { opensWithoutRewrite: true },
  'shares overlap': { overlapsShares: true },
  'a crash is charged to the whole batch': { dispatch: ChargesTheBatch },
  'a crash is charged to whoever ran last': { dispatch: ChargesTheHeir },
  'a stop costs attempts': { dispatch: StopCharges },
  'time limits never strike': { dispatch: NeverWakes },
  'hands out jobs while the disk refuses': { dispatch: NeverHolds },
  'nobody is sent home': { dispatch: NeverSendsHome },
  'hears workers that it has killed': { dispatch: HearsTooMuch },
  'an answer told twice settles twice': { dispatch: SettlesTwice },
  'does not wait until a killed worker is dead': { dispatch: DoesNotWaitForTheDead },
  'loses jobs that come back': { queue: LosesReturned },
  'runs jobs that come back twice': { queue: RunsReturnedTwice },
  'never takes jobs back from a stuck worker': { dispatch: NeverRecalls },
  'a drain takes nothing back': { dispatch: NeverRecallsInDrain },
  'forgets jobs that were taken back': { dispatch: ForgetsRecalled },
  'does not wait until a recall is answered': { dispatch: DoesNotWaitForRecalled },
  'a worker runs what was taken back from it': { keepsRecalled: true },
  'a recall takes back what is running': { recallsBegun: true },
  'never tries a full disk again': { commit: NeverRetriesDisk },
  'waits for a full disk although somebody wants the end': { commit: NeverGivesUp },
  'does not heed until': { policy: withoutUntil },
  'waits for ever for a worker to get ready': {
    policy: (policy) => ({ ...policy, startTimeoutMs: Number.POSITIVE_INFINITY }),
  },
  'one retry too many': { policy: (policy) => ({ ...policy, retries: policy.retries + 1 }) },
  'crash_limit is not heeded': { policy: (policy) => ({ ...policy, crashLimit: 1_000 }) },
};
