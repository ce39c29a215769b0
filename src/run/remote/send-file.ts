import { setTimeout as wait } from 'node:timers/promises';
import { type Diagnostic, failed, ok, type Result } from '../../core/diagnostic.ts';
import { copyOf, type LocalFile, parseSurvey, type Surveyed } from '../../core/remote/deploy-plan.ts';
import { scriptCodes } from '../../core/remote/remote-scripts.ts';
import { type RemoteMachine, refusal } from './remote-machine.ts';

/** So often in a row may a copy break off without having come further, and so long is waited then. */
const vainTriesMax = 4;
const againMs = 1_000;
/** However far each try comes. */
const triesMax = 100;

/** Looks which of these files are there already. */
export async function surveyFiles(
  machine: RemoteMachine,
  files: readonly LocalFile[],
): Promise<Result<readonly Surveyed[]>> {
  const copies = files.map((file) => copyOf(file, machine.place.name));
  const answer = await machine.ask(machine.scripts.survey(copies));
  if (!answer.ok) return answer;
  if (answer.value.code !== 0) return failed(refusal(machine, 'the folder cannot be made or read', answer.value));
  const found = parseSurvey(answer.value.output, copies);
  if (found !== undefined) return ok(found);
  return failed(refusal(machine, 'it cannot hash files: sha256sum, shasum or openssl is needed there', answer.value));
}

/**
 * Sends a file: under another name, from where an earlier copy broke off, and gives it its name only when its hash is right.
 * A connection that breaks is taken up again as long as each try comes further.
 */
export async function sendFile(
  machine: RemoteMachine,
  file: LocalFile,
  arrivedBytes: number,
  onArrived: (bytes: number) => void,
): Promise<Result<true>> {
  const copy = copyOf(file, machine.place.name);
  let [arrived, best, inVain] = [arrivedBytes, arrivedBytes, 0];
  for (let tries = 0; tries < triesMax; tries++) {
    // Where as much is there already, or more, the hash says what it is worth.
    const isSent = arrived > 0 && arrived >= file.bytes;
    const problem = isSent ? undefined : await sendRest(machine, file, arrived, onArrived);
    if (problem === undefined) {
      const settled = await machine.ask(machine.scripts.settle(copy));
      if (!settled.ok) return settled;
      if (settled.value.code === 0) return ok(true);
      if (settled.value.code !== scriptCodes.otherContent) {
        return failed(refusal(machine, `${file.name} cannot be put in its place`, settled.value));
      }
    } else if (problem !== 'again') return failed(problem);
    const found = await surveyFiles(machine, [file]);
    if (!found.ok) return found;
    const [now] = found.value;
    if (now?.isThere === true) return ok(true);
    arrived = now?.arrivedBytes ?? 0;
    inVain = arrived > best ? 0 : inVain + 1;
    best = Math.max(best, arrived);
    if (inVain >= vainTriesMax) break;
    await wait(againMs);
  }
  return failed({
    severity: 'error',
    message: `${machine.place.host}: ${file.name} does not arrive whole`,
    hint: 'the connection breaks again and again; deploy goes on from where it was',
  });
}

/** `again`: the connection broke, or somebody else has written there. */
async function sendRest(
  machine: RemoteMachine,
  file: LocalFile,
  offset: number,
  onArrived: (bytes: number) => void,
): Promise<Diagnostic | 'again' | undefined> {
  let sent = offset;
  onArrived(sent);
  const onBytes = (bytes: number): void => {
    sent += bytes;
    onArrived(sent);
  };
  const input = { path: file.path, offset, onBytes };
  const end = await machine.try(machine.scripts.append(copyOf(file, machine.place.name), offset), { input });
  if (end.kind !== 'answered' || end.code === scriptCodes.otherSize) return 'again';
  if (end.code !== 0) return refusal(machine, `${file.name} cannot be written`, end);
  return undefined;
}
