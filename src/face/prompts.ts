import type { CodeChange } from '../run/resume.ts';
import { loadPainter } from './load-painter.ts';

export interface MachineChoice {
  readonly name: string;
  readonly hint: string;
}

export const allHere = 'N/A';

/** Asks which machine this is; `undefined` when the person leaves with Ctrl-C. */
export async function askMachine(
  choices: readonly MachineChoice[],
  preselected: string | undefined,
): Promise<string | undefined> {
  const initial = Math.max(
    0,
    choices.findIndex(({ name }) => name === preselected),
  );
  return ask<string>({
    // What is typed chooses among the names.
    type: 'autocomplete',
    name: 'answer',
    message: 'Which machine is this?',
    choices: choices.map(({ name, hint }) => ({ name, message: name, hint })),
    initial,
  });
}

export function confirmRun(): Promise<boolean | undefined> {
  return confirm('Start?', true);
}

/** Asks whether to go on although the last session ran other code. */
export function confirmCode({ older, newer }: CodeChange): Promise<boolean | undefined> {
  const message = `Other code: old ${older.slice(0, 16)}, new ${newer.slice(0, 16)}; go on?`;
  return confirm(message, false);
}

/** Asks before something is gone for good. */
export function confirmRemoval(message: string): Promise<boolean | undefined> {
  return confirm(message, false);
}

/** Answered as it is asked: enquirer would show `true`. */
function confirm(message: string, initial: boolean): Promise<boolean | undefined> {
  const format = (answer: boolean): string => (answer ? 'yes' : 'no');
  return ask<boolean>({ type: 'confirm', name: 'answer', message, initial, format });
}

async function ask<Answer>(question: Readonly<Record<string, unknown>>): Promise<Answer | undefined> {
  const { default: enquirer } = await loadPainter(() => import('enquirer'));
  const asked = { ...question, stdout: process.stderr };
  const answered = enquirer
    .prompt<{ answer: Answer }>(asked as unknown as Parameters<typeof enquirer.prompt>[0])
    // enquirer rejects with an empty text on Ctrl-C.
    .then(
      ({ answer }) => answer,
      () => undefined,
    );
  const end = waitForEndOfInput();
  const answer = await Promise.race([answered, end.come]);
  end.forget();
  return answer;
}

/** An answer pauses the input, too, and is there at once. */
const answerMs = 100;

/** Ctrl-D, or the end of what is typed: enquirer would then wait for ever, for nothing. */
function waitForEndOfInput(): { readonly come: Promise<undefined>; readonly forget: () => void } {
  const { stdin } = process;
  let timer: NodeJS.Timeout | undefined;
  let paused = (): void => undefined;
  const come = new Promise<undefined>((resolve) => {
    paused = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        // Not so after Ctrl-Z and `fg`.
        if (stdin.isPaused() || stdin.readableEnded) resolve(undefined);
      }, answerMs);
    };
    stdin.on('pause', paused).on('end', paused);
  });
  const forget = (): void => {
    clearTimeout(timer);
    stdin.off('pause', paused).off('end', paused);
  };
  return { come, forget };
}
