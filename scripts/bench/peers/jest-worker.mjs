import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';
import { run } from './run.mjs';

const path = fileURLToPath(new URL('job.mjs', import.meta.url));
const pool = new Worker(path, { numWorkers: 2, enableWorkerThreads: false, exposedMethods: ['job'] });
await run((args) => pool.job(args));
await pool.end();
