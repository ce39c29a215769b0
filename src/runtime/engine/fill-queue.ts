import type { ChunkQueue } from './chunk-queue.ts';

const addedAtOnce = 256;

/** Makes the queue and puts all chunks into it. Any machine can begin this, and any other finish it. */
export async function fillQueue(queue: ChunkQueue, chunkCount: number, leaseMs: number): Promise<void> {
  await queue.prepare(leaseMs);
  const addFrom = async (from: number): Promise<void> => {
    const length = Math.min(addedAtOnce, chunkCount - from);
    await Promise.all(Array.from({ length }, (_, at) => queue.add(from + at)));
  };
  // Machines that come at the same time go on where the others are.
  for (let from = await queue.count(); from < chunkCount; from = Math.max(from + addedAtOnce, await queue.count())) {
    await addFrom(from);
  }
  if ((await queue.count()) >= chunkCount) return;
  // One of them was lost on the way.
  for (let from = 0; from < chunkCount; from += addedAtOnce) await addFrom(from);
}
