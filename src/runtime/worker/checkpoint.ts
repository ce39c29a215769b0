import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeJson, encodeJson } from '../../core/json.ts';
import { findUnstorable } from '../../core/storable.ts';
import type { Checkpoint } from '../../experiment.ts';

/** Keeps a job's state in one file, replaced as a whole. `load` finds what the last finished `save` wrote. */
export function openCheckpoint(path: string): Checkpoint {
  return {
    save: (state) => {
      const bad = findUnstorable(state, 'state');
      if (bad !== undefined)
        throw new TypeError(`checkpoint.save: ${bad.path} is ${bad.what}; only JSON values can be kept`);
      mkdirSync(dirname(path), { recursive: true });
      const draft = `${path}.${process.pid}.new`;
      const file = openSync(draft, 'w');
      try {
        writeSync(file, encodeJson(state));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, path);
    },
    load: () => {
      try {
        return decodeJson(readFileSync(path, 'utf8'));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
