import { ok, type Result } from '../core/diagnostic.ts';
import type { Files } from '../runtime/files.ts';
import { summaryPath } from '../runtime/run-folder.ts';
import type { Concluded, ShareRequest } from './share-request.ts';
import { writeSummary } from './summary.ts';
import { callUserCode, mendHint } from './user-code.ts';

/**
 * Calls `teardown`. Until it has succeeded, `summary.json` says that it is due, and a start that finds this calls it again; so it
 * does where the file cannot be written now.
 */
export async function tearDown(
  { experiment, prepared, onTeardown }: ShareRequest,
  concluded: Concluded,
  files: Files,
): Promise<Result<unknown>> {
  if (experiment.teardown === undefined) return ok(undefined);
  onTeardown?.(concluded);
  const { summary, folder } = concluded;
  const { config } = prepared.resolved;
  const ended = await callUserCode('teardown', () => experiment.teardown?.(summary, config), mendHint('teardown'));
  if (ended.ok) writeSummary(summaryPath(folder), summary, files);
  return ended;
}
