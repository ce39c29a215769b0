import { fileURLToPath } from 'node:url';
import { FixedThreadPool } from 'poolifier';
import { run } from './run.mjs';

const pool = new FixedThreadPool(2, fileURLToPath(new URL('poolifier-worker.mjs', import.meta.url)));
await run((args) => pool.execute(args));
// `destroy()` may never settle once the threads are gone.
process.exit(0);
