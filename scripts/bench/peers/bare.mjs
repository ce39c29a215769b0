// Two bare loops, each over half of the jobs: what the cores can do when nobody hands anything out.
import { fork } from 'node:child_process';
import { job } from './job.mjs';
import { report } from './run.mjs';

const count = Number(process.env.JOBS);

async function direct() {
  const loops = [0, 1].map(() => fork(import.meta.filename));
  const answers = () => Promise.all(loops.map((loop) => new Promise((resolve) => loop.once('message', resolve))));
  await answers();
  const startedMs = performance.now();
  const results = answers();
  for (const [at, loop] of loops.entries()) loop.send([Math.ceil((at * count) / 2), Math.ceil(((at + 1) * count) / 2)]);
  const lists = await results;
  report(performance.now() - startedMs, lists.flat());
}

function work() {
  process.once('message', ([from, to]) => {
    const results = [];
    for (let n = from; n < to; n++) results.push(job([n, n / 2, `s${n % 10}`]));
    process.send(results);
  });
  process.send('ready');
}

if (process.send === undefined) await direct();
else work();
