/*
 * The least program: what no program of this kind can do without. Two processes beside the main one, batches of some 25 ms,
 * two of them on the way; each row in results.csv with the default columns and in a journal that is synced every 50 ms.
 * Nothing else: no plan, digest, shuffle or resume, no retries, limits, recalls or checks, no board, log or status.
 * CommonJS in one file, without a module of its own: the quickest start that Node.js has.
 * JOBS, BLOCKS as for the peers; KIND: `tuples` (arguments as JSON) or `product` (worked out from the index).
 */
const count = Number(process.env.JOBS);
const blocks = Number(process.env.BLOCKS ?? 0);
const isProduct = process.env.KIND === 'product';
const block = blocks > 0 ? Buffer.alloc(16_384, 1) : undefined;

function jobOf() {
  if (blocks === 0) return isProduct ? (a, b) => [a, b, a + b] : (n, half, name) => [n, half, n + name.length];
  const { createHash } = require('node:crypto');
  return (n, half) => {
    const hash = createHash('sha256');
    for (let at = 0; at < blocks; at++) hash.update(block);
    return [n, half, hash.digest()[0]];
  };
}

function work() {
  const { writeSync } = require('node:fs');
  const job = jobOf();
  const runStart = new Date().toISOString();
  let [lastMs, lastText] = [0, ''];
  const timeText = (ms) => {
    if (ms !== lastMs) [lastMs, lastText] = [ms, new Date(ms).toISOString()];
    return lastText;
  };
  process.on('message', ({ from, to, args }) => {
    let [journal, csv, sum] = ['', '', 0];
    const beganMs = performance.now();
    for (let n = from; n < to; n++) {
      const startedMs = Math.round(performance.timeOrigin + performance.now());
      const started = performance.now();
      const given = isProduct ? [Math.floor(n / 100), n % 100] : args[n - from];
      const row = job(given[0], given[1], given[2]);
      const ranMs = Math.round((performance.now() - started) * 1_000) / 1_000;
      journal += `[${n},${startedMs},${ranMs},[${row[0]},${row[1]},${row[2]}]]\n`;
      csv += `${runStart},${ranMs / 1_000},${timeText(startedMs)},${n},${row[0]},${row[1]},${row[2]}\n`;
      sum += row[2];
    }
    const head = Buffer.alloc(32);
    const [one, two] = [Buffer.from(journal, 'latin1'), Buffer.from(csv, 'latin1')];
    head.writeUInt32LE(one.length, 0);
    head.writeUInt32LE(two.length, 4);
    head.writeUInt32LE(to - from, 8);
    head.writeDoubleLE(performance.now() - beganMs, 16);
    head.writeDoubleLE(sum, 24);
    const answer = Buffer.concat([head, one, two]);
    for (let at = 0; at < answer.length; ) at += writeSync(3, answer, at);
  });
  process.send('ready');
}

async function direct() {
  const { spawn } = require('node:child_process');
  const { openSync, writeSync, fdatasync, fdatasyncSync, closeSync } = require('node:fs');
  const workers = [0, 1].map(() =>
    spawn(process.execPath, [__filename, 'worker'], { stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'] }),
  );
  const jobs = isProduct ? [] : Array.from({ length: count }, (_, n) => [n, n / 2, `s${n % 10}`]);
  const [journal, results] = [openSync('journal', 'a'), openSync('results.csv', 'a')];
  let [next, done, sum, jobMs, isDirty, isSyncing, startedMs] = [0, 0, 0, 0.01, false, false, 0];
  const timer = setInterval(() => {
    if (!isDirty || isSyncing) return;
    [isDirty, isSyncing] = [false, true];
    fdatasync(journal, () => {
      isSyncing = false;
    });
  }, 50);
  const end = () => {
    const spanMs = performance.now() - startedMs;
    clearInterval(timer);
    for (const file of [journal, results]) fdatasyncSync(file);
    for (const file of [journal, results]) closeSync(file);
    process.stdout.write(`${JSON.stringify({ spanMs, jobs: done, sum })}\n`);
    for (const worker of workers) worker.kill('SIGKILL');
  };
  const assign = (worker) => {
    const left = count - next;
    const size = Math.max(1, Math.min(1_024, Math.floor(25 / jobMs), Math.ceil(left / 4)));
    const [from, to] = [next, Math.min(count, next + size)];
    if (from === to) return;
    next = to;
    worker.send(isProduct ? { from, to } : { from, to, args: jobs.slice(from, to) });
  };
  const take = (answer, worker) => {
    const [one, two] = [answer.readUInt32LE(0), answer.readUInt32LE(4)];
    const many = answer.readUInt32LE(8);
    writeSync(journal, answer, 32, one);
    writeSync(results, answer, 32 + one, two);
    isDirty = true;
    done += many;
    jobMs = Math.max(1e-6, answer.readDoubleLE(16) / many);
    sum += answer.readDoubleLE(24);
    assign(worker);
    if (done === count) end();
  };
  for (const worker of workers) {
    let [held, heldBytes, wanted] = [[], 0, 32];
    worker.stdio[3].on('data', (chunk) => {
      held.push(chunk);
      heldBytes += chunk.length;
      while (heldBytes >= wanted) {
        const all = held.length === 1 ? held[0] : Buffer.concat(held);
        wanted = 32 + all.readUInt32LE(0) + all.readUInt32LE(4);
        held = [all];
        if (heldBytes < wanted) break;
        take(all.subarray(0, wanted), worker);
        held = [all.subarray(wanted)];
        heldBytes -= wanted;
        wanted = 32;
      }
    });
    worker.once('message', () => {
      startedMs ||= performance.now();
      assign(worker);
      assign(worker);
    });
  }
}

if (process.argv[2] === 'worker') work();
else void direct();
