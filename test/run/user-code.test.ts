import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ConfigError } from '../../src/config/config.ts';
import { callUserCode } from '../../src/run/user-code.ts';

async function messageOf(call: () => unknown): Promise<string> {
  const called = await callUserCode('setup', call);
  assert.ok(!called.ok);
  return called.diagnostics[0]?.message ?? '';
}

function usersFunction(): never {
  throw new TypeError('went wrong');
}

describe("what the experiment's own functions throw", () => {
  it('is told with the lines of the user, not with those that called them', async () => {
    const later = async (): Promise<void> => {
      await Promise.resolve();
      usersFunction();
    };
    for (const call of [() => usersFunction(), later]) {
      const message = await messageOf(call);
      assert.match(
        message,
        /^setup failed: TypeError: went wrong\n +at usersFunction \(.*user-code\.test\.ts:\d+:\d+\)/,
      );
      assert.doesNotMatch(message, /callUserCode|src\/run/);
    }
  });

  it('may be anything at all', async () => {
    const trap = Object.defineProperty(new Error('x'), 'stack', {
      get: () => {
        throw new Error('trap');
      },
    });
    for (const thrown of [undefined, 'text', Object.create(null), trap, Symbol('s'), { toString: 1 }]) {
      const message = await messageOf(() => {
        throw thrown;
      });
      assert.match(message, /^setup failed: ./);
    }
    const stackless = await messageOf(() => {
      throw Object.assign(new Error('only a message'), { stack: undefined });
    });
    assert.match(stackless, /only a message/);
    const config = await messageOf(() => {
      throw new ConfigError('runner.config:3: no');
    });
    assert.equal(config, 'setup failed: runner.config:3: no');
  });
});
