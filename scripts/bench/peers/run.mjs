// What all peers of Node have in common: the list of jobs, a warm pool, results in memory, the time between.
const jobs = Array.from({ length: Number(process.env.JOBS) }, (_, n) => [n, n / 2, `s${n % 10}`]);

export async function run(call) {
  await Promise.all(jobs.slice(0, 2).map(call));
  const startedMs = performance.now();
  const results = await Promise.all(jobs.map(call));
  report(performance.now() - startedMs, results);
}

export function report(spanMs, results) {
  const sum = results.reduce((total, result) => total + result[2], 0);
  console.log(JSON.stringify({ spanMs, jobs: results.length, sum }));
}
