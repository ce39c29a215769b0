import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { golden } from './compute.ts';

/** Writes the golden files of entries that have none yet: `node test/golden/write.ts`. Never touches one that is there. */
for (const [name, compute] of Object.entries(golden)) {
  const path = join(import.meta.dirname, `${name}.json`);
  if (existsSync(path)) continue;
  writeFileSync(path, `${JSON.stringify(compute(), undefined, 1)}\n`);
  process.stdout.write(`${path} written; look through it before it is committed\n`);
}
