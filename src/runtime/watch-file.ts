import { stat } from 'node:fs';

/** How soon a change is seen at the latest. */
const pollMs = 1_000;

/** Calls when a file is made or replaced, also on a network drive, until the function that is returned is called. */
export function watchFile(path: string, onChange: () => void): () => void {
  let isOver = false;
  let last: string | undefined;
  const look = (): void => {
    stat(path, (error, found) => {
      if (isOver) return;
      const now = error === null ? `${found.mtimeMs} ${found.size} ${found.ino}` : undefined;
      if (now === last) return;
      last = now;
      if (now !== undefined) onChange();
    });
  };
  look();
  const timer = setInterval(look, pollMs);
  timer.unref();
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}
