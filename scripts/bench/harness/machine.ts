import { statfsSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { distFolder } from '../../../build/folders.ts';
import { defaultNodeVersion } from '../../../build/versions.ts';
import type { Peer } from '../peers.ts';
import { renderTable } from './table.ts';

/** Machine and versions, as a table. */
export function describeMachine(peers: readonly Peer[], now: Date): string {
  const rows = [
    ['date', now.toISOString().slice(0, 16).replace('T', ' ')],
    ['processor', `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`],
    ['memory', `${Math.round(totalmem() / 1e9)} GB`],
    ['system', `${type()} ${release()}, file system of type 0x${statfsSync(distFolder).type.toString(16)}`],
    ['Node.js', `${process.version.slice(1)}; in the executable ${defaultNodeVersion}`],
    ...peers.map(({ name, version }) => [name, version ?? 'absent']),
  ];
  return renderTable(['', ''], rows);
}
