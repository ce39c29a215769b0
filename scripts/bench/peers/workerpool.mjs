import { fileURLToPath } from 'node:url';
import workerpool from 'workerpool';
import { run } from './run.mjs';

const pool = workerpool.pool(fileURLToPath(new URL('workerpool-worker.mjs', import.meta.url)), {
  minWorkers: 2,
  maxWorkers: 2,
});
await run((args) => pool.exec('job', [args]));
await pool.terminate();
