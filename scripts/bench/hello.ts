import { appendFileSync } from 'node:fs';
import { defineExperiment } from '../../src/api.ts';

/** As `peers/hello.mjs`: one job, which notes when it began and how much memory its process has. */
const hello: unknown = defineExperiment({
  jobs: [1],
  job() {
    appendFileSync(process.env.NOTES ?? '', `${Date.now()} ${process.memoryUsage().rss}\n`);
  },
});

export default hello;
