import type { BuildInfo } from '../../build-info.ts';
import { ok, type Result } from '../../core/diagnostic.ts';
import { scriptCodes } from '../../core/remote/remote-scripts.ts';
import { deployedPrograms } from './deploy.ts';
import type { Answer, RemoteMachine } from './remote-machine.ts';

/** What the program that was deployed there answers to some words; `undefined`: none was deployed. */
export async function askProgram(
  machine: RemoteMachine,
  build: BuildInfo,
  words: readonly string[],
  silentMs?: number,
): Promise<Result<Answer | undefined>> {
  const script = machine.scripts.call({ programs: deployedPrograms(build, machine.target), words });
  const answer = await machine.ask(script, silentMs === undefined ? {} : { silentMs });
  if (!answer.ok) return answer;
  const isMissing = answer.value.code === scriptCodes.noFolder || answer.value.code === scriptCodes.noProgram;
  return isMissing ? ok(undefined) : answer;
}
