/** What the program's exit tells a script. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  jobsFailed: 3,
  mismatch: 4,
  stoppedEarly: 5,
  incomplete: 6,
  alreadyRunning: 7,
  interrupted: 130,
  terminated: 143,
} as const;
