import type { BuildInfo } from '../../build-info.ts';
import { failed, ok, type Result } from '../../core/diagnostic.ts';
import type { StopHow } from '../../core/dispatch/protocol.ts';
import { askProgram } from './ask-program.ts';
import { remoteRunFolder } from './deploy.ts';
import { type RemoteMachine, refusal } from './remote-machine.ts';

/** `stop` may take a minute to be sure. */
const silentMs = 90_000;

/** Stops a run by the program there; returns what that says about it. */
export async function stopRemote(
  machine: RemoteMachine,
  build: BuildInfo,
  experiment: string,
  how: StopHow,
): Promise<Result<string>> {
  const words = ['stop', remoteRunFolder(experiment, machine.place.name), ...(how === 'now' ? ['--now'] : [])];
  const answer = await askProgram(machine, build, words, silentMs);
  if (!answer.ok) return answer;
  if (answer.value === undefined) return ok('Nothing was deployed there.');
  const { code, said } = answer.value;
  // There is no such folder: a usage error of `stop`.
  if (code === 2) return ok('It has not been started.');
  return code === 0 ? ok(said) : failed(refusal(machine, 'it does not stop', answer.value));
}
