/**
 * What a job may have turned round in its process, and the next one must find as it was: `Math.random` and the
 * working directory. Returns what puts them back (40 ns).
 */
export function keepWorld(random: () => number): () => void {
  const folder = currentFolder();
  return () => {
    try {
      Math.random = random;
      if (folder !== undefined && currentFolder() !== folder) process.chdir(folder);
    } catch {
      // `Math` is frozen, the folder is gone: the job will see for itself.
    }
  };
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined; // It was removed.
  }
}
