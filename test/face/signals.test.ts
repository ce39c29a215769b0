import assert from 'node:assert/strict';
import { afterEach, it } from 'node:test';
import { createSignals } from '../../src/face/signals.ts';

afterEach(() => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
});

it('a run that goes on with what a rescue brings listens anew: a signal still counts once', () => {
  const heard: string[] = [];
  const signals = createSignals();
  signals.listen((how) => heard.push(`first ${how}`));
  signals.listen((how) => heard.push(`second ${how}`));
  process.emit('SIGINT', 'SIGINT');
  assert.deepEqual([heard, signals.stoppedAtOnce()], [['second drain'], undefined]);
  process.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual([heard, signals.stoppedAtOnce()], [['second drain', 'second now'], 143]);
});

it('a signal between two of them is heard by the second', async () => {
  const heard: string[] = [];
  const signals = createSignals();
  signals.listen((how) => heard.push(`first ${how}`));
  process.emit('SIGINT', 'SIGINT');
  signals.listen((how) => heard.push(`second ${how}`));
  await new Promise(setImmediate);
  assert.deepEqual(heard, ['first drain', 'second drain']);
});
