import { describe, expect, it } from '@jest/globals';
import { PushQueue } from './push-queue.ts';

async function drain<Item>(queue: PushQueue<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of queue) items.push(item);
  return items;
}

describe('PushQueue', () => {
  it('yields what was pushed before and while it is read, in order, until it is closed', async () => {
    const queue = new PushQueue<number>();
    queue.push(1);
    queue.push(2);
    const read = drain(queue);
    await Promise.resolve();
    queue.push(3);
    queue.close();
    expect(await read).toEqual([1, 2, 3]);
  });

  it('delivers what was waiting when it was closed, and nothing that comes later', async () => {
    const queue = new PushQueue<number>();
    queue.push(1);
    queue.close();
    queue.push(2);
    expect(queue.length).toBe(1);
    expect(await drain(queue)).toEqual([1]);
  });
});
