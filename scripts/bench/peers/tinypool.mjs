import { Tinypool } from 'tinypool';
import { run } from './run.mjs';

const filename = new URL('job.mjs', import.meta.url).href;
const pool = new Tinypool({ filename, minThreads: 2, maxThreads: 2 });
await run((args) => pool.run(args));
await pool.destroy();
