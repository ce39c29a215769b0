/** The server does not do what is asked of it: for now (it is away, its disk is full), or because what was there is gone. */
export class ServerTrouble extends Error {
  readonly isLost: boolean;

  constructor(message: string, isLost: boolean) {
    super(message);
    this.isLost = isLost;
  }
}
