import { noBug, type PlantedBug } from './planted-bug.ts';
import { simulate } from './world.ts';

export interface Violation {
  readonly seed: string;
  readonly message: string;
}

/** The first seed of these in which a promise is broken. */
export function findViolation(from: number, to: number, bug: PlantedBug = noBug): Violation | undefined {
  for (let seed = from; seed < to; seed++) {
    const message = tryWorld(String(seed), bug);
    if (message !== undefined) return { seed: String(seed), message };
  }
  return undefined;
}

export function tryWorld(seed: string, bug?: PlantedBug, write?: (line: string) => void): string | undefined {
  try {
    simulate(seed, bug, write);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
