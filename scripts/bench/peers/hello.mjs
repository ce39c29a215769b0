// What a user would write with another packager to run one job in a process of its own: starts itself, the child notes
// when its job began and how much memory it has.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

if (process.env.IS_WORKER) {
  appendFileSync(process.env.NOTES, `${Date.now()} ${process.memoryUsage().rss}\n`);
} else {
  spawn(process.execPath, [], { env: { ...process.env, IS_WORKER: '1' }, stdio: 'inherit' });
}
