import { formatCount } from '../core/format-count.ts';
import { normaliseMessage } from '../core/report/normalise-failure.ts';
import type { RunEvent } from '../core/run-event.ts';
import { describeEvent } from './describe-event.ts';

/** So many failures of a kind are told one by one, … */
const toldMax = 5;
/** … and so many kinds are told apart. */
const kindsMax = 20;
const nothing: readonly string[] = [];

/** Failures whose messages differ only in numbers and quoted texts. */
interface Kind {
  /** `alike: nothing works` */
  readonly how: string;
  count: number;
}

/** The lines that tell of a run, unescaped: failures that are alike are told a few times, then counted. The log has all of them. */
export class EventLines {
  readonly #retried = new Kinds();
  readonly #failed = new Kinds();

  of(event: RunEvent): readonly string[] {
    switch (event.type) {
      case 'job-retried': {
        const { job, attempt, failure } = event;
        return this.#retried.tell(
          failure.message,
          `job ${job}: attempt ${attempt} failed (${failure.message}); it runs again`,
        );
      }
      case 'jobs-settled':
        if (event.failures.length === 0) return nothing;
        return event.failures.flatMap(({ job, failure }) =>
          this.#failed.tell(failure.message, `job ${job} failed: ${failure.message}`),
        );
      case 'run-ended':
        return [...this.#retried.rest('attempts failed', '`logs`'), ...this.#failed.rest('failed', 'failed.csv')];
      default: {
        const line = describeEvent(event);
        return line === undefined ? nothing : [line];
      }
    }
  }
}

class Kinds {
  readonly #kinds = new Map<string, Kind>();
  readonly #others: Kind = { how: 'in other ways', count: 0 };

  tell(message: string, line: string): readonly string[] {
    const kind = this.#kindOf(message);
    kind.count++;
    if (kind.count > toldMax) return nothing;
    return [kind.count < toldMax ? line : `${line} (more like it are counted, not told)`];
  }

  /** What was not told. */
  *rest(what: string, where: string): Generator<string> {
    for (const { count, how } of [...this.#kinds.values(), this.#others]) {
      if (count > toldMax) yield `and ${formatCount(count - toldMax)} more ${what} ${how}; see ${where}`;
    }
  }

  #kindOf(message: string): Kind {
    const name = normaliseMessage(message);
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    if (this.#kinds.size >= kindsMax) return this.#others;
    const kind = { how: `alike: ${message}`, count: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }
}
