import { RecipeError } from '../build/recipe-error.ts';

/** Runs a task; a mistake of the user's making is one message and exit 2. */
export async function runTask(task: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await task();
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

/** Names between spaces or commas. */
export function externalFromEnvironment(): readonly string[] {
  return process.env.EXTERNAL?.split(/[\s,]+/).filter((name) => name !== '') ?? [];
}

export function entryFromEnvironment(): string {
  const entry = process.env.ENTRY;
  if (entry === undefined || entry === '') throw new RecipeError('Say which file: ENTRY=my_experiment.ts');
  return entry;
}
