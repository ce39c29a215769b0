import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate as later } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { RunLog } from '../../src/runtime/run-log.ts';
import { emptyFolder } from '../fixtures/executable.ts';
import { until } from '../fixtures/processes.ts';

const settings = {
  fileName: 'run.log',
  level: 'info',
  maxFileSizeBytes: 4_000,
  backupCount: 1,
  perProcess: false,
  perJob: 'no',
} as const;

describe('a log that cannot be rotated', () => {
  for (const autoZip of [false, true]) {
    it(`grows on, loses nothing, and is rotated once it can be (auto_zip ${autoZip})`, async () => {
      const folder = emptyFolder();
      const first = join(folder, autoZip ? 'run.log.1.gz' : 'run.log.1');
      mkdirSync(join(first, 'in the way'), { recursive: true });
      const log = new RunLog(folder, { ...settings, autoZip });
      let written = 0;
      const write = async (count: number): Promise<void> => {
        for (let n = 0; n < count; n++) {
          log.on({ type: 'warning', atMs: 0, message: `line ${written++} ${'x'.repeat(60)}` });
          await later();
        }
      };
      const path = join(folder, 'run.log');
      const linesIn = (text: string): number => text.split('\n').filter(Boolean).length;
      const held = (): number => {
        try {
          return linesIn(readFileSync(path, 'utf8'));
        } catch {
          return 0; // It is being rotated at this moment.
        }
      };
      for (let more = 0; more < 10; more++) {
        await write(10);
        await until('all lines are in the file', () => held() === written);
      }
      assert.deepEqual(readdirSync(folder).sort(), ['run.log', first.slice(folder.length + 1)]);
      rmdirSync(join(first, 'in the way'));
      rmdirSync(first);
      for (let more = 0; !existsSync(first); more++) {
        assert.ok(more < 100, 'never rotated');
        await write(5);
        await until('all lines are in the file', () => held() === written || existsSync(first));
      }
      await write(5);
      await log.close();
      const backups = readdirSync(folder).filter((name) => name !== 'run.log');
      const texts = backups.map((name) => {
        const data = readFileSync(join(folder, name));
        return (autoZip ? gunzipSync(data) : data).toString('utf8');
      });
      const all = [...texts, readFileSync(path, 'utf8')].join('');
      const numbers = [...all.matchAll(/"line (\d+) /g)].map(([, n]) => Number(n)).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        Array.from({ length: written }, (_, n) => n),
      );
    });
  }

  it('a folder that is a file: lines are lost, nothing is thrown', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'logs'), '');
    const log = new RunLog(join(folder, 'logs'), { ...settings, autoZip: false });
    log.on({ type: 'warning', atMs: 0, message: 'lost' });
    await later();
    await log.close();
  });
});
