import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { surely } from '../../core/sure-error.ts';
import { userFolder } from './asset-list.ts';

/** Workers are told by the main process, which unpacks. */
const variable = 'JOB_SPLITTER_UNPACKED';

// Kept from the beginning: a job may put something else there.
let folder = process.env[variable];

/** Where the files lie that the executable carries; `undefined`: it carries none. */
export function unpackedFolder(): string | undefined {
  return folder;
}

/** In the main process, before workers are started. */
export function tellUnpacked(place: string | undefined): void {
  folder = place;
  if (place === undefined) delete process.env[variable];
  else process.env[variable] = place;
}

/** What experiments find as `assets`: the folder with what was named by ASSETS=. Throws where there is none. */
export function assetsFolder(): string {
  const place = folder === undefined ? undefined : join(folder, userFolder);
  if (place !== undefined && existsSync(place)) return place;
  throw surely(new Error('no files were packed with this program: build it with make exe … ASSETS="data/ table.csv"'));
}
