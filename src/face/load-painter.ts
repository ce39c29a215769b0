import { lookOf } from './look.ts';

/** Loads a library that decides about colours for itself when it is loaded, and does not know `NO_COLOR`. */
export async function loadPainter<Library>(load: () => Promise<Library>): Promise<Library> {
  if (lookOf(process.stderr, process.env).hasColour) return load();
  const before = process.env.FORCE_COLOR;
  process.env.FORCE_COLOR = '0';
  try {
    return await load();
  } finally {
    if (before === undefined) delete process.env.FORCE_COLOR;
    else process.env.FORCE_COLOR = before;
  }
}
